import type { OwnMetrics } from './own-metrics.js';

/** A block as long as this is always seen, one of a quarter of it every fourth time. */
const EVERY_MS = 20;

/** Observes from now on how late a timer runs, without keeping the process alive. @returns what ends it */
export function watchEventLoop(own: OwnMetrics): () => void {
  let asked = performance.now() + EVERY_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    // A timer may also run a fraction of a millisecond early.
    own.eventLoopLag.observe(Math.max(0, now - asked) / 1000);
    asked = now + EVERY_MS;
  }, EVERY_MS).unref();
  return () => clearInterval(timer);
}
