import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './config-error.js';
import { loadSettings } from './load.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'loki-settings-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

function load(yaml: string) {
  writeFileSync(join(cwd, 'c.yml'), yaml);
  return loadSettings({ env: {}, cwd, configFile: 'c.yml' }).settings;
}

function refusal(yaml: string): string {
  try {
    load(yaml);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('not refused');
}

describe('Loki', () => {
  it('is not there without an address', () => {
    expect(load('log_level: info').loki).toBeNull();
  });

  it('gets its address from the environment too', () => {
    const env = { MODEL_OBSERVATION_LOKI_URL: 'http://loki:3100' };
    expect(loadSettings({ env, cwd }).settings.loki).toMatchObject({
      url: 'http://loki:3100/',
      credentials: { kind: 'none' },
    });
  });

  it('reads token and certificates from files beside the configuration', () => {
    for (const [name, text] of Object.entries({ token: 'abc-def\n', ca: 'CA', cert: 'CERT', key: 'KEY' })) {
      writeFileSync(join(cwd, name), text);
    }
    const { loki } = load(
      'loki: {url: "https://l", token_file: token, ca_file: ca, cert_file: cert, key_file: key, tenant_per_workspace: true}',
    );
    expect(loki).toMatchObject({
      credentials: { kind: 'bearer', token: 'abc-def' },
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
      tenantPerWorkspace: true,
    });
  });

  it.each([
    ['loki: {url: "ftp://l"}', /loki\.url.*not shown|found.*\n.*Allowed: an address/s],
    ['loki: {url: "http://me:pass@l"}', /loki\.user and loki\.password_file/],
    ['loki: {tenant: x}', /loki\.tenant: set without loki\.url/],
    ['loki: {url: "http://l", tenant: "a/b"}', /loki\.tenant/],
    ['loki: {url: "http://l", tenant: a, tenant_per_workspace: true}', /beside loki\.tenant_per_workspace/],
    ['loki: {url: "http://l", user: a}', /set without loki\.password_file/],
    ['loki: {url: "http://l", cert_file: c}', /set without loki\.key_file/],
    ['loki: {url: "http://l", token_file: s3cret}', /cannot be read \(ENOENT\)/],
    ['logs: {default: everything}', /one of off, metadata, masked, full/],
    ['logs: {sample_rate: 2}', /a number from 0 to 1/],
    ['redaction: {detectors: {mail: mask}}', /no such detector/],
    ["redaction: {patterns: [{name: a, pattern: '('}]}", /redaction\.patterns\[0\]/],
    ["redaction: {patterns: [{name: a, pattern: '(?=b)'}]}", /redaction\.patterns\[0\]/],
    ['redaction: {patterns: [{name: a, pattern: b}, {name: a, pattern: c}]}', /taken/],
  ])('refuses %s', (yaml, said) => {
    const message = refusal(yaml);
    expect(message).toMatch(said);
    expect(message).not.toMatch(/pass@|s3cret/);
  });
});
