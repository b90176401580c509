import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equals, oneOf } from './matchers.js';

test.each([
  ['plain', 'rule="plain"'],
  ['a "b"', String.raw`rule="a \"b\""`],
  ['a\\', String.raw`rule="a\\"`],
  ['a\\"', String.raw`rule="a\\\""`],
  ['a\nb', String.raw`rule="a\nb"`],
  ['a, b="c"', String.raw`rule="a, b=\"c\""`],
])('the value %j is quoted', (value, expected) => {
  expect(equals('rule', value)).toBe(expected);
});

test('a quoted value is read as what it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const quoted = equals('rule', value).slice('rule="'.length, -1);
      // No quote that is not escaped, and no line end.
      expect(quoted).toMatch(/^(?:[^"\\\n]|\\["\\n])*$/);
      expect(quoted.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))).toBe(value);
    }),
  );
});

test('words are an alternative', () => {
  expect(oneOf('level', ['critical', 'error'])).toBe('level=~"critical|error"');
});
