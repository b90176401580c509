import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configCheck } from './config-check.js';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'config-check-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

async function run(args: string[], env: Record<string, string> = {}) {
  const written = { stdout: '', stderr: '' };
  const out = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
  return { code: await configCheck(args, out, { cwd, env }), ...written };
}

test('a good file: what would be used, exit code 0', async () => {
  mkdirSync(join(cwd, 'config'));
  writeFileSync(
    join(cwd, 'config/model-observation.yml'),
    `listen: "[::]:9490"\nauth: {tokens: [{name: a, scopes: [ingest], token_sha256: ${'0a'.repeat(32)}}]}\n`,
  );
  writeFileSync(join(cwd, 'config/pricing.yml'), 'models: {a: [], b*: []}\n');
  expect(await run([])).toEqual({
    code: 0,
    stdout: `config/model-observation.yml: ok. Listens on [::]:9490, data in ${cwd}/data, 1 token, 2 models priced.\n`,
    stderr: '',
  });
});

test('no file: the defaults, and what the environment sets', async () => {
  expect(await run([], { MODEL_OBSERVATION_LISTEN: 'localhost:1' })).toEqual({
    code: 0,
    stdout:
      `No configuration file, defaults: ok. Listens on localhost:1, data in ${cwd}/data, no tokens, ` +
      'anonymous requests may do everything, no models priced.\nSet by the environment: listen.\n',
    stderr: '',
  });
});

test.each([[['--config', 'a.yml']], [['--config=a.yml']]])(
  'a bad file: every problem, exit code 1 (%j)',
  async (args) => {
    writeFileSync(join(cwd, 'a.yml'), 'spool:\n  segment_size: 1\nlog_level: loud\n');
    expect(await run(args)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'a.yml:2:3  spool.segment_size: unknown key. Did you mean spool.segment_bytes?\n' +
        'a.yml:3:12  log_level: found "loud".\n' +
        '    Allowed: one of debug, info, warn, error, silent.\n\n' +
        '2 problems: nothing would start.\n',
    });
  },
);

test.each([[['--config']], [['--config', '']], [['--confg', 'a']], [['a.yml']]])(
  'wrong usage: exit code 2 (%j)',
  async (args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('usage: model-observation config check [--config FILE]');
  },
);

test('help: exit code 0', async () => {
  expect(await run(['--help'])).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('usage:') });
});
