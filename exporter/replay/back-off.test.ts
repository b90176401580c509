import { expect, test } from 'vitest';
import { backOff } from './back-off.js';

test('anything up to a bound that doubles, to 15 s', () => {
  const bounds = [0, 1, 2, 3, 6, 7, 100].map((attempt) => backOff(attempt, () => 1));
  expect(bounds).toEqual([200, 400, 800, 1600, 12_800, 15_000, 15_000]);
  expect(backOff(5, () => 0)).toBe(0);
  expect(backOff(2, () => 0.5)).toBe(400);
});
