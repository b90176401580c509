import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundLabelValue, MAX_LABEL_LENGTH } from './label-value.js';

const text = fc.string({ unit: 'binary', maxLength: 300 });
/** Texts that agree up to somewhere around the cut. */
const long = fc
  .tuple(fc.constantFrom('x', '😀', 'ä', 'ab😀'), fc.nat({ max: 400 }), text)
  .map(([unit, times, rest]) => unit.repeat(times) + rest);

test('a short value stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: MAX_LABEL_LENGTH / 2 }), (value) => {
      expect(boundLabelValue(value)).toBe(value);
    }),
  );
  expect(boundLabelValue('m'.repeat(MAX_LABEL_LENGTH))).toBe('m'.repeat(MAX_LABEL_LENGTH));
  expect(boundLabelValue('')).toBe('');
});

test('any value is bounded and stays text', () => {
  fc.assert(
    fc.property(fc.oneof(text, long), (value) => {
      const bounded = boundLabelValue(value);
      expect(bounded.length).toBeLessThanOrEqual(MAX_LABEL_LENGTH);
      expect(bounded.isWellFormed()).toBe(value.isWellFormed());
      expect(boundLabelValue(value)).toBe(bounded);
    }),
  );
});

test('two values that differ, by one character at the far end too, stay two', () => {
  fc.assert(
    fc.property(long, fc.string({ unit: 'binary', minLength: 1, maxLength: 3 }), (value, more) => {
      expect(boundLabelValue(value + more)).not.toBe(boundLabelValue(value));
    }),
  );
});

test('a cut that would split a character leaves it out', () => {
  const bounded = boundLabelValue(`${'x'.repeat(182)}😀${'x'.repeat(100)}`);
  expect(bounded).toMatch(/^x{182}~[0-9a-f]{16}$/);
});
