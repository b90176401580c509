import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adminPassword, findGrafana, grafanaCommand, refuseAnonymous } from './grafana.mjs';

/** @type {string} */
let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'model-observation-find-grafana-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @param {...string} parts */
function program(...parts) {
  const path = join(folder, ...parts);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

/** @param {...string} parts */
function home(...parts) {
  const path = join(folder, ...parts);
  mkdirSync(join(path, 'conf'), { recursive: true });
  writeFileSync(join(path, 'conf', 'defaults.ini'), '');
  return path;
}

describe('the program', () => {
  test('on PATH, unpacked with its home around it', () => {
    home('grafana-12.4.0');
    const command = program('grafana-12.4.0', 'bin', 'grafana');
    const PATH = join(folder, 'grafana-12.4.0', 'bin');
    expect(findGrafana({ PATH })).toEqual({ command, home: join(folder, 'grafana-12.4.0') });
  });

  test('under its older name, with its home in share', () => {
    const command = program('bin', 'grafana-server');
    const share = home('share', 'grafana');
    expect(findGrafana({ PATH: join(folder, 'bin') })).toEqual({ command, home: share });
  });

  test('GRAFANA_BINARY and GRAFANA_HOME go first', () => {
    const named = program('named');
    const elsewhere = home('elsewhere');
    const env = { PATH: folder, GRAFANA_BINARY: named, GRAFANA_HOME: elsewhere };
    expect(findGrafana(env)).toEqual({ command: named, home: elsewhere });
  });

  test('none', () => {
    expect(findGrafana({ PATH: folder })).toBeUndefined();
  });

  test('variables that name something else are said, not passed over', () => {
    expect(() => findGrafana({ GRAFANA_BINARY: join(folder, 'none') })).toThrow('which is no program');
    const env = { GRAFANA_BINARY: program('grafana'), GRAFANA_HOME: folder };
    expect(() => findGrafana(env)).toThrow('no conf/defaults.ini');
  });
});

describe('how it is started', () => {
  const urls = { prometheus: 'http://p', loki: 'http://l', alertmanager: 'http://a' };
  const options = { data: '/data', host: '127.0.0.1', port: 3000, password: 'secret', urls };

  test('on loopback, closed, with what lies in grafana/', () => {
    const { args, env } = grafanaCommand({ command: '/bin/grafana', home: '/home' }, options, {});
    expect(args).toEqual(['server', '--homepath=/home']);
    expect(args.join(' ')).not.toContain('secret');
    expect(env).toMatchObject({
      GF_AUTH_ANONYMOUS_ENABLED: 'false',
      GF_SECURITY_ADMIN_PASSWORD: 'secret',
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      MODEL_OBSERVATION_LOKI_URL: 'http://l',
    });
    expect(existsSync(join(env.GF_PATHS_PROVISIONING ?? '', 'datasources'))).toBe(true);
    expect(existsSync(env.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH ?? '')).toBe(true);
  });

  test("its older name is the server's own", () => {
    const { args } = grafanaCommand({ command: '/bin/grafana-server', home: '/home' }, options, {});
    expect(args).toEqual(['--homepath=/home']);
  });

  test('settings of the caller are kept, but for the address and what it would be nothing without', () => {
    const caller = { GF_LOG_LEVEL: 'debug', GF_SERVER_HTTP_ADDR: '0.0.0.0' };
    const { env } = grafanaCommand({ command: '/bin/grafana', home: '/home' }, options, caller);
    expect(env).toMatchObject({ GF_LOG_LEVEL: 'debug', GF_SERVER_HTTP_ADDR: '127.0.0.1' });
  });
});

describe('the password of admin', () => {
  test('is made once, for a folder, where only its owner reads it', () => {
    const { password, file } = adminPassword(folder, {});
    expect(password).toMatch(/^[\w-]{24}$/);
    expect(file).toBe(join(folder, 'admin-password'));
    expect(readFileSync(file ?? '', 'utf8')).toBe(`${password}\n`);
    expect(statSync(file ?? '').mode & 0o777).toBe(0o600);
    expect(adminPassword(folder, {})).toEqual({ password, file });
  });

  test('is the one that is given, which is written nowhere', () => {
    const env = { GRAFANA_ADMIN_PASSWORD: 'given' };
    expect(adminPassword(folder, env)).toEqual({ password: 'given', file: undefined });
    expect(existsSync(join(folder, 'admin-password'))).toBe(false);
  });

  test('is not told where users are already: it would be wrong', () => {
    writeFileSync(join(folder, 'grafana.db'), '');
    expect(adminPassword(folder, {})).toEqual({ password: expect.stringMatching(/^[\w-]{24}$/), file: undefined });
    expect(existsSync(join(folder, 'admin-password'))).toBe(false);
  });
});

describe('viewing without a password', () => {
  const on = { GF_AUTH_ANONYMOUS_ENABLED: 'true' };

  test('is refused while there is content in the logs, and it says of whom', () => {
    const logs = {
      default: 'metadata',
      workspaces: new Map([
        ['checkout', 'masked'],
        ['search', 'off'],
      ]),
    };
    expect(() => refuseAnonymous(logs, on)).toThrow('(workspace checkout: masked)');
    expect(() => refuseAnonymous({ default: 'full', workspaces: new Map() }, on)).toThrow('(logs.default: full)');
    expect(() => refuseAnonymous(logs, {})).not.toThrow();
  });

  test('is for whoever wants it otherwise', () => {
    expect(() => refuseAnonymous({ default: 'metadata', workspaces: new Map() }, on)).not.toThrow();
  });
});
