import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../clock.js';

/** For tests: a clock that passes only when somebody sleeps, and then at once. */
export class SkippingClock implements Clock {
  readonly slept: number[] = [];

  constructor(public time: number = Date.parse('2026-01-31T08:00:00Z')) {}

  now(): number {
    return this.time;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    this.slept.push(ms);
    this.time += ms;
    await nextTurn();
  }
}
