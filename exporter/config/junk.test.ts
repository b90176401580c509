import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { CATALOGUE, QUOTA_KEYS, TOKEN_KEYS } from './catalogue.js';
import { ConfigError } from './config-error.js';
import { loadSettings } from './load.js';
import { PRICE_LIST } from './price-list.js';

const folder = mkdtempSync(join(tmpdir(), 'junk-'));
const path = join(folder, 'junk.yml');
afterAll(() => rmSync(folder, { recursive: true }));

/** Loads, or is refused in so many words. Any other error fails the test. */
function loadsOrRefuses(content: string | Uint8Array, env: Record<string, string> = {}): void {
  writeFileSync(path, content);
  try {
    loadSettings({ configFile: path, cwd: folder, env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) expect(problem.found).not.toMatch(/undefined|\[object/);
  }
}

const paths = [...Object.keys(CATALOGUE), ...Object.keys(PRICE_LIST)];
const names = [...paths.flatMap((dotted) => dotted.split('.')), ...Object.keys(TOKEN_KEYS), ...Object.keys(QUOTA_KEYS)];
const name = fc.oneof(
  fc.constantFrom(...names, '__proto__', 'constructor', '<<', 'toString'),
  fc.string({ unit: 'binary' }),
);
const leaf = fc.oneof(
  fc.constantFrom('35s', '64MiB', '127.0.0.1:9490', ':1', 'ingest', '.', '/', 'a\0b', '2025-01-01', '*', true, null),
  fc.double(),
  fc.integer(),
  fc.string({ unit: 'binary' }),
);
const { junk } = fc.letrec<{ junk: unknown }>((tie) => ({
  junk: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('junk'), { maxLength: 4 }),
    fc.dictionary(name, tie('junk'), { maxKeys: 6 }),
  ),
}));
/** Real keys with any value at all reach further in than wholly random names. */
const nearlyConfig = fc.dictionary(fc.constantFrom(...paths), junk, { maxKeys: 8 }).map((flat) => {
  const nested: Record<string, unknown> = {};
  for (const [dotted, value] of Object.entries(flat)) {
    const parts = dotted.split('.');
    let inside = nested;
    for (const part of parts.slice(0, -1)) {
      inside[part] ??= {};
      inside = inside[part] as Record<string, unknown>;
    }
    inside[parts.at(-1)!] = value;
  }
  return nested;
});

test('any value that YAML can write loads or is refused', () => {
  fc.assert(
    fc.property(fc.oneof(junk, nearlyConfig), (value) => {
      loadsOrRefuses(stringify(value) ?? '');
    }),
    { numRuns: 600 },
  );
});

test('any text and any bytes load or are refused', () => {
  const indicators = [...'[]{}:,-?&*!|>%@`"\'# \n\t', 'a', '1', 'listen', 'spool', '---', '...', '<<'];
  const nearlyYaml = fc.string({ unit: fc.constantFrom(...indicators), maxLength: 60 });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearlyYaml, fc.uint8Array()), (content) => {
      loadsOrRefuses(content);
    }),
    { numRuns: 1500 },
  );
});

test('any environment loads or is refused', () => {
  const variable = fc.oneof(fc.constantFrom(...paths.map((dotted) => dotted.replaceAll('.', '_'))), fc.string());
  fc.assert(
    fc.property(fc.dictionary(variable, fc.oneof(leaf.map(String), fc.string())), (flat) => {
      const entries = Object.entries(flat).map(([key, value]) => [`MODEL_OBSERVATION_${key.toUpperCase()}`, value]);
      const env: Record<string, string> = Object.fromEntries(entries);
      delete env.MODEL_OBSERVATION_CONFIG;
      loadsOrRefuses('', env);
    }),
  );
});

test.each(['[', '- ', '? ', '{a: ', '- ? '])('a file that nests %j very deeply is refused', (opening) => {
  writeFileSync(path, opening.repeat(50_000));
  expect(() => loadSettings({ configFile: path, cwd: folder, env: {} })).toThrow(/nested deeper than 64 levels/);
});
