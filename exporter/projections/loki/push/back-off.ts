const FIRST_MS = 500;
const LONGEST_MS = 60_000;
const FIRST_LONG_MS = 10_000;
const LONGEST_LONG_MS = 300_000;

/**
 * How long to wait before sending again: anything up to a bound that doubles, to 60 s ("full jitter"), so that exporters that
 * failed together do not come back together.
 * @param attempt 0 after the first failure
 * @param random from 0 to 1
 */
export function backOff(attempt: number, random: () => number): number {
  return random() * bound(FIRST_MS, LONGEST_MS, attempt);
}

/** For what somebody has to put right: never less than half the bound, which doubles from 10 s to 5 min. */
export function longBackOff(attempt: number, random: () => number): number {
  return (0.5 + random() / 2) * bound(FIRST_LONG_MS, LONGEST_LONG_MS, attempt);
}

function bound(first: number, longest: number, attempt: number): number {
  return Math.min(longest, first * 2 ** Math.min(attempt, 30));
}
