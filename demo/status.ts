import { counted, grouped } from '../exporter/replay/figures.js';
import type { DemoCall } from './call.js';
import type { Incident } from './incidents.js';
import { clockText } from './rhythm.js';

const MILLION = 1e6;

/** What has been sent, for the terminal. */
export class Status {
  #calls = 0;
  #failed = 0;
  #cancelled = 0;
  #tokens = 0;
  #before = { calls: 0, time: 0 };

  sent(calls: readonly DemoCall[]): void {
    for (const { fate, tokens } of calls) {
      this.#calls += 1;
      this.#tokens += tokens;
      if (fate === 'cancelled') this.#cancelled += 1;
      else if (fate !== 'answered') this.#failed += 1;
    }
  }

  /** @param time ms since the demo began */
  line(time: number, hour: number): string {
    const seconds = (time - this.#before.time) / 1000;
    const rate = seconds > 0 ? (this.#calls - this.#before.calls) / seconds : 0;
    this.#before = { calls: this.#calls, time };
    return `${clockText(hour)}  ${this.#counts()}; now ${rate.toFixed(1)} calls/s`;
  }

  summary(time: number): string {
    return `Stopped after ${counted(time / 1000, 'second')}: ${this.#counts()}.`;
  }

  #counts(): string {
    const tokens = this.#tokens >= MILLION ? `${(this.#tokens / MILLION).toFixed(1)} million` : grouped(this.#tokens);
    return `${counted(this.#calls, 'call')} sent, ${tokens} tokens, ${grouped(this.#failed)} failed, ${grouped(this.#cancelled)} cancelled`;
  }
}

/** One line when something begins to go wrong, and one when it is over. */
export function incidentLine({ what, begins, ends }: Incident, change: 'begins' | 'ends', hour: number): string {
  const seconds = Math.round((ends - begins) / 1000);
  const text = change === 'begins' ? `Incident for ${seconds} s: ${what}.` : `Over: ${what}.`;
  return `${clockText(hour)}  ${text}`;
}
