import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { ConfigError } from '../../config/config-error.js';
import { loadAlerts } from './load-alerts.js';
import { OFFICIAL } from './testdata/official.js';

const folder = mkdtempSync(join(tmpdir(), 'alerts-junk-'));
const file = join(folder, 'junk.yml');
afterAll(() => rmSync(folder, { recursive: true }));

const GOOD = readFileSync(new URL('testdata/every-key.yml', import.meta.url), 'utf8');
const SURROUNDINGS = {
  officialTemplates: OFFICIAL,
  monitoring: { default: 'advanced', workspaces: new Map() },
  quotas: [],
  pricing: { models: new Map() },
} as const;

/** Loads, or is refused in so many words, with places. Any other error fails the test. */
function loadsOrRefuses(content: string): 'loads' | 'refused' {
  writeFileSync(file, content);
  try {
    loadAlerts({ ...SURROUNDINGS, file });
    return 'loads';
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    for (const problem of error.problems) {
      expect(problem.file).toBe(file);
      expect(problem.line, problem.found).not.toBeNull();
      expect(`${problem.found} ${problem.allowed} ${problem.hint}`).not.toMatch(/undefined|NaN|\[object/);
    }
    return 'refused';
  }
}

const words = [...new Set(GOOD.match(/[\w-]+/g))];
const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...words,
    '__proto__',
    'constructor',
    '',
    '*',
    '5%',
    '1.5s',
    '$',
    '$x',
    '==',
    null,
    true,
    {},
    [],
  ),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ maxLength: 8 }),
);

/** Every place in the good file where something else could stand. */
function placesIn(tree: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof tree !== 'object' || tree === null) return [path];
  return [path, ...Object.entries(tree).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}
const places = placesIn(parse(GOOD)).filter((path) => path.length > 0);

const mutation = fc.record({
  path: fc.constantFrom(...places),
  how: fc.constantFrom('replace', 'remove', 'rename'),
  value,
});

test('a good file in which some values, keys or entries are others loads or is refused', { timeout: 60_000 }, () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      const tree: unknown = parse(GOOD);
      for (const { path, how, value } of mutations) {
        let inside = tree as Record<string, unknown> | undefined;
        for (const part of path.slice(0, -1)) inside = inside?.[part] as Record<string, unknown> | undefined;
        const last = path.at(-1)!;
        if (typeof inside !== 'object' || inside === null) continue;
        if (how === 'replace') inside[last] = value;
        else if (Array.isArray(inside)) inside.splice(Number(last), 1);
        else {
          if (how === 'rename' && typeof value === 'string' && value !== '__proto__') inside[value] = inside[last];
          delete inside[last];
        }
      }
      seen.add(loadsOrRefuses(stringify(tree)));
    }),
    { numRuns: 400 },
  );
  expect([...seen].toSorted()).toEqual(['loads', 'refused']);
});
