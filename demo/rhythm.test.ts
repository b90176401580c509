import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockText, hourAt, type Rhythm, rhythm } from './rhythm.js';
import { LANES } from './workspaces.js';

const HOURS = Array.from({ length: 240 }, (_, index) => index / 10);

function averageOf(day: Rhythm): number {
  return HOURS.reduce((sum, hour) => sum + day(hour), 0) / HOURS.length;
}

function busiestHour(workspace: string): number {
  const day = LANES.find((lane) => lane.workspace === workspace)!.rhythm;
  return HOURS.reduce((best, hour) => (day(hour) > day(best) ? hour : best), 0);
}

const peaks = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 24, noNaN: true }),
    width: fc.double({ min: 0.5, max: 6, noNaN: true }),
    height: fc.double({ min: 0, max: 50, noNaN: true }),
  }),
  { maxLength: 4 },
);

test('whatever its peaks, a day has the average 1, never stands still, and goes over into the next', () => {
  fc.assert(
    fc.property(peaks, (day) => {
      const share = rhythm(day);
      expect(averageOf(share)).toBeCloseTo(1, 1);
      expect(Math.min(...HOURS.map(share))).toBeGreaterThan(0);
      expect(share(24)).toBeCloseTo(share(0), 9);
    }),
  );
});

test('each workspace has its own time of day', () => {
  expect(busiestHour('checkout')).toBeGreaterThan(19);
  expect(busiestHour('support')).toBeGreaterThanOrEqual(9);
  expect(busiestHour('support')).toBeLessThan(12);
  expect(busiestHour('nightly')).toBeLessThan(4);
  expect(busiestHour('playground')).toBeGreaterThan(13);
});

test('a day begins in the morning and passes in its time', () => {
  const day = 900_000;
  expect(hourAt(0, day)).toBe(8.5);
  expect(hourAt(day / 2, day)).toBeCloseTo(20.5);
  expect(hourAt(day, day)).toBeCloseTo(8.5);
  expect(hourAt(day * 0.75, day)).toBeCloseTo(2.5);
  expect(hourAt(-day / 2, day)).toBeCloseTo(20.5);
  expect(clockText(hourAt(0, day))).toBe('08:30');
  expect(clockText(23.999)).toBe('23:59');
});
