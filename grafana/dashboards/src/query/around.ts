import { byRange } from './hidden-variable.js';
import { LONGEST_RANGES } from './resolution.js';

/** How much time a link from a point of a panel shows, in ms: half before it, half after it. A hidden variable. */
export const AROUND = 'around';

const MINUTE = 60_000;

/**
 * What is drawn at a moment is of the window before it, as it was evaluated up to an interval before: calls of the three minutes before
 * a point of the minute level, of the hour before one of the hour level.
 */
const AROUNDS = [
  { value: String(8 * MINUTE), upTo: LONGEST_RANGES.minute },
  { value: String(16 * MINUTE), upTo: LONGEST_RANGES['5-minute'] },
  { value: String(130 * MINUTE), upTo: LONGEST_RANGES.hour },
] as const;

/** The value of the variable before Prometheus was asked. */
export const FIRST_AROUND = AROUNDS[0].value;

export function aroundQuery(): string {
  return byRange(AROUND, AROUNDS);
}
