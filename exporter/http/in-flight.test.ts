import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InFlight, Share } from './in-flight.js';

test('bytes are taken up to the limit, and what was refused was not taken', () => {
  const inFlight = new InFlight(100);
  const a = new Share(inFlight);
  const b = new Share(inFlight);
  expect(a.take(60)).toBe(true);
  expect(b.take(41)).toBe(false);
  expect(inFlight.bytes).toBe(60);
  expect(b.take(40)).toBe(true);
  a.release();
  expect(inFlight.bytes).toBe(40);
  a.release();
  expect(inFlight.bytes).toBe(40);
});

test('any order of taking and releasing: never beyond the limit, and 0 in the end', () => {
  const step = fc.tuple(fc.nat({ max: 4 }), fc.option(fc.nat({ max: 70 }), { nil: null }));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const inFlight = new InFlight(100);
      const shares = Array.from({ length: 5 }, () => new Share(inFlight));
      for (const [at, bytes] of steps) {
        if (bytes === null) shares[at]!.release();
        else shares[at]!.take(bytes);
        expect(inFlight.bytes).toBeGreaterThanOrEqual(0);
        expect(inFlight.bytes).toBeLessThanOrEqual(100);
      }
      for (const share of shares) share.release();
      expect(inFlight.bytes).toBe(0);
    }),
  );
});
