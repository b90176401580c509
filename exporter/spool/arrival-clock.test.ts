import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ArrivalClock } from './arrival-clock.js';

function clockAt(wall: number, floor = 0) {
  const time = { wall, monotonic: 500 };
  return {
    time,
    clock: new ArrivalClock(
      floor,
      () => time.wall,
      () => time.monotonic,
    ),
  };
}

test('is the wall clock while that goes forward', () => {
  const { time, clock } = clockAt(1000);
  expect(clock.now()).toBe(1000);
  time.wall = 2500;
  expect(clock.now()).toBe(2500);
});

test('set back: goes on at the pace of the monotonic clock, then follows the wall clock again', () => {
  const { time, clock } = clockAt(10_000);
  clock.now();
  time.wall = 4000;
  expect(clock.now()).toBe(10_000);
  for (const [wall, monotonic, arrival] of [
    [4400, 900.4, 10_400],
    [4400.5, 900.9, 10_400],
    [4401, 901, 10_401],
    [11_000, 7500, 11_000],
    [11_500, 8000, 11_500],
  ] as const) {
    Object.assign(time, { wall, monotonic });
    expect(clock.now()).toBe(arrival);
  }
});

test('set forward: follows at once', () => {
  const { time, clock } = clockAt(10_000);
  clock.now();
  time.wall = 99_000_000;
  expect(clock.now()).toBe(99_000_000);
});

test('fractions of a ms are not lost when asked often', () => {
  const { time, clock } = clockAt(10_000);
  clock.now();
  time.wall = 0;
  for (let i = 0; i < 1000; i += 1) {
    time.monotonic += 0.3;
    clock.now();
  }
  expect(clock.now()).toBeGreaterThanOrEqual(10_299);
  expect(clock.now()).toBeLessThanOrEqual(10_300);
});

test('an arrival that an earlier process handed out is the floor', () => {
  expect(clockAt(1000, 5000).clock.now()).toBe(5000);
  const { clock } = clockAt(1000);
  clock.now();
  clock.raise(7000);
  clock.raise(6000);
  expect(clock.now()).toBe(7000);
});

test('never goes back, whatever the wall clock does, and never runs ahead of both clocks', () => {
  const step = fc.record({
    wall: fc.integer({ min: -100_000, max: 100_000 }),
    monotonic: fc.double({ min: 0, max: 5000, noNaN: true }),
    raise: fc.option(fc.nat(2_000_000)),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { time, clock } = clockAt(1_000_000);
      let last = clock.now();
      let bound = last;
      for (const { wall, monotonic, raise } of steps) {
        time.wall += wall;
        time.monotonic += monotonic;
        bound = Math.max(bound + monotonic + 1, time.wall);
        if (raise !== null) {
          clock.raise(raise);
          bound = Math.max(bound, raise);
        }
        const now = clock.now();
        expect(Number.isInteger(now)).toBe(true);
        expect(now).toBeGreaterThanOrEqual(last);
        expect(now).toBeGreaterThanOrEqual(Math.max(time.wall, raise ?? 0));
        expect(now).toBeLessThanOrEqual(bound);
        last = now;
      }
    }),
  );
});
