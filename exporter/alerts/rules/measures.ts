import { formatDuration } from '../../config/quantities.js';
import type { AlertMetricName, ConditionFilters, InferenceTypes } from '../model/alert-metrics.js';
import type { Condition } from '../model/alerts.js';
import { equal, selector } from './promql.js';
import { amountOver, HOUR_WINDOW, isLong, shareOver, type Window, windowOf } from './window.js';

/**
 * What conditions look at, recorded once however many rules ask for it: one value for each workspace and model, without
 * those about which no alert may say anything.
 */
export interface Measure {
  /** Name of the recorded series. */
  readonly record: string;
  /** Tells apart what is recorded under one name. */
  readonly labels: Readonly<Record<string, string>>;
  readonly expr: string;
  /** Evaluated less often than the rest: it reads much. */
  readonly isLong: boolean;
}

/** More than this part of a model's calls were late: its counters tell of what was, not of what is. */
export const LATE_SHARE = 0.2;

/** Below this share of cached input its growth is not looked at. */
export const LEAST_CACHE_SHARE = 0.1;

const BY_MODEL = 'by (workspace_id, model)';
const ON_MODEL = 'on (workspace_id, model)';
/** How long before its window a workspace still counts as it was watched. */
const GAUGE_MARGIN_SECONDS = 900;

/** What a condition compares with its thresholds. */
export function measureOf(condition: Condition): Measure {
  const window = windowOfCondition(condition);
  const { metric, aggregation, inferenceType, filters } = condition;
  const name = metric === 'budget' ? 'cost' : metric;
  const shown = metric === 'budget' ? 'sum' : aggregation;
  const record = `workspace_model:alert_${name}:${shown}${metric === 'idle' ? '' : `_${window.name}`}`;
  return {
    record,
    labels: labelsOf(metric, filters, inferenceType),
    expr: withoutUnwatched(measuredValue(condition, window), window, metric),
    isLong: isLong(window),
  };
}

/**
 * How many calls stand behind a condition's value; what `least_calls` is compared with. Of a duration those that have one, of
 * a share those that it is of: a percentile of one call says nothing, however many others there were.
 */
export function callsOf(condition: Condition): Measure {
  const window = windowOfCondition(condition);
  const { metric, aggregation, inferenceType } = condition;
  const histogram = HISTOGRAMS[metric];
  const isOfEnded = aggregation === 'share' && wholeOf(metric) !== null;
  const [name, counter] =
    histogram === undefined
      ? [isOfEnded ? 'ended_calls' : 'calls', 'model_calls']
      : [`${metric}_calls`, `${histogram}_count`];
  const value = total(counter, window, [isOfEnded ? wholeOf(metric) : null, inference(inferenceType)]);
  return {
    record: `workspace_model:alert_${name}:sum_${window.name}`,
    labels: labelsOf('calls', {}, inferenceType),
    expr: withoutUnwatched(value, window, 'calls'),
    isLong: isLong(window),
  };
}

/** What there was before, for growth and `idle`; null for all others. */
export function baselineOf(condition: Condition): Measure | null {
  const { metric, aggregation, filters, inferenceType } = condition;
  const labels = labelsOf(metric, filters, inferenceType);
  if (metric === 'idle') {
    const at = (ago: string) => total('model_calls', HOUR_WINDOW, [], ago);
    // A model that is quiet every evening is not missed in the evening; only one that has no yesterday is measured by the hour before.
    const expr = `(\n  ${at('1d')}\n  and ${ON_MODEL} ${spreadOut('1d')}\n)\nor (\n  ${at('1h')}\n  and ${ON_MODEL} ${spreadOut('1h')}\n  unless ${ON_MODEL} ${at('1d')}\n)`;
    return { record: 'workspace_model:alert_idle:baseline', labels, expr, isLong: false };
  }
  const ago = offsetOf(aggregation);
  if (ago === null) return null;
  const counter = COUNTERS[metric] ?? '';
  const of = metric === 'cache_share' ? 'input_tokens' : null;
  const matchers = [...matchersOf(metric, filters), inference(inferenceType), of && equal('usage_type', of)];
  return {
    record: `workspace_model:alert_${metric}:baseline_${ago === '1d' ? 'day' : 'week'}`,
    labels,
    // Only of a whole hour: against the first minutes of a model's life, whatever comes a day later has grown.
    expr: `${total(counter, HOUR_WINDOW, matchers, ago)}\nand ${ON_MODEL} ${total(counter, HOUR_WINDOW, matchers, `${ago}1h`)}`,
    isLong: false,
  };
}

