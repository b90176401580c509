/** From the value that a template shall see to what the raw counters get a minute: one adapter for each kind of metric. */
import { DEFAULT_BUCKETS } from '../../exporter/call/buckets.js';
import type { Amounts } from './input-series.js';

/** @param calls realtime calls a minute */
export type Adapter = (value: number, calls: number) => Amounts;

const SUCCESSES_OF_BATCH = 3;
const FAILURES_OF_BATCH = 5;

const base = (type = 'realtime') => `apikey_id="checkout",inference_type="${type}"`;
const callsBy = (outcome: string, type = 'realtime') =>
  `model_calls_total{${base(type)},protocol="HTTP",outcome="${outcome}"}`;
const failuresBy = (failure: string, type = 'realtime') =>
  `model_call_failures_total{${base(type)},failure="${failure}"}`;
const usageBy = (type: string) => `model_usage_total{${base()},usage_type="${type}"}`;

/** The share of failures of some kinds; a fifth of the calls are cancelled, others fail otherwise, and batch calls fail mostly. */
export function failures(kinds: readonly string[], others: readonly string[]): Adapter {
  return (value, calls) => {
    const ended = 0.8 * calls;
    const otherwise = others.length === 0 ? 0 : Math.min(0.3, (1 - value) / 2);
    return {
      [callsBy('success')]: ended * (1 - value - otherwise),
      [callsBy('failure')]: ended * (value + otherwise),
      [callsBy('cancelled')]: 0.2 * calls,
      ...Object.fromEntries(kinds.map((kind) => [failuresBy(kind), (ended * value) / kinds.length])),
      ...Object.fromEntries(others.map((kind) => [failuresBy(kind), (ended * otherwise) / others.length])),
      [callsBy('success', 'batch')]: SUCCESSES_OF_BATCH,
      [callsBy('failure', 'batch')]: FAILURES_OF_BATCH,
      [failuresBy(kinds[0] ?? '', 'batch')]: FAILURES_OF_BATCH,
    };
  };
}

/** The share of calls that timed out, in both stages. */
export const timeouts: Adapter = (value, calls) => ({
  ...failures(['timeout'], ['server_error'])(value, calls),
  [`model_call_timeouts_total{${base()},stage="first_token"}`]: 0.8 * calls * value * 0.25,
  [`model_call_timeouts_total{${base()},stage="generation"}`]: 0.8 * calls * value * 0.75,
  [`model_call_timeouts_total{${base('batch')},stage="generation"}`]: FAILURES_OF_BATCH,
});

/** The share of calls whose client went away; some fail. */
export const cancelled: Adapter = (value, calls) => ({
  [callsBy('success')]: 0.9 * calls * (1 - value),
  [callsBy('failure')]: 0.1 * calls * (1 - value),
  [callsBy('cancelled')]: calls * value,
  [callsBy('cancelled', 'batch')]: FAILURES_OF_BATCH,
});

/** Realtime calls a minute whose client went away. */
export function cancelledCalls(calls: number): Amounts {
  return { [callsBy('cancelled')]: calls };
}

/** A 95th percentile: the share of calls in its bucket is such that it lies at the value. Batch calls are all beyond the last. */
export function p95(histogram: string, bounds: readonly number[]): Adapter {
  return (value, calls) => {
    const at = bounds.findIndex((bound) => value <= bound);
    const [below, above] = [bounds[at - 1] ?? 0, bounds[at] ?? Number.NaN];
    const inBucket = 0.05 / (1 - (value - below) / (above - below));
    if (!(inBucket <= 1)) throw new Error(`no share of calls in a bucket makes a p95 of ${value}`);
    const counts = bounds.map((_, index) => (index < at - 1 ? 0 : index === at - 1 ? 1 - inBucket : 1));
    return { ...histogramOf(histogram, bounds, counts, calls, value * calls), [callsBy('success')]: calls };
  };
}

/** A mean. */
export function mean(histogram: string, bounds: readonly number[]): Adapter {
  return (value, calls) => {
    const counts = bounds.map((bound) => (value <= bound ? 1 : 0));
    return { ...histogramOf(histogram, bounds, counts, calls, value * calls), [callsBy('success')]: calls };
  };
}

