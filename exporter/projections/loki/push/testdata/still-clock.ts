import type { Clock } from '../clock.js';

/** A clock that moves only when somebody sleeps, at once. */
export class StillClock implements Clock {
  #now = Date.parse('2026-01-31T08:00:00Z');
  /** What was slept, ms. */
  readonly slept: number[] = [];
  onSleep: () => void = () => {};

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    // Others get their turn, as they would.
    await new Promise((resolve) => setImmediate(resolve));
    if (signal.aborted) return;
    this.slept.push(Math.round(ms));
    this.#now += ms;
    this.onSleep();
  }
}
