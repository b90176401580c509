import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from './config-error.js';
import { type LoadOptions, loadSettings } from './load.js';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(cwd, path)), { recursive: true });
  writeFileSync(join(cwd, path), content);
}

function load(env: Record<string, string> = {}, configFile?: string) {
  return loadSettings({ cwd, env, configFile });
}

function refusal(options: Omit<LoadOptions, 'cwd'> = {}): ConfigError {
  try {
    loadSettings({ env: {}, ...options, cwd });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('not refused');
}

describe('which file', () => {
  test('no file at all: defaults', () => {
    const { settings, configFile, fromEnvironment } = load();
    expect({ configFile, fromEnvironment }).toEqual({ configFile: null, fromEnvironment: [] });
    expect(settings).toMatchObject({
      listen: { host: '127.0.0.1', port: 9490 },
      dataDir: join(cwd, 'data'),
      logLevel: 'info',
      auth: { anonymous: false, tokens: [] },
      limits: { bodyBytes: 32 * 2 ** 20, requestTimeoutMs: 30_000, batchRecords: 10_000 },
      calls: { lateAfterMs: 600_000, apikeyAliases: new Map() },
      monitoring: { default: 'advanced', workspaces: new Map() },
      pricing: { models: new Map() },
      spool: { segmentBytes: 64 * 2 ** 20, duplicateWindowMs: 86_400_000, duplicateWindowEntries: 4_194_304 },
      metrics: { birthHoldMs: 35_000 },
      quotas: [],
    });
    expect(settings.metrics.buckets.durationSeconds).toHaveLength(17);
    expect(settings.metrics.buckets.firstTokenSeconds.at(-1)).toBe(60);
    expect(settings.metrics.buckets.generationPerTokenSeconds).toHaveLength(13);
  });

  test('the one on the command line goes before the variable, the variable before the usual place', () => {
    write('config/model-observation.yml', 'log_level: debug');
    write('by-variable.yml', 'log_level: warn');
    write('by-flag.yml', 'log_level: error');
    const env = { MODEL_OBSERVATION_CONFIG: 'by-variable.yml' };
    expect(load().settings.logLevel).toBe('debug');
    expect(load().configFile).toBe('config/model-observation.yml');
    expect(load(env).settings.logLevel).toBe('warn');
    expect(load(env, 'by-flag.yml').settings.logLevel).toBe('error');
  });

  test('a named file must be there', () => {
    expect(refusal({ configFile: 'gone.yml' }).message).toBe(
      `gone.yml  no such file. It was named by --config and looked for at ${cwd}/gone.yml.`,
    );
    expect(refusal({ env: { MODEL_OBSERVATION_CONFIG: '/gone.yml' } }).message).toBe(
      '/gone.yml  no such file. It was named by MODEL_OBSERVATION_CONFIG and looked for at /gone.yml.',
    );
  });

  test('a folder, a file that is not text and a file far too large are refused', () => {
    write('bytes.yml', new Uint8Array([0x61, 0x3a, 0xff]));
    write('huge.yml', '#'.repeat(5 * 2 ** 20));
    expect(refusal({ configFile: '.' }).message).toBe('.  cannot be read (EISDIR).');
    expect(refusal({ configFile: 'bytes.yml' }).message).toBe('bytes.yml  not a text file in UTF-8.');
    expect(refusal({ configFile: 'huge.yml' }).message).toContain('huge.yml  too large.');
  });

  test.each(['', '# nothing\n', '---\n', 'auth:\nspool:\n  # segment_bytes: 1\nquotas:\n', '\uFEFFlog_level: info\n'])(
    'a file with nothing set is as good as none: %j',
    (content) => {
      write('empty.yml', content);
      expect(load({}, 'empty.yml').settings).toEqual(load().settings);
    },
  );
});

test('every key arrives where it belongs', () => {
  write('secret', 'a-good-token-of-28-characters\n');
  write('password', 'a password\n');
  write('password-less', 'access-token\n');
  write('address', ' https://oapi.dingtalk.com/robot/send?access_token=other \n');
  write(
    'all.yml',
    `listen: "[::]:80"
data_dir: elsewhere
log_level: silent
auth:
  anonymous: true
  tokens:
    - {name: one, scopes: [ingest, read], workspace: shop, token_file: secret}
    - {name: two, scopes: [scrape], token_sha256: ${'AB'.repeat(32)}}
limits: {body_bytes: 1MiB, decompressed_bytes: 3MiB, record_bytes: 2MiB, batch_records: 5, nesting_depth: 6,
  in_flight_bytes: 7340032, request_timeout: 1m30s}
calls: {late_after: 1h, apikey_aliases: {007: james, key-1: "1"}}
spool: {segment_bytes: 8MiB, snapshot_interval: 9s, snapshot_bytes: 10MiB, free_disk_reserve: 0, duplicate_window: 2d,
  duplicate_window_entries: 1200}
metrics: {birth_hold: 500ms, buckets: {duration_seconds: [1], first_token_seconds: [2, 3], generation_per_token_seconds: [4.5]},
  series: {workspace: 1000, total: 2000}, idle_after: 1d}
monitoring: {default: basic, workspaces: {shop: advanced}}
quotas: [{model: m, rpm: 1}, {workspace: w, model: m, tpm: 2}]
loki: {url: "https://loki.example/prefix", tenant: team-a, encoding: json, user: writer, password_file: password, server_name: loki,
  backlog_bytes: 1GiB, backlog_age: 1h, dead_letter_bytes: 2MiB}
logs: {default: 'off', workspaces: {shop: masked}, models: [qwen-plus, qwen3-*], sample_rate: 0.5}
redaction: {detectors: {email: hash}, patterns: [{name: order, pattern: 'ORD-[0-9]+'}], keep_media: true}
notify: {dingtalk: [{name: oncall, access_token_file: password-less, secret_file: secret, language: zh, base_url: "http://127.0.0.1:1/proxy/"},
  {name: other, url_file: address}]}
`,
  );
  expect(load({}, 'all.yml').settings).toEqual({
    listen: { host: '::', port: 80 },
    dataDir: join(cwd, 'elsewhere'),
    logLevel: 'silent',
    auth: {
      anonymous: true,
      tokens: [
        {
          name: 'one',
          scopes: ['ingest', 'read'],
          workspace: 'shop',
          sha256: createHash('sha256').update('a-good-token-of-28-characters').digest('hex'),
        },
        { name: 'two', scopes: ['scrape'], workspace: null, sha256: 'ab'.repeat(32) },
      ],
    },
    limits: {
      bodyBytes: 2 ** 20,
      decompressedBytes: 3 * 2 ** 20,
      recordBytes: 2 * 2 ** 20,
      batchRecords: 5,
      nestingDepth: 6,
      inFlightBytes: 7 * 2 ** 20,
      requestTimeoutMs: 90_000,
    },
    calls: {
      lateAfterMs: 3_600_000,
      apikeyAliases: new Map([
        ['007', 'james'],
        ['key-1', '1'],
      ]),
    },
    pricing: { models: new Map() },
    spool: {
      segmentBytes: 8 * 2 ** 20,
      snapshotIntervalMs: 9000,
      snapshotBytes: 10 * 2 ** 20,
      freeDiskReserveBytes: 0,
      duplicateWindowMs: 172_800_000,
      duplicateWindowEntries: 1200,
    },
    metrics: {
      birthHoldMs: 500,
      buckets: { durationSeconds: [1], firstTokenSeconds: [2, 3], generationPerTokenSeconds: [4.5] },
      series: { workspace: 1000, total: 2000, idleMs: 86_400_000 },
    },
    monitoring: { default: 'basic', workspaces: new Map([['shop', 'advanced']]) },
    quotas: [
      { workspace: '*', model: 'm', rpm: 1, tpm: null },
      { workspace: 'w', model: 'm', rpm: null, tpm: 2 },
    ],
    loki: {
      url: 'https://loki.example/prefix',
      tenant: 'team-a',
      tenantPerWorkspace: false,
      encoding: 'json',
      credentials: { kind: 'basic', user: 'writer', password: 'a password' },
      tls: { servername: 'loki' },
      backlogBytes: 2 ** 30,
      backlogAgeMs: 3_600_000,
      deadLetterBytes: 2 * 2 ** 20,
    },
    logs: {
      default: 'off',
      workspaces: new Map([['shop', 'masked']]),
      models: ['qwen-plus', 'qwen3-*'],
      sampleRate: 0.5,
    },
    redaction: {
      detectors: new Map([['email', 'hash']]),
      patterns: [{ name: 'order', pattern: 'ORD-[0-9]+', action: 'mask' }],
      keepMedia: true,
    },
    notify: {
      robots: new Map([
        [
          'oncall',
          {
            name: 'oncall',
            url: 'http://127.0.0.1:1/proxy/robot/send?access_token=access-token',
            secret: 'a-good-token-of-28-characters',
            language: 'zh',
          },
        ],
        [
          'other',
          {
            name: 'other',
            url: 'https://oapi.dingtalk.com/robot/send?access_token=other',
            secret: null,
            language: 'en',
          },
        ],
      ]),
    },
  });
});

test('mistakes of file, price list and environment come together, the environment last', () => {
  write('config/model-observation.yml', 'log_level: loud\n');
  write('config/pricing.yml', 'currency: euro\n');
  const error = refusal({ env: { MODEL_OBSERVATION_LISTN: 'x' } });
  expect(error.problems.map(({ file, line, column, key }) => [file, line, column, key])).toEqual([
    ['config/model-observation.yml', 1, 12, 'log_level'],
    ['config/pricing.yml', 1, 11, 'currency'],
    ['environment', null, null, 'MODEL_OBSERVATION_LISTN'],
  ]);
});

describe('listening beyond loopback', () => {
  const token = `auth: {tokens: [{name: a, scopes: [ingest], token_sha256: ${'0a'.repeat(32)}}]}\n`;

  test.each([':9490', '0.0.0.0:9490', '"[::]:9490"', '192.168.1.5:9490', 'example.com:9490'])(
    '%s needs tokens, or somebody who means it',
    (listen) => {
      write('a.yml', `listen: ${listen}\n`);
      expect(refusal({ configFile: 'a.yml' }).problems).toMatchObject([{ key: 'listen', line: 1, column: 9 }]);
      write('a.yml', `listen: ${listen}\nauth: {anonymous: true}\n`);
      expect(load({}, 'a.yml').settings.auth.anonymous).toBe(true);
      write('a.yml', `listen: ${listen}\n${token}`);
      expect(load({}, 'a.yml').settings.auth.tokens).toHaveLength(1);
    },
  );

  test('an address from the environment is held to the same', () => {
    const error = refusal({ env: { MODEL_OBSERVATION_LISTEN: ':9490' } });
    expect(error.message).toMatch(/^environment MODEL_OBSERVATION_LISTEN {2}listen: :9490 can be reached/);
  });

  test('a refused token is not told twice over', () => {
    write('a.yml', 'listen: :9490\nauth: {tokens: [{name: a, scopes: [ingest], token_sha256: short}]}\n');
    expect(refusal({ configFile: 'a.yml' }).problems.map(({ key }) => key)).toEqual(['auth.tokens[0].token_sha256']);
  });
});

describe('the price list', () => {
  const prices = 'models: {m: [{from: 2025-01-01, input: 1, output: 2}]}\n';

  test('is looked for beside the configuration file', () => {
    write('etc/a.yml', 'pricing_file: prices/list.yml\n');
    write('etc/prices/list.yml', prices);
    expect([...load({}, 'etc/a.yml').settings.pricing.models.keys()]).toEqual(['m']);
  });

  test('without a configuration file it is looked for where that would be', () => {
    write('config/pricing.yml', prices);
    expect(load().settings.pricing.models.size).toBe(1);
  });

  test('a named one must be there, wherever it was named', () => {
    const error = refusal({ env: { MODEL_OBSERVATION_PRICING_FILE: 'gone.yml' } });
    expect(error.message).toBe(
      'environment MODEL_OBSERVATION_PRICING_FILE  pricing_file: no such file. ' +
        `It was looked for at ${cwd}/config/gone.yml.`,
    );
  });
});

test('the files that ship are good', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const { settings } = loadSettings({ cwd: root, env: {}, configFile: 'config/model-observation.yml' });
  expect(settings.auth.tokens).toEqual([]);
  expect([...settings.pricing.models.keys()]).toEqual([
    'qwen-plus',
    'qwen-max',
    'qwen-flash',
    'qwen3-235b-a22b',
    'gpt-4o',
    'gpt-4o-mini',
    'claude-sonnet-4*',
  ]);
});
