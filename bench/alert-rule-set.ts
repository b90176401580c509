import {
  type AggregationName,
  ALERT_METRICS,
  type AlertMetricName,
  alertMetric,
  LEAST_BASELINES,
  WINDOWS,
} from '../exporter/alerts/model/alert-metrics.js';
import type { Rule, Template } from '../exporter/alerts/model/alerts.js';
import { ruleOf } from '../exporter/alerts/rules/testdata/alerts.js';
import { windowMs } from '../exporter/alerts/rules/window.js';

/** As in `config/alerts.yml` where nothing else is said. */
const TIMES = { forMs: 60_000, holdMs: 300_000 };

/** So many rules, each with another template: metrics, aggregations and windows in turn, three levels each. */
export function ruleSet(count: number): Rule[] {
  const templates = [...WINDOWS.slice(0, 8)].flatMap((window) =>
    (Object.keys(ALERT_METRICS) as AlertMetricName[]).flatMap((metric) =>
      (Object.keys(alertMetric(metric).aggregations) as AggregationName[])
        .filter(() => !alertMetric(metric).needsBudget && alertMetric(metric).hasWindow)
        .map((aggregation) => templateOf(metric, aggregation, window)),
    ),
  );
  // Every so many, so that all windows are among them.
  const step = templates.length / count;
  return Array.from({ length: count }, (_, index) =>
    ruleOf(templates[Math.floor(index * step)]!, { name: `rule ${index}`, ...TIMES }),
  );
}

/** The same rules, each once for each of the models: how rules are written where nothing matches models in an expression. */
export function expanded(rules: readonly Rule[], models: readonly string[]): Rule[] {
  return rules.flatMap((rule) => models.map((model) => ({ ...rule, name: `${rule.name} ${model}`, models: [model] })));
}

function templateOf(metric: AlertMetricName, aggregation: AggregationName, window: string): Template {
  const { filters, inferenceType, hasWindow } = alertMetric(metric);
  const isGrowth = aggregation.startsWith('growth');
  const isShare = aggregation === 'share' && metric !== 'cache_share' && metric !== 'quota';
  return {
    name: `${metric} ${aggregation} ${window}`,
    isOfficial: false,
    workspace: null,
    summary: 'Something is wrong.',
    match: 'any',
    conditions: [
      {
        metric,
        aggregation,
        comparison: '>',
        windowMs: isGrowth || !hasWindow ? null : windowMs(window),
        inferenceType: inferenceType ?? 'all',
        filters,
        leastBaseline: isGrowth ? (LEAST_BASELINES[metric] ?? null) : null,
        // Some shares pass their thresholds, and nothing else: most of what is watched is well.
        thresholds: new Map([
          ['warning', isShare ? 0.03 : 1e12],
          ['error', isShare ? 0.1 : 2e12],
          ['critical', isShare ? 2 : 3e12],
        ]),
      },
    ],
  };
}
