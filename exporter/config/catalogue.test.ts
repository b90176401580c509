import { expect, test } from 'vitest';
import { CATALOGUE } from './catalogue.js';
import { defaultOf } from './entry.js';
import { CONFIG_VARIABLE, isServiceLink, variableOf } from './environment.js';
import type { Fields } from './kind.js';
import { PRICE_LIST } from './price-list.js';

const KEYS: Fields = { ...CATALOGUE, ...PRICE_LIST };

function everyKey(fields: Fields): [string, Fields[string]][] {
  return Object.entries(fields).flatMap(([path, field]): [string, Fields[string]][] => [
    [path, field],
    ...everyKey(field.kind.fields ?? {}).map(([inner, inside]): [string, Fields[string]] => [
      `${path}[].${inner}`,
      inside,
    ]),
  ]);
}

test('every default is among the allowed values of its key', () => {
  for (const [path, field] of everyKey(KEYS)) {
    if (field.presence === 'default') expect(() => defaultOf(field, path), path).not.toThrow();
  }
});

test('every key is in snake case and is described in a sentence', () => {
  for (const [path, field] of everyKey(KEYS)) {
    expect(path).toMatch(/^[a-z0-9_]+((\[\])?\.[a-z0-9_]+)*$/);
    expect(field.description, path).toMatch(/^[A-Z][^\n]*\.$/);
    expect(field.kind.allowed, path).not.toMatch(/\.$/);
  }
});

test('no two keys share an environment variable, and none is taken for something else', () => {
  const variables = Object.keys(CATALOGUE).map(variableOf);
  expect(new Set(variables).size).toBe(variables.length);
  expect(variables).not.toContain(CONFIG_VARIABLE);
  expect(variables.filter(isServiceLink)).toEqual([]);
  expect(variableOf('spool.segment_bytes')).toBe('MODEL_OBSERVATION_SPOOL_SEGMENT_BYTES');
});
