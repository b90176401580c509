import { setTimeout as sleep } from 'node:timers/promises';
import type { Histogram } from 'prom-client';
import { afterEach, expect, test } from 'vitest';
import { watchEventLoop } from './event-loop-lag.js';
import { OwnMetrics } from './own-metrics.js';

let end = (): void => {};
afterEach(() => end());

/** How many observations were above a bound of the histogram, in seconds. */
async function above(own: OwnMetrics, bound: number): Promise<number> {
  const histogram: Histogram<'le'> = own.eventLoopLag;
  const { values } = await histogram.get();
  const upTo = (le: number | string) => values.find(({ labels }) => labels.le === le)?.value ?? 0;
  return upTo('+Inf') - upTo(bound);
}

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test('a block of the event loop is seen, and stays to be seen by every scraper', async () => {
  const own = new OwnMetrics({ version: '0', processMetrics: false });
  end = watchEventLoop(own);
  await sleep(30);
  const before = await above(own, 0.25);
  block(400);
  await expect.poll(() => above(own, 0.25)).toBe(before + 1);
  await own.families();
  await own.families();
  expect(await above(own, 0.25)).toBe(before + 1);
});

test('an idle loop is looked at all the same, and not once it was ended', async () => {
  const own = new OwnMetrics({ version: '0', processMetrics: false });
  end = watchEventLoop(own);
  await expect.poll(() => above(own, -1)).toBeGreaterThan(3);
  end();
  const looks = await above(own, -1);
  await sleep(100);
  expect(await above(own, -1)).toBe(looks);
});