/** Realtime calls that are not streamed, and so are in no histogram of tokens. */
export function unstreamed(calls: number): Amounts {
  return { [callsBy('success')]: calls };
}

function histogramOf(
  name: string,
  bounds: readonly number[],
  shares: readonly number[],
  calls: number,
  sum: number,
): Amounts {
  const le = (bound: number) => (Number.isInteger(bound) ? `${bound}.0` : String(bound));
  const bucket = (bound: string, type: string) => `${name}_bucket{${base(type)},le="${bound}"}`;
  return {
    ...Object.fromEntries(bounds.map((bound, at) => [bucket(le(bound), 'realtime'), calls * (shares[at] ?? 0)])),
    [bucket('+Inf', 'realtime')]: calls,
    [`${name}_count{${base()}}`]: calls,
    [`${name}_sum{${base()}}`]: sum,
    ...Object.fromEntries(bounds.map((bound) => [bucket(le(bound), 'batch'), 0])),
    [bucket('+Inf', 'batch')]: FAILURES_OF_BATCH,
    [`${name}_count{${base('batch')}}`]: FAILURES_OF_BATCH,
    [`${name}_sum{${base('batch')}}`]: FAILURES_OF_BATCH * 3600,
  };
}

export const firstTokenP95 = p95('model_first_token_duration_seconds', DEFAULT_BUCKETS.firstTokenSeconds);
export const callDurationP95 = p95('model_call_duration_seconds', DEFAULT_BUCKETS.durationSeconds);
export const timePerToken = mean(
  'model_generation_duration_per_token_seconds',
  DEFAULT_BUCKETS.generationPerTokenSeconds,
);

/** A share of a quota of calls a minute, whatever `calls` says. */
export function quotaOfCalls(quota: number): Adapter {
  return (value) => ({
    [callsBy('success')]: 0.6 * quota * value,
    [callsBy('failure')]: 0.3 * quota * value,
    [callsBy('cancelled')]: 0.1 * quota * value,
    [callsBy('success', 'batch')]: quota,
  });
}

/** A share of a quota of tokens a minute. */
export function quotaOfTokens(quota: number): Adapter {
  return (value, calls) => ({ ...tokens(quota * value), [callsBy('success')]: calls });
}

/** Total tokens a minute: five parts of input, one of output. */
function tokens(total: number): Amounts {
  return {
    [usageBy('total_tokens')]: total,
    [usageBy('input_tokens')]: (total * 5) / 6,
    [usageBy('output_tokens')]: total / 6,
    [usageBy('reasoning_tokens')]: total / 12,
  };
}

/** The mean of tokens of a call. */
export const tokensOfCall: Adapter = (value, calls) => ({
  ...tokens(value * calls),
  [callsBy('success')]: 0.7 * calls,
  [callsBy('failure')]: 0.3 * calls,
});

/** Times the tokens of a usual minute. */
export function timesTokens(usual: number): Adapter {
  return (value, calls) => ({ ...tokens(usual * value), [callsBy('success')]: calls });
}

/** Times the usual share of cached input, which is a half, at so much input a minute. */
export function timesCached(input: number): Adapter {
  return (value, calls) => ({
    [usageBy('input_tokens')]: input,
    [usageBy('cache_tokens')]: input * 0.5 * value,
    [usageBy('total_tokens')]: input * 1.2,
    [callsBy('success')]: calls,
  });
}

/** Units of a currency a minute. */
export function cost(amount: number, currency = 'USD'): Amounts {
  return { [`model_cost_total{${base()},currency="${currency}"}`]: amount, [callsBy('success')]: 1 };
}

/** Calls a minute that all succeed. */
export function plainCalls(calls: number): Amounts {
  return { [callsBy('success')]: calls };
}

/** The same amounts of another API key. */
export function ofKey(key: string, amounts: Amounts): Amounts {
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [
      name.replace('apikey_id="checkout"', `apikey_id="${key}"`),
      amount,
    ]),
  );
}
