import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDuration, formatSize, parseDuration, parseSize } from './quantities.js';

const whole = fc.oneof(fc.maxSafeNat(), fc.nat(), fc.nat(10_000));

test('a duration written is read back the same', () => {
  fc.assert(fc.property(whole, (ms) => parseDuration(formatDuration(ms)) === ms));
});

test('a size written is read back the same', () => {
  fc.assert(fc.property(whole, (bytes) => parseSize(formatSize(bytes)) === bytes));
});

test.each([
  ['500ms', 500],
  ['35s', 35_000],
  ['10m', 600_000],
  ['24h', 86_400_000],
  ['7d', 604_800_000],
  ['1h30m', 5_400_000],
  ['1m500ms', 60_500],
  ['0s', 0],
])('%s is a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(['', '35', 's', '35 s', '1.5h', '-1s', '30m1h', '1s1s', '35S', '99999999999999d', '1w'])(
  '%j is no duration',
  (text) => expect(parseDuration(text)).toBeNull(),
);

test.each([
  ['64MiB', 67_108_864],
  ['256KiB', 262_144],
  ['2GiB', 2_147_483_648],
  ['1TiB', 1_099_511_627_776],
  ['1048576', 1_048_576],
  ['12B', 12],
  ['0', 0],
])('%s is a size', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each(['', 'MiB', '64MB', '64 MiB', '1.5MiB', '-1', '1e6', '0x10', '64mib', '9999999999999999TiB'])(
  '%j is no size',
  (text) => expect(parseSize(text)).toBeNull(),
);

test('the largest unit that divides is used', () => {
  expect([0, 90_000, 600_000, 1500, 86_400_000].map(formatDuration)).toEqual(['0s', '90s', '10m', '1500ms', '1d']);
  expect([0, 1536, 2048, 67_108_864].map(formatSize)).toEqual(['0B', '1536B', '2KiB', '64MiB']);
});
