import { expect, test } from 'vitest';
import { backOff, longBackOff } from './back-off.js';

test('anything up to a bound that doubles, to 60 s', () => {
  const bounds = [0, 1, 2, 6, 7, 1000].map((attempt) => backOff(attempt, () => 1));
  expect(bounds).toEqual([500, 1000, 2000, 32_000, 60_000, 60_000]);
  expect(backOff(5, () => 0)).toBe(0);
});

test('for what somebody has to put right: from half to all of 10 s, doubling to 5 min', () => {
  expect([0, 1, 5, 1000].map((attempt) => longBackOff(attempt, () => 1))).toEqual([10_000, 20_000, 300_000, 300_000]);
  expect(longBackOff(0, () => 0)).toBe(5000);
});
