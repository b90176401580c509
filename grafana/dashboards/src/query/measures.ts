import { over, ratio, type Span, sum } from './expressions.js';
import { type Histogram, recorded, recordedPart } from './series.js';

type By = Parameters<typeof sum>[1];

/** Failures ÷ (successes + failures): a cancelled call is neither. */
export function failureRate(span: Span, by: By = []): string {
  return ratio(
    sum(over(recorded('model_calls_total', { outcome: 'failure' }), span), by),
    sum(over(recorded('model_calls_total', { outcome: ['success', 'failure'] }), span), by),
  );
}

/** The mean of a histogram, in seconds. */
export function mean(histogram: Histogram, span: Span, by: By = []): string {
  return ratio(
    sum(over(recordedPart(histogram, 'sum'), span), by),
    sum(over(recordedPart(histogram, 'count'), span), by),
  );
}

/** A percentile of a histogram (0.95), in seconds, of all keys together: recorded buckets do not tell keys apart. */
export function quantile(histogram: Histogram, q: number, span: Span, by: NonNullable<By> = []): string {
  // Of no calls a percentile is no number; compared, it is nothing.
  return `histogram_quantile(${q}, ${sum(over(recordedPart(histogram, 'bucket'), span), [...by, 'le'])}) >= 0`;
}