/** Of an hour with calls in at least half of its 5-minute slices: a job that runs once an hour is not missed between its runs. */
function spreadOut(ago: string): string {
  const calls = total('model_calls', windowOf(5 * 60_000), []);
  return `count_over_time((${calls} > 0)[1h:5m] offset ${ago}) >= 6`;
}

/** The share of late calls; every measure of the window looks at it. */
export function lateShareOf(window: Window): Measure {
  const late = `sum ${BY_MODEL} (${shareOver('model_observation_late_calls', window, [])})`;
  const all = `sum ${BY_MODEL} (${shareOver('model_calls', window, [])})`;
  return {
    record: lateRecord(window),
    labels: {},
    expr: `${late} / ${ON_MODEL} (${all} > 0)`,
    isLong: isLong(window),
  };
}

/** The window that a condition looks at, also where it names none. */
export function windowOfCondition({ windowMs }: Condition): Window {
  return windowMs === null ? HOUR_WINDOW : windowOf(windowMs);
}

/** The counter behind a metric, as it is recorded. */
const COUNTERS: Readonly<Partial<Record<AlertMetricName, string>>> = {
  calls: 'model_calls',
  failures: 'model_call_failures',
  timeouts: 'model_call_timeouts',
  cancelled_calls: 'model_calls',
  usage: 'model_usage',
  cache_share: 'model_usage',
  cost: 'model_cost',
  budget: 'model_cost',
};

const HISTOGRAMS: Readonly<Partial<Record<AlertMetricName, string>>> = {
  call_duration: 'model_call_duration_seconds',
  first_token_duration: 'model_first_token_duration_seconds',
  generation_duration_per_token: 'model_generation_duration_per_token_seconds',
};

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

function measuredValue(condition: Condition, window: Window): string {
  const { metric, aggregation, filters, inferenceType } = condition;
  const type = inference(inferenceType);
  if (metric === 'idle') return `time() - max ${BY_MODEL} (model_last_call_timestamp_seconds)`;
  if (metric === 'quota') return quotaShare(filters.limit ?? 'rpm', window, type);
  if (metric === 'cache_share') return cacheShare(aggregation, window, type);
  const histogram = HISTOGRAMS[metric];
  if (histogram !== undefined) return durationOf(histogram, condition, window, type);
  const counter = COUNTERS[metric] ?? '';
  const matchers = [...matchersOf(metric, filters), type];
  const ago = offsetOf(aggregation);
  if (ago !== null) return over(total(counter, window, matchers), total(counter, window, matchers, ago));
  switch (aggregation) {
    case 'per_minute':
      return `${total(counter, window, matchers)} / ${window.seconds / 60}`;
    case 'avg':
      return over(total(counter, window, matchers), total('model_calls', window, [type]));
    case 'share':
      if (metric === 'budget') return total(counter, window, matchers);
      return over(total(counter, window, matchers), total('model_calls', window, [wholeOf(metric), type]));
    default:
      return total(counter, window, matchers);
  }
}

/** The whole that a share is of, where it is not all calls: a cancelled call is not a failure, nor a success. */
function wholeOf(metric: AlertMetricName): string | null {
  return metric === 'failures' || metric === 'timeouts' ? 'outcome=~"success|failure"' : null;
}

function durationOf(histogram: string, { aggregation }: Condition, window: Window, type: string | null): string {
  if (aggregation === 'avg') {
    return over(total(`${histogram}_sum`, window, [type]), total(`${histogram}_count`, window, [type]));
  }
  const quantile = QUANTILES[aggregation as keyof typeof QUANTILES];
  const buckets = `sum by (workspace_id, model, le) (${shareOver(`${histogram}_bucket`, window, [type])})`;
  // Of a window without calls a percentile is no number; compared, it would be nothing, and so it is left out.
  return `histogram_quantile(${quantile}, ${buckets}) >= 0`;
}

