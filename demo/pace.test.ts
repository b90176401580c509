import { expect, test } from 'vitest';
import { Pace } from './pace.js';

test('the time of the demo goes on with the clock, but stands still through a long wait', () => {
  let clock = 5_000;
  const pace = new Pace(() => clock);
  expect(pace.now).toBe(0);
  clock += 200;
  pace.advance();
  expect(pace.now).toBe(200);
  // The lid was closed for an hour, or the exporter was away.
  clock += 3600_000;
  pace.advance();
  expect(pace.now).toBe(1_200);
  clock += 300;
  pace.advance();
  expect(pace.now).toBe(1_500);
});
