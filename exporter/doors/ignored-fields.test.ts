import { expect, test } from 'vitest';
import { RECORD_FIELDS } from '../call/record.js';
import { IgnoredFields, MAX_IGNORED_LENGTH, MAX_IGNORED_NAMES } from './ignored-fields.js';

function ignored(...records: object[]): string[] | null {
  const fields = new IgnoredFields();
  for (const record of records) fields.see(record);
  return fields.names;
}

test('a record with every known field: none', () => {
  expect(ignored(Object.fromEntries(RECORD_FIELDS.map((field) => [field, 1])), {})).toBeNull();
});

test('names that nobody knows, once each, in the order in which they came', () => {
  expect(ignored({ model: 'm', duration: 1 }, { Model: 'm', duration: 2 }, { '': 0 })).toEqual([
    'duration',
    'Model',
    '',
  ]);
});

test('names that every object inherits are unknown too', () => {
  expect(ignored(JSON.parse('{"__proto__":1,"constructor":2,"toString":3}') as object)).toEqual([
    '__proto__',
    'constructor',
    'toString',
  ]);
});

test('what stands in usage, request or response is for others to know', () => {
  expect(ignored({ usage: { anything: 1 }, request: { duration: 1 }, tags: ['a'] })).toBeNull();
});

test('so many names at most, each cut, and still text', () => {
  const names = Array.from({ length: 100 }, (_, i) => `field_${i}`);
  expect(ignored(Object.fromEntries(names.map((name) => [name, 0])))).toEqual(names.slice(0, MAX_IGNORED_NAMES));
  expect(ignored({ ['x'.repeat(1_000_000)]: 1 })).toEqual(['x'.repeat(MAX_IGNORED_LENGTH)]);
  const [cut] = ignored({ [`${'x'.repeat(MAX_IGNORED_LENGTH - 1)}😀`]: 1 })!;
  expect(cut).toHaveLength(MAX_IGNORED_LENGTH);
  expect(cut!.isWellFormed()).toBe(true);
});
