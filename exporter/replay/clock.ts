/** Time as the replay sees it; tests bring one that passes no real time. */
export interface Clock {
  /** ms since the epoch, never going back. */
  now(): number;
  /** Waits, or returns early when the signal is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The longest that a timer of Node takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const started = Date.now() - performance.now();

/** The real one. A wall clock that is set meanwhile moves neither the pace nor the time to give up. */
export const systemClock: Clock = {
  now: () => started + performance.now(),
  async sleep(ms, signal) {
    for (let left = ms; left > 0 && !signal.aborted; left -= LONGEST_TIMER_MS) {
      await once(Math.min(left, LONGEST_TIMER_MS), signal);
    }
  },
};

function once(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
