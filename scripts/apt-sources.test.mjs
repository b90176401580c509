import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { archiveSources } from './apt-sources.mjs';

let etc = '';

beforeEach(() => {
  etc = mkdtempSync(join(tmpdir(), 'apt-sources-'));
});

afterEach(() => {
  rmSync(etc, { recursive: true });
});

/**
 * @param {string} name
 * @param {string} text
 */
function file(name, text) {
  mkdirSync(dirname(join(etc, name)), { recursive: true });
  writeFileSync(join(etc, name), text);
}

describe('archiveSources', () => {
  it("keeps Ubuntu's universe, with its key, and leaves backports, third parties and switched-off sources out", () => {
    file(
      'sources.list.d/ubuntu.sources',
      [
        '# See the manual',
        'Types: deb deb-src',
        'URIs: http://archive.example/ubuntu/',
        'Suites: noble noble-updates noble-backports',
        'Components: main universe restricted',
        'Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
        '',
        'Enabled: no',
        'Types: deb',
        'URIs: http://old.example/ubuntu/',
        'Suites: noble',
        'Components: universe',
      ].join('\n'),
    );
    file('sources.list.d/docker.list', 'deb [arch=amd64] https://docker.example/ubuntu noble stable\n');

    expect(archiveSources(etc, ['noble'], true)).toEqual([
      [
        'types: deb',
        'uris: http://archive.example/ubuntu/',
        'suites: noble noble-updates',
        'components: universe',
        'signed-by: /usr/share/keyrings/ubuntu-archive-keyring.gpg',
      ].join('\n'),
    ]);
  });

  it('reads the one-line form with options, and skips source packages, comments and discs', () => {
    file(
      'sources.list',
      [
        'deb cdrom:[Debian]/ bookworm main',
        '# deb http://off.example/debian bookworm main',
        'deb [arch=amd64,arm64 signed-by=/k.gpg] http://deb.example/debian bookworm main contrib # ours',
        'deb http://deb.example/debian-security bookworm-security main',
        'deb-src http://deb.example/debian bookworm main',
      ].join('\n'),
    );

    expect(archiveSources(etc, ['bookworm'], false)).toEqual([
      'types: deb\nuris: http://deb.example/debian\nsuites: bookworm\ncomponents: main\narchitectures: amd64 arm64\nsigned-by: /k.gpg',
      'types: deb\nuris: http://deb.example/debian-security\nsuites: bookworm-security\ncomponents: main',
    ]);
  });

  it('keeps the lines of a key that stands in the stanza itself', () => {
    const key = ' -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----';
    file(
      'sources.list.d/d.sources',
      `Types: deb\nURIs: http://d.example\nSuites: stable\nComponents: main\nSigned-By:\n${key}\n`,
    );

    expect(archiveSources(etc, ['trixie'], false)[0]).toContain(`signed-by: \n${key}`);
  });

  it('falls back to all sources when none looks like the archive', () => {
    file('sources.list', 'deb http://mirror.example/all ./\n');

    expect(archiveSources(etc, ['bookworm'], false)).toEqual([
      'types: deb\nuris: http://mirror.example/all\nsuites: ./',
    ]);
  });
});
