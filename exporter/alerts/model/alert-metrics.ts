/**
 * What a condition may look at: the one place where an alert metric is defined. Checking, the expressions and the
 * reference page all come from here.
 */

import { FAILURES, INFERENCE_TYPES, USAGE_TYPES } from '../../call/call.js';

export const AGGREGATIONS = {
  avg: 'The mean of a call.',
  p50: 'Half of the calls are below it.',
  p95: '95 % of the calls are below it.',
  p99: '99 % of the calls are below it.',
  sum: 'The total of the window.',
  per_minute: 'How much a minute, on average over the window.',
  share: 'Its part of a whole, 0 to 1.',
  growth_day: 'The last hour divided by the same hour a day before.',
  growth_week: 'The last hour divided by the same hour a week before.',
  latest: 'As it is now.',
} as const;
export type AggregationName = keyof typeof AGGREGATIONS;

/** `calls`, `tokens` and so on only say how a number is written: `5%`, `2.5s`, `1200`. */
export type Unit = 'share' | 'seconds' | 'calls' | 'usage' | 'currency' | 'times';

/** Of which calls: of one type, or of both. */
export const CONDITION_INFERENCE_TYPES = [...INFERENCE_TYPES, 'all'] as const;
export type InferenceTypes = (typeof CONDITION_INFERENCE_TYPES)[number];

/** The keys of a condition that narrow a metric, and what each may say. */
export const FILTERS = {
  failure: ['any', ...FAILURES],
  stage: ['any', 'first_token', 'generation'],
  usage_type: USAGE_TYPES,
  limit: ['rpm', 'tpm'],
  /** Any ISO 4217 code: three capital letters. */
  currency: null,
} as const;
export type FilterName = keyof typeof FILTERS;
/** Those that the metric takes, each with a value; no others. */
export type ConditionFilters = Readonly<Partial<Record<FilterName, string>>>;

export interface AlertMetric {
  readonly aggregations: Readonly<Partial<Record<AggregationName, Unit>>>;
  /** The filters that it takes, with the value each has when none is written. */
  readonly filters: ConditionFilters;
  /** What is looked at where a condition does not say. Null: the metric knows no types, and a condition may not name one. */
  readonly inferenceType: InferenceTypes | null;
  /** Whether a condition names a window; growth never does: its window is an hour. */
  readonly hasWindow: boolean;
  /** Calls in the window below which a condition says nothing, unless its rule says otherwise. */
  readonly leastCalls: number;
  /** Whether it needs a rule with a budget. */
  readonly needsBudget: boolean;
  /** One or two sentences for the reference page. */
  readonly explanation: string;
}

/** Fewer calls than this are too few for a share or a percentile to mean something. */
const ENOUGH = 10;
const DURATION = { avg: 'seconds', p50: 'seconds', p95: 'seconds', p99: 'seconds' } as const;
const PLAIN = {
  filters: {},
  inferenceType: 'realtime',
  hasWindow: true,
  leastCalls: ENOUGH,
  needsBudget: false,
} as const;

export const ALERT_METRICS = {
  calls: {
    ...PLAIN,
    aggregations: { sum: 'calls', per_minute: 'calls', growth_day: 'times', growth_week: 'times' },
    leastCalls: 0,
    explanation: 'Calls, however they ended.',
  },
  failures: {
    ...PLAIN,
    aggregations: { share: 'share', sum: 'calls', per_minute: 'calls' },
    filters: { failure: 'any' },
    explanation:
      'Failed calls, all or of one kind. Share: of the calls that succeeded or failed; cancelled ones are neither.',
  },
  timeouts: {
    ...PLAIN,
    aggregations: { share: 'share', sum: 'calls', per_minute: 'calls' },
    filters: { stage: 'any' },
    explanation: 'Calls that timed out: before their first token, or while tokens were coming. Share: as of failures.',
  },
  cancelled_calls: {
    ...PLAIN,
    aggregations: { share: 'share', sum: 'calls', per_minute: 'calls' },
    explanation: 'Calls whose client went away. Share: of all calls.',
  },
  call_duration: { ...PLAIN, aggregations: DURATION, explanation: 'How long successful calls took.' },
  first_token_duration: {
    ...PLAIN,
    aggregations: DURATION,
    explanation: 'How long successful streamed calls took until their first token.',
  },
  generation_duration_per_token: {
    ...PLAIN,
    aggregations: DURATION,
    explanation: 'The time of each token after the first, of successful streamed calls.',
  },
  usage: {
    ...PLAIN,
    aggregations: { sum: 'usage', per_minute: 'usage', avg: 'usage', growth_day: 'times', growth_week: 'times' },
    filters: { usage_type: 'total_tokens' },
    inferenceType: 'all',
    explanation: 'What calls used, of one type of usage. Average: of a call, however it ended.',
  },
  cache_share: {
    ...PLAIN,
    aggregations: { share: 'share', growth_day: 'times', growth_week: 'times' },
    inferenceType: 'all',
    explanation:
      'Input tokens that came from a cache, as a share of all input tokens. Growth: that share of the last hour divided by that of the same hour a day or a week before; the least baseline is of input tokens, and before at least a tenth must have come from the cache.',
  },
  cost: {
    ...PLAIN,
    aggregations: {
      sum: 'currency',
      per_minute: 'currency',
      avg: 'currency',
      growth_day: 'times',
      growth_week: 'times',
    },
    filters: { currency: 'USD' },
    inferenceType: 'all',
    leastCalls: 0,
    explanation: 'What calls cost by the price list, in one currency.',
  },
  budget: {
    ...PLAIN,
    aggregations: { share: 'share' },
    inferenceType: 'all',
    leastCalls: 0,
    needsBudget: true,
    explanation:
      'What a workspace spent in the window on the models of the rule, as a share of the budget that the rule names. One alert a workspace; its model is `*`.',
  },
  quota: {
    ...PLAIN,
    aggregations: { share: 'share' },
    filters: { limit: 'rpm' },
    leastCalls: 0,
    explanation:
      'Calls (`rpm`) or tokens (`tpm`) a minute as a share of the quota in `config/model-observation.yml`. A quota of the whole account is compared with the calls of all workspaces; the workspace of its alert is `*`.',
  },
  idle: {
    ...PLAIN,
    aggregations: { latest: 'seconds' },
    inferenceType: null,
    hasWindow: false,
    leastCalls: 0,
    explanation:
      'Seconds since the last call of a model that had calls at this hour yesterday, or, where it is younger than a day, in the hour before: at least `least_baseline` of them, in at least half of the 5-minute slices of that hour, so that a job that runs once an hour is not missed between its runs. A model that is quiet each night is not missed at night, and one that was retired is not missed for longer than a day.',
  },
} as const satisfies Readonly<Record<string, AlertMetric>>;

export type AlertMetricName = keyof typeof ALERT_METRICS;

/** The metric of that name, with what its conditions may say. */
export function alertMetric(name: AlertMetricName): AlertMetric {
  return ALERT_METRICS[name];
}

/** What a condition may look back on, as it is written. Each stands on series that are recorded: others would not be exact. */
export const WINDOWS = ['2m', '5m', '10m', '15m', '30m', '1h', '6h', '12h', '24h', '7d'] as const;

/** What growth and `idle` ask of the hour before, where a condition does not say: calls, or what `usage` and `cost` are of. */
export const LEAST_BASELINES: Readonly<Partial<Record<AlertMetricName, number>>> = {
  calls: 100,
  usage: 10_000,
  cache_share: 10_000,
  cost: 1,
  idle: 20,
};
