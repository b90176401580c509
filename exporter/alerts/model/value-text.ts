import { formatDuration } from '../../config/quantities.js';
import { type AggregationName, type AlertMetricName, alertMetric, type Unit } from './alert-metrics.js';
import type { Condition, Template } from './alerts.js';
import type { AlertLevel } from './levels.js';

/** The unit of what a condition compares. */
export function unitOf({ metric, aggregation }: Pick<Condition, 'metric' | 'aggregation'>): Unit {
  const unit = alertMetric(metric).aggregations[aggregation];
  if (unit === undefined) throw new Error(`${metric} has no ${aggregation}`);
  return unit;
}

/** A number as a person reads it: `7.5%`, `2.5s`, `1200 calls a minute`. */
export function valueText(value: number, condition: Condition): string {
  const unit = unitOf(condition);
  switch (unit) {
    case 'share':
      return `${decimal(value * 100)}%`;
    case 'seconds':
      return value >= 60 && Number.isInteger(value) ? formatDuration(value * 1000) : `${decimal(value)}s`;
    default:
      return `${decimal(value)}${unitSuffix(condition)}`;
  }
}

/** The same, for the value of an alert when it is told: a template of Prometheus. */
export function valueTemplate(condition: Condition): string {
  switch (unitOf(condition)) {
    case 'share':
      return '{{ $value | humanizePercentage }}';
    case 'seconds':
      return '{{ $value | humanizeDuration }}';
    case 'times':
    case 'currency':
      return `{{ printf "%.2f" $value }}${unitSuffix(condition)}`;
    default:
      return `{{ printf "%.${condition.aggregation === 'sum' ? 0 : 1}f" $value }}${unitSuffix(condition)}`;
  }
}

function unitSuffix(condition: Condition): string {
  const { aggregation, filters } = condition;
  const unit = unitOf(condition);
  const what = {
    calls: ' calls',
    usage: ` ${(filters.usage_type ?? '').replaceAll('_', ' ')}`,
    currency: ` ${filters.currency ?? ''}`,
  };
  if (unit === 'times') return ' times';
  const thing = what[unit as keyof typeof what] ?? '';
  return aggregation === 'per_minute' ? `${thing} a minute` : aggregation === 'avg' ? `${thing} a call` : thing;
}

/** Six digits that mean something, or all before the point where they are more; no exponent. */
function decimal(value: number): string {
  const digits = Math.abs(value) >= 1e6 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 6 };
  return value.toLocaleString('en-GB', { ...digits, useGrouping: false });
}

const AGGREGATION_WORDS: Readonly<Record<AggregationName, string>> = {
  avg: 'average of',
  p50: 'p50 of',
  p95: 'p95 of',
  p99: 'p99 of',
  sum: 'total of',
  per_minute: '',
  share: 'share of',
  growth_day: 'against the day before:',
  growth_week: 'against the week before:',
  latest: '',
};

/** What a metric is called in a sentence, where its name is not clear by itself. */
const METRIC_WORDS: Readonly<Partial<Record<AlertMetricName, string>>> = {
  idle: 'time since the last call',
  quota: 'quota used',
  budget: 'budget spent',
  cache_share: 'input from the cache',
  generation_duration_per_token: 'time per token',
};

/** What a condition looks at: `share of failures (rate_limited) over 5m`. */
export function subjectText(condition: Condition): string {
  const { metric, aggregation, filters, windowMs, inferenceType } = condition;
  const kinds = Object.values(filters).filter((value) => value !== 'any');
  const parts = [
    AGGREGATION_WORDS[aggregation],
    METRIC_WORDS[metric] ?? metric.replaceAll('_', ' '),
    kinds.length === 0 ? '' : `(${kinds.join(', ')})`,
    alertMetric(metric).inferenceType === inferenceType || inferenceType === 'all' ? '' : `of ${inferenceType} calls`,
    windowMs === null ? '' : `over ${formatDuration(windowMs)}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** The threshold of a condition at a level; null where it does not reach it. */
export function thresholdOf({ thresholds }: Condition, level: AlertLevel): number | null {
  return typeof thresholds === 'number' ? thresholds : (thresholds.get(level) ?? null);
}

/** What must hold at a level: `share of failures over 5m > 5%`. Empty where the level is not reached. */
export function conditionsText({ conditions, match }: Template, level: AlertLevel): string {
  const texts = conditions.flatMap((condition) => {
    const threshold = thresholdOf(condition, level);
    return threshold === null
      ? []
      : [`${subjectText(condition)} ${condition.comparison} ${valueText(threshold, condition)}`];
  });
  return texts.join(match === 'any' ? ' or ' : ' and ');
}
