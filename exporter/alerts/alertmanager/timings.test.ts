import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALERT_LEVELS } from '../model/levels.js';
import { scheduleOf } from './testdata/alerts.js';
import { durationText, repeating, type Timings, timingsOf } from './timings.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  ['critical', '10s', '1m', '59m30s'],
  ['error', '30s', '5m', '3h57m30s'],
  ['warning', '1m', '5m', '11h57m30s'],
  ['normal', '10m', '12h', '18h'],
] as const)('%s waits %s, looks every %s', (level, group_wait, group_interval, repeat_interval) => {
  expect(timingsOf(level, null, null)).toEqual({ group_wait, group_interval, repeat_interval });
});

test.each([
  ['critical', HOUR],
  ['error', 4 * HOUR],
  ['warning', 12 * HOUR],
  ['normal', 24 * HOUR],
] as const)('%s is repeated after %i ms', (level, expected) => {
  expect(firstRepeat(timingsOf(level, null, null))).toBe(expected);
});

test('a silence period is kept to the moment, whatever the level', () => {
  fc.assert(
    fc.property(fc.constantFrom(...ALERT_LEVELS), fc.integer({ min: 1, max: 7 * 24 * 60 }), (level, minutes) => {
      const timings = timingsOf(level, minutes * MINUTE, null);
      expect(Math.abs(firstRepeat(timings) - minutes * MINUTE)).toBeLessThan(10_000);
      expect(milliseconds(timings.repeat_interval)).toBeGreaterThanOrEqual(milliseconds(timings.group_interval));
    }),
  );
});

test('the Watchdog is sent once a minute', () => {
  expect(repeating(MINUTE, MINUTE / 2)).toEqual({ group_wait: '0s', group_interval: '30s', repeat_interval: '45s' });
});

describe('on a schedule', () => {
  test('a digest looks often enough to find it', () => {
    expect(timingsOf('normal', null, scheduleOf({})).group_interval).toBe('1h');
  });

  test('of minutes, twice while it lasts', () => {
    const schedule = scheduleOf({
      hours: [
        { from: 0, to: 720 },
        { from: 1435, to: 5 },
      ],
    });
    for (const level of ALERT_LEVELS) {
      expect(milliseconds(timingsOf(level, null, schedule).group_interval)).toBeLessThanOrEqual(5 * MINUTE);
    }
  });

  test('all day, is no shorter than an hour', () => {
    expect(timingsOf('normal', null, scheduleOf({ hours: [{ from: 0, to: 0 }] })).group_interval).toBe('1h');
  });
});

test.each([
  [0, '0s'],
  [500, '500ms'],
  [90_000, '1m30s'],
  [26 * HOUR, '26h'],
])('%i ms are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

/** As Alertmanager does it: it looks each group interval, a bit late, at what it noted a bit after it had sent. */
function firstRepeat({ group_interval, repeat_interval }: Timings): number {
  const interval = milliseconds(group_interval);
  const notedAt = 100;
  for (let look = 1; ; look++) {
    const now = look * interval + 10;
    if (notedAt < now - milliseconds(repeat_interval)) return Math.round(look * interval);
  }
}

function milliseconds(text: string): number {
  const units: Readonly<Record<string, number>> = { h: HOUR, m: MINUTE, s: 1000, ms: 1 };
  return [...text.matchAll(/(\d+)(ms|h|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
    0,
  );
}

describe('what ended and began again outside a schedule', () => {
  test.each(['warning', 'error', 'critical'] as const)('is told within an hour of its beginning: %s', (level) => {
    expect(milliseconds(timingsOf(level, null, scheduleOf({})).repeat_interval)).toBeLessThanOrEqual(60 * MINUTE);
  });

  test('waits as long as the rule wants', () => {
    expect(milliseconds(timingsOf('warning', 240 * MINUTE, scheduleOf({})).repeat_interval)).toBeGreaterThan(
      180 * MINUTE,
    );
  });
});
