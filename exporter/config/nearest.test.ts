import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance, nearest } from './nearest.js';

test.each([
  ['', '', 0],
  ['', 'abc', 3],
  ['listen', 'listn', 1],
  ['scope', 'scopes', 1],
  ['inof', 'info', 1],
  ['size', 'bytes', 4],
])('%j to %j is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});

test('a distance is the same both ways, 0 only for equals and never above the longer length', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      const distance = editDistance(a, b);
      expect(editDistance(b, a)).toBe(distance);
      expect(distance === 0).toBe(a === b);
      expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
    }),
  );
});

test('only what is near is suggested, whatever its case', () => {
  expect(nearest('Spool', ['spool', 'pool'])).toBe('spool');
  expect(nearest('maximum', ['spool', 'limits'])).toBeNull();
  expect(nearest('x'.repeat(100_000), ['x'])).toBeNull();
  expect(nearest('rpn', ['tpm', 'rpm'])).toBe('rpm');
});
