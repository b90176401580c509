/** Time as the client sees it; tests bring one that passes no real time. */
export interface Clock {
  /** ms since the epoch, never going back. */
  now(): number;
  /** Waits, or returns early when the signal is aborted; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

const started = Date.now() - performance.now();

/** The real one. A wall clock that is set meanwhile moves nothing. */
export const systemClock: Clock = {
  now: () => started + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    }),
};
