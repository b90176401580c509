/** Whoever asks for more has made a mistake, and a mistake must not stall a queue for days. */
const LONGEST_MS = 900_000;

/**
 * What `Retry-After` asks for, in ms: RFC 9110 knows seconds or a date. What is neither counts for nothing.
 * @param now ms since the epoch
 */
export function retryAfterMs(header: string | undefined, now: number): number {
  if (header === undefined) return 0;
  if (/^\s*\d{1,15}\s*$/.test(header)) return Math.min(LONGEST_MS, Number(header) * 1000);
  // Date.parse takes much that is no date: -1 is a year to it.
  const date = /^[A-Z][a-z]{2,8}, /.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.min(LONGEST_MS, Math.max(0, date - now));
}
