import { describe, expect, it } from 'vitest';
import { type AggregationName, ALERT_METRICS, type AlertMetricName, alertMetric } from './alert-metrics.js';
import type { Condition, Template } from './alerts.js';
import { conditionsText, subjectText, thresholdOf, unitOf, valueTemplate, valueText } from './value-text.js';

function conditionOf(metric: AlertMetricName, aggregation: AggregationName, given: Partial<Condition> = {}): Condition {
  const { filters, inferenceType } = alertMetric(metric);
  return {
    metric,
    aggregation,
    comparison: '>',
    windowMs: 300_000,
    inferenceType: inferenceType ?? 'all',
    filters,
    leastBaseline: null,
    thresholds: new Map([['warning', 1]]),
    ...given,
  };
}

describe('a value', () => {
  it.each([
    ['failures', 'share', 0.075, '7.5%', {}],
    ['failures', 'share', 0.1 + 0.2, '30%', {}],
    ['failures', 'sum', 12, '12 calls', {}],
    ['calls', 'per_minute', 1200.5, '1200.5 calls a minute', {}],
    ['call_duration', 'p95', 2.4, '2.4s', {}],
    ['call_duration', 'p95', 90, '90s', {}],
    ['idle', 'latest', 7200, '2h', {}],
    ['usage', 'sum', 1_234_567, '1234567 total tokens', {}],
    ['usage', 'sum', 1e21, '1000000000000000000000 total tokens', {}],
    ['usage', 'avg', 64_000, '64000 cache write tokens a call', { filters: { usage_type: 'cache_write_tokens' } }],
    ['usage', 'growth_day', 2.5, '2.5 times', {}],
    ['cost', 'sum', 0.0000001, '0.0000001 CNY', { filters: { currency: 'CNY' } }],
    ['cost', 'per_minute', 3, '3 USD a minute', {}],
  ] as const)('%s %s of %s reads %s', (metric, aggregation, value, text, given) => {
    expect(valueText(value, conditionOf(metric, aggregation, given))).toBe(text);
  });

  it('has a template of Prometheus for every metric and aggregation', () => {
    const templates = Object.entries(ALERT_METRICS).flatMap(([metric, { aggregations }]) =>
      Object.keys(aggregations).map((aggregation) =>
        valueTemplate(conditionOf(metric as AlertMetricName, aggregation as AggregationName)),
      ),
    );
    expect(new Set(templates.map((template) => /^\{\{ (.*) \}\}/.exec(template)?.[1]))).toEqual(
      new Set([
        'printf "%.0f" $value',
        'printf "%.1f" $value',
        'printf "%.2f" $value',
        '$value | humanizePercentage',
        '$value | humanizeDuration',
      ]),
    );
    expect(valueTemplate(conditionOf('cache_share', 'growth_day'))).toBe('{{ printf "%.2f" $value }} times');
  });

  it('of an aggregation that the metric has not is an error', () => {
    expect(() => unitOf({ metric: 'idle', aggregation: 'p95' })).toThrow('idle has no p95');
  });
});

it('what a condition looks at reads as a sentence', () => {
  expect(subjectText(conditionOf('failures', 'share', { filters: { failure: 'rate_limited' } }))).toBe(
    'share of failures (rate_limited) over 5m',
  );
  expect(subjectText(conditionOf('failures', 'share', { inferenceType: 'batch' }))).toBe(
    'share of failures of batch calls over 5m',
  );
  expect(subjectText(conditionOf('idle', 'latest', { windowMs: null }))).toBe('time since the last call');
});

it('a level that a condition does not reach has no threshold, and one number holds for every level', () => {
  const warning = conditionOf('failures', 'share');
  expect(thresholdOf(warning, 'warning')).toBe(1);
  expect(thresholdOf(warning, 'critical')).toBeNull();
  const every = conditionOf('calls', 'sum', { thresholds: 5 });
  expect(thresholdOf(every, 'critical')).toBe(5);
  const template = (match: 'any' | 'all'): Template => ({
    name: 'x',
    isOfficial: false,
    workspace: null,
    summary: '',
    match,
    conditions: [warning, every],
  });
  expect(conditionsText(template('all'), 'warning')).toBe(
    'share of failures over 5m > 100% and total of calls over 5m > 5 calls',
  );
  expect(conditionsText(template('any'), 'critical')).toBe('total of calls over 5m > 5 calls');
});
