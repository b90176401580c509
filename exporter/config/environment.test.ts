import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError } from './config-error.js';
import { loadSettings } from './load.js';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'environment-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function load(env: Record<string, string>) {
  return loadSettings({ cwd, env });
}

function refusal(env: Record<string, string>): ConfigError {
  try {
    load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('not refused');
}

test('goes over the file, kind by kind', () => {
  mkdirSync(join(cwd, 'config'));
  writeFileSync(join(cwd, 'config/model-observation.yml'), 'listen: 127.0.0.1:1\nspool: {segment_bytes: 1MiB}\n');
  const { settings, fromEnvironment } = load({
    MODEL_OBSERVATION_LISTEN: ':0',
    MODEL_OBSERVATION_AUTH_ANONYMOUS: 'true',
    MODEL_OBSERVATION_SPOOL_SEGMENT_BYTES: '131072',
    MODEL_OBSERVATION_LIMITS_BATCH_RECORDS: '7',
    MODEL_OBSERVATION_METRICS_BIRTH_HOLD: '0s',
    MODEL_OBSERVATION_DATA_DIR: '2025',
  });
  expect(settings.listen).toEqual({ host: '', port: 0 });
  expect(settings.auth.anonymous).toBe(true);
  expect(settings.spool.segmentBytes).toBe(131_072);
  expect(settings.limits.batchRecords).toBe(7);
  expect(settings.metrics.birthHoldMs).toBe(0);
  expect(settings.dataDir).toBe(join(cwd, '2025'));
  expect(fromEnvironment).toHaveLength(6);
});

test('an empty variable is not set', () => {
  expect(load({ MODEL_OBSERVATION_LISTEN: '', MODEL_OBSERVATION_CONFIG: '' }).settings.listen.port).toBe(9490);
});

test('a bad value names its variable', () => {
  expect(refusal({ MODEL_OBSERVATION_AUTH_ANONYMOUS: 'yes' }).message).toBe(
    'environment MODEL_OBSERVATION_AUTH_ANONYMOUS  auth.anonymous: found "yes".\n    Allowed: true or false.',
  );
});

test('a misspelt variable is refused with the nearest, and without its value', () => {
  const env = { MODEL_OBSERVATION_LISTN: 'a-value', MODEL_OBSERVATION_TOKEN: 'a-secret' };
  expect(refusal(env).message).toBe(
    'environment  MODEL_OBSERVATION_LISTN: unknown variable. Did you mean MODEL_OBSERVATION_LISTEN?\n' +
      'environment  MODEL_OBSERVATION_TOKEN: unknown variable. Set such a key in the configuration file.',
  );
});

test('what Kubernetes sets for a service of our name is passed over', () => {
  const env = {
    MODEL_OBSERVATION_PORT: 'tcp://10.0.0.1:9490',
    MODEL_OBSERVATION_PORT_9490_TCP: 'tcp://10.0.0.1:9490',
    MODEL_OBSERVATION_PORT_9490_TCP_PROTO: 'tcp',
    MODEL_OBSERVATION_SERVICE_HOST: '10.0.0.1',
    MODEL_OBSERVATION_SERVICE_PORT_HTTP: '9490',
    MODEL_OBSERVATION_HEADLESS_SERVICE_HOST: '10.0.0.2',
    MODEL_OBSERVATION_HEADLESS_PORT_9490_TCP_ADDR: '10.0.0.2',
  };
  expect(load(env).fromEnvironment).toEqual([]);
});
