import {
  type AggregationName,
  type AlertMetricName,
  alertMetric,
  type ConditionFilters,
  LEAST_BASELINES,
} from '../model/alert-metrics.js';
import type { Comparison, Condition, Template } from '../model/alerts.js';
import type { AlertLevel } from '../model/levels.js';
import { windowMs } from '../rules/window.js';

/** What a template says beside its name; shares are 0 to 1, durations seconds. */
interface Written {
  readonly summary: string;
  readonly metric: AlertMetricName;
  readonly aggregation: AggregationName;
  readonly window?: string;
  readonly filters?: ConditionFilters;
  readonly comparison?: Comparison;
  readonly thresholds: Readonly<Partial<Record<AlertLevel, number>>>;
}

/*
 * Thresholds are where a team that runs a product on these models would want to know (warning), would stop what it does
 * (error), and would get up at night (critical); each runbook says why, and what to do.
 */
const WRITTEN: Readonly<Record<string, Written>> = {
  'failure-rate': {
    summary: 'Calls of a model fail.',
    metric: 'failures',
    aggregation: 'share',
    window: '5m',
    thresholds: { normal: 0.01, warning: 0.05, error: 0.1, critical: 0.25 },
  },
  'rate-limiting': {
    summary: 'The provider limits the rate of calls (429).',
    metric: 'failures',
    aggregation: 'share',
    window: '5m',
    filters: { failure: 'rate_limited' },
    thresholds: { warning: 0.02, error: 0.1, critical: 0.3 },
  },
  'server-errors': {
    summary: 'Calls fail with errors of the provider (5xx).',
    metric: 'failures',
    aggregation: 'share',
    window: '5m',
    filters: { failure: 'server_error' },
    thresholds: { warning: 0.02, error: 0.05, critical: 0.2 },
  },
  'content-moderation': {
    summary: 'Calls are refused by content moderation.',
    metric: 'failures',
    aggregation: 'share',
    window: '15m',
    filters: { failure: 'content_moderation' },
    thresholds: { normal: 0.01, warning: 0.05, error: 0.2 },
  },
  timeouts: {
    summary: 'Calls time out.',
    metric: 'timeouts',
    aggregation: 'share',
    window: '5m',
    thresholds: { warning: 0.02, error: 0.05, critical: 0.15 },
  },
  'cancelled-calls': {
    summary: 'Clients go away before their answer is complete.',
    metric: 'cancelled_calls',
    aggregation: 'share',
    window: '15m',
    thresholds: { warning: 0.1, error: 0.3 },
  },
  'first-token-latency': {
    summary: 'The first token takes long to come.',
    metric: 'first_token_duration',
    aggregation: 'p95',
    window: '10m',
    thresholds: { warning: 5, error: 10, critical: 30 },
  },
  'call-duration': {
    summary: 'Calls take long.',
    metric: 'call_duration',
    aggregation: 'p95',
    window: '15m',
    thresholds: { warning: 60, error: 120, critical: 300 },
  },
  'time-per-token': {
    summary: 'Tokens come slowly.',
    metric: 'generation_duration_per_token',
    aggregation: 'avg',
    window: '10m',
    thresholds: { warning: 0.1, error: 0.2, critical: 0.5 },
  },
  'rpm-quota': {
    summary: 'The quota of requests a minute is nearly used up.',
    metric: 'quota',
    aggregation: 'share',
    window: '2m',
    filters: { limit: 'rpm' },
    thresholds: { normal: 0.7, warning: 0.8, error: 0.9, critical: 1 },
  },
  'tpm-quota': {
    summary: 'The quota of tokens a minute is nearly used up.',
    metric: 'quota',
    aggregation: 'share',
    window: '2m',
    filters: { limit: 'tpm' },
    thresholds: { normal: 0.7, warning: 0.8, error: 0.9, critical: 1 },
  },
  'token-surge': {
    summary: 'A model uses far more tokens than in the same hour yesterday.',
    metric: 'usage',
    aggregation: 'growth_day',
    filters: { usage_type: 'total_tokens' },
    thresholds: { normal: 2, warning: 3, error: 5, critical: 10 },
  },
  'daily-budget': {
    summary: 'A workspace spends its budget of a day.',
    metric: 'budget',
    aggregation: 'share',
    window: '24h',
    thresholds: { normal: 0.5, warning: 0.8, error: 1, critical: 1.5 },
  },
  'usage-per-call': {
    summary: 'Calls use many tokens each.',
    metric: 'usage',
    aggregation: 'avg',
    window: '30m',
    filters: { usage_type: 'total_tokens' },
    thresholds: { normal: 16_000, warning: 32_000, error: 64_000 },
  },
  'no-traffic': {
    summary: 'A model that had calls has none any more.',
    metric: 'idle',
    aggregation: 'latest',
    comparison: '>=',
    thresholds: { warning: 1800, error: 7200 },
  },
  'cache-share': {
    summary: 'Less of the input comes from the cache than in the same hour yesterday.',
    metric: 'cache_share',
    aggregation: 'growth_day',
    comparison: '<',
    thresholds: { normal: 0.8, warning: 0.6, error: 0.3 },
  },
};

function conditionOf(written: Written): Condition {
  const { metric, aggregation, window, comparison = '>', thresholds } = written;
  const { filters, inferenceType } = alertMetric(metric);
  const hasBaseline = aggregation.startsWith('growth') || metric === 'idle';
  return {
    metric,
    aggregation,
    comparison,
    windowMs: window === undefined ? null : windowMs(window),
    inferenceType: inferenceType ?? 'all',
    filters: { ...filters, ...written.filters },
    leastBaseline: hasBaseline ? (LEAST_BASELINES[metric] ?? null) : null,
    thresholds: new Map(Object.entries(thresholds) as [AlertLevel, number][]),
  };
}

/** The templates that ship with the product, by name: read-only, ready to copy. Each has a page in `docs/runbooks/`. */
export const OFFICIAL_TEMPLATES: ReadonlyMap<string, Template> = new Map(
  Object.entries(WRITTEN).map(([name, written]) => [
    name,
    {
      name,
      isOfficial: true,
      workspace: null,
      summary: written.summary,
      match: 'any',
      conditions: [conditionOf(written)],
    },
  ]),
);
