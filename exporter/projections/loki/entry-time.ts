import type { Call } from '../../call/call.js';

/**
 * Loki refuses for good what is more than an hour older than the newest entry of its stream (half of its
 * `max_chunk_age` of two hours). At half of that a call is stamped with its arrival instead.
 */
const MOST_BEFORE_ARRIVAL_MS = 30 * 60_000;

export interface EntryTime {
  readonly timestampNs: bigint;
  /** The entry stands at the arrival of the record, because the moment is too long before it, or seems to be after it. */
  readonly isArrival: boolean;
}

/** When the entry of a call stands in the log: at the call's end, so that streams stay nearly in order. */
export function entryTime(call: Call, arrivalMs: number): EntryTime {
  return momentTime(BigInt(call.time) * 1000n + BigInt(call.durationUs ?? 0), arrivalMs);
}

/** When an entry about a moment stands in the log. */
export function momentTime(momentUs: bigint, arrivalMs: number): EntryTime {
  const arrivalUs = BigInt(arrivalMs) * 1000n;
  // A sender's clock may be ahead, or its time that of the end; Loki refuses what is 10 minutes ahead of its own clock.
  const isArrival = momentUs > arrivalUs || arrivalUs - momentUs > BigInt(MOST_BEFORE_ARRIVAL_MS) * 1000n;
  return { timestampNs: (isArrival ? arrivalUs : momentUs) * 1000n, isArrival };
}
