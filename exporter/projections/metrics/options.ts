import type { SeriesLimits } from './governor.js';
import type { BucketBounds } from './kinds.js';
import { MICROS_PER_SECOND } from './kinds.js';

export interface MetricsOptions {
  /** For so many ms after its birth a counter reads 0, so that a scrape sees it start there. */
  readonly birthHoldMs: number;
  /** Ascending upper bounds in seconds, without +Inf. */
  readonly buckets: {
    readonly durationSeconds: readonly number[];
    readonly firstTokenSeconds: readonly number[];
    readonly generationPerTokenSeconds: readonly number[];
  };
  readonly series: SeriesLimits;
  readonly quotas?: readonly Quota[];
}

/** The quota of a model, per minute; null = no such limit. */
export interface Quota {
  /** `*` = the whole account. */
  readonly workspace: string;
  readonly model: string;
  readonly rpm: number | null;
  readonly tpm: number | null;
}

/** The bounds in whole µs, the unit that durations are compared in. Throws RangeError on bounds that are none. */
export function bucketBounds(buckets: MetricsOptions['buckets']): BucketBounds {
  return {
    duration: inMicros('duration', buckets.durationSeconds),
    firstToken: inMicros('first token', buckets.firstTokenSeconds),
    perToken: inMicros('generation per token', buckets.generationPerTokenSeconds),
  };
}

function inMicros(what: string, seconds: readonly number[]): Float64Array {
  const bounds = Float64Array.from(seconds, (bound) => Math.round(bound * MICROS_PER_SECOND));
  const usable = bounds.every((bound, index) => Number.isSafeInteger(bound) && bound > (bounds[index - 1] ?? 0));
  if (!usable) {
    throw new RangeError(
      `${what} buckets must be ascending seconds, at least a microsecond apart: got ${seconds.join(', ')}`,
    );
  }
  return bounds;
}
