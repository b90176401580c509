const FIRST_MS = 200;
const LONGEST_MS = 15_000;

/**
 * How long to wait before sending again: anything up to a bound that doubles ("full jitter"), so that requests
 * that failed together do not come back together.
 * @param attempt 0 after the first failure
 * @param random from 0 to 1
 */
export function backOff(attempt: number, random: () => number): number {
  return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
}
