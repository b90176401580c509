import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { microsText, moneyText, numberText } from './number-text.js';

describe('numbers as text', () => {
  it.each([
    [0, '0'],
    [1, '0.000001'],
    [10, '0.00001'],
    [1_000_000, '1'],
    [1_234_567, '1.234567'],
    [999_999_999_999_999, '999999999.999999'],
    [1_700_000_001_500_000, '1700000001.5'],
    [9_007_199_254_740_991, '9007199254.740991'],
  ])('writes %d µs as %s s', (micros, text) => {
    expect(microsText(micros)).toBe(text);
  });

  it('writes whole µs as exact decimals, and Prometheus reads the nearest double', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.nat(5_000_000)), (micros) => {
        const digits = String(micros).padStart(7, '0');
        const exact = `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, '');
        expect(microsText(micros)).toBe(exact);
        expect(Number(exact)).toBe(micros / 1e6);
      }),
    );
  });

  it.each([
    [0, 0, '0'],
    [0, 1, '0.000000001'],
    [12, 500_000_000, '12.5'],
    [9_007_199_254_740_991, 999_999_999, '9007199254740991.999999999'],
  ])('writes %d units and %d billionths as %s', (units, billionths, text) => {
    expect(moneyText(units, billionths)).toBe(text);
  });

  it.each([
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
    [5.11e-7, '5.11e-7'],
    [1e21, '1e+21'],
    [42, '42'],
  ])('writes %d as %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });
});