function cacheShare(aggregation: Condition['aggregation'], window: Window, type: string | null): string {
  const at = (ago = '') =>
    over(
      total('model_usage', window, ['usage_type="cache_tokens"', type], ago),
      total('model_usage', window, ['usage_type="input_tokens"', type], ago),
    );
  const ago = offsetOf(aggregation);
  // Where next to nothing came from the cache, a fall says nothing.
  return ago === null ? at() : `(${at()})\n/ ${ON_MODEL} ((${at(ago)}) >= ${LEAST_CACHE_SHARE})`;
}

/**
 * A quota of the account is compared with the calls of all its workspaces together; its workspace is `*`, as in `model_quota`.
 */
function quotaShare(limit: string, window: Window, type: string | null): string {
  const [metric, matchers] =
    limit === 'tpm' ? ['model_usage', ['usage_type="total_tokens"', type]] : ['model_calls', [type]];
  const minute = `${amountOver(metric as string, window, matchers as string[])} / ${window.seconds / 60}`;
  const own = `sum ${BY_MODEL} (${minute}) / ${ON_MODEL} max ${BY_MODEL} (model_quota{limit="${limit}",workspace_id!="*"})`;
  // What came late is left out here: below, a workspace's share is looked up, and `*` has none.
  const inTime = `sum ${BY_MODEL} (${minute}) unless ${ON_MODEL} (${lateRecord(window)} > ${LATE_SHARE})`;
  const all = `sum by (model) (${inTime}) / on (model) max by (model) (model_quota{limit="${limit}",workspace_id="*"})`;
  return `${own}\nor label_replace(${all}, "workspace_id", "*", "", "")`;
}

function total(counter: string, window: Window, matchers: readonly (string | null)[], ago = ''): string {
  return `sum ${BY_MODEL} (${amountOver(counter, window, matchers, ago)})`;
}

/** Nothing where the divisor is 0: a share of no calls is no share. */
function over(dividend: string, divisor: string): string {
  return `${dividend}\n/ ${ON_MODEL} (${divisor} > 0)`;
}

function offsetOf(aggregation: Condition['aggregation']): '1d' | '1w' | null {
  return aggregation === 'growth_day' ? '1d' : aggregation === 'growth_week' ? '1w' : null;
}

function matchersOf(metric: AlertMetricName, filters: ConditionFilters): (string | null)[] {
  if (metric === 'cancelled_calls') return ['outcome="cancelled"'];
  return Object.entries(filters).map(([name, value]) => (value === 'any' ? null : equal(name, value)));
}

function inference(type: InferenceTypes): string | null {
  return type === 'all' ? null : equal('inference_type', type);
}

function labelsOf(metric: AlertMetricName, filters: ConditionFilters, type: InferenceTypes): Record<string, string> {
  return metric === 'idle' ? {} : { ...filters, inference_type: type };
}

function lateRecord(window: Window): string {
  return `workspace_model:alert_late_calls:share_${window.name}`;
}

function withoutUnwatched(value: string, window: Window, metric: AlertMetricName): string {
  const value_ = value.includes('\n') || metric === 'idle' || value.includes(' >= ') ? `(\n${indent(value)}\n)` : value;
  return `${value_}\n${unlessBasic(window)}\nunless ${ON_MODEL} (${lateRecord(window)} > ${LATE_SHARE})`;
}

/**
 * Basic monitoring has no alerts. The gauge that says so goes with the exporter, while windows still see its calls: so it is
 * looked for as far back as they reach, unless the workspace has become advanced since.
 */
function unlessBasic({ seconds }: Window): string {
  const range = formatDuration((seconds + GAUGE_MARGIN_SECONDS) * 1000);
  const was = `max by (workspace_id) (max_over_time(model_workspace_info{monitoring="basic"}[${range}]))`;
  return `unless on (workspace_id) (${was} unless on (workspace_id) model_workspace_info{monitoring="advanced"})`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

/** The series of a measure of some workspaces and models, one for each, without the labels that tell measures apart. */
export function read({ record, labels }: Measure, where: readonly (string | null)[]): string {
  const matchers = [...Object.entries(labels).map(([name, value]) => equal(name, value)), ...where];
  return `sum ${BY_MODEL} (${selector(record, matchers)})`;
}
