import { createHash } from 'node:crypto';

/** Stands for the values that were folded into one to keep the number of series bounded; no record may bring it. */
export const OVERFLOW = '__overflow__';

/** Longest label value, in UTF-16 units: every name in use is shorter, and a scrape stays of bounded size. */
export const MAX_LABEL_LENGTH = 200;
const HASH_LENGTH = 16;

/**
 * Bounds a label value. A longer one is cut and gets a hash of the whole, so that two values that differ
 * stay two series.
 */
export function boundLabelValue(value: string): string {
  if (value.length <= MAX_LABEL_LENGTH) return value;
  const kept = value.slice(0, MAX_LABEL_LENGTH - HASH_LENGTH - 1);
  const hash = createHash('sha256').update(value).digest('hex').slice(0, HASH_LENGTH);
  // A surrogate pair cut in two would not be text.
  return `${kept.isWellFormed() ? kept : kept.slice(0, -1)}~${hash}`;
}
