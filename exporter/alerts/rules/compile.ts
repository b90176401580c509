import { formatDuration } from '../../config/quantities.js';
import { healthGroup } from '../health/health-rules.js';
import type { Alerts, Rule } from '../model/alerts.js';
import { LEVEL_NUMBERS } from '../model/levels.js';
import { alertName } from './alert-name.js';
import { annotationsOf } from './annotations.js';
import { literal } from './go-template.js';
import { baselineOf, callsOf, lateShareOf, type Measure, measureOf, windowOfCondition } from './measures.js';
import type { PrometheusRule, RuleGroup } from './prometheus-rule.js';
import { selector } from './promql.js';
import { conditionsOf, expressionOf, firingAlerts, leastCallsOf, levelsOf, whereOf } from './rule-expression.js';
import { yamlText } from './yaml-text.js';

const HEAD = `# Alert rules. Generated from config/alerts.yml: change that file, and run: npm run cli -- alerts build
#
# First what rules look at is recorded, once for all of them; then comes one rule for each level of each rule of the file, which
# matches models in its expression; then the level of each model. docs/guides/alerts.md
`;

/** How often rules are evaluated; those that read days every other minute. */
const INTERVAL = '1m';
const LONG_INTERVAL = '2m';

/**
 * `prometheus/rules/alerts.yml`: recorded measures, one alert rule for each rule and level, `model_alert_level`, the exporter's own
 * alerts and the Watchdog. Needs the recorded series of `prometheus/rules/recording-*.yml`.
 */
export function compileRules(alerts: Alerts): string {
  const { rules } = alerts;
  const measures = measuresOf(rules);
  const groups: RuleGroup[] = [
    {
      name: 'model-observation-alert-measures-long',
      interval: LONG_INTERVAL,
      rules: measures.filter(({ isLong }) => isLong).map(recording),
    },
    {
      name: 'model-observation-alerts',
      interval: INTERVAL,
      rules: [
        ...measures.filter(({ isLong }) => !isLong).map(recording),
        ...rules.flatMap((rule) => alertRules(rule, alerts)),
        ...rules.map(levelRule),
      ],
    },
    healthGroup(alerts.links),
  ];
  return `${HEAD}${yamlText({ groups: groups.filter((group) => group.rules.length > 0) })}`;
}

/** What the rules look at, each once; late shares first, since the others look at them. */
function measuresOf(rules: readonly Rule[]): Measure[] {
  const conditions = rules.flatMap((rule) => conditionsOf(rule).map((condition) => ({ rule, condition })));
  const all = [
    ...conditions.map(({ condition }) => lateShareOf(windowOfCondition(condition))),
    ...conditions.flatMap(({ rule, condition }) => [
      measureOf(condition),
      leastCallsOf(rule, condition) > 0 ? callsOf(condition) : null,
      baselineOf(condition),
    ]),
  ].filter((measure) => measure !== null);
  const once = new Map(all.map((measure) => [JSON.stringify([measure.record, measure.labels]), measure]));
  return [...once.values()];
}

function recording({ record, labels, expr }: Measure): PrometheusRule {
  return { record, expr, ...(Object.keys(labels).length > 0 && { labels }) };
}

function alertRules(rule: Rule, { links }: Alerts): PrometheusRule[] {
  return levelsOf(rule).map((level) => ({
    alert: alertName(rule.template),
    expr: expressionOf(rule, level),
    for: formatDuration(rule.forMs),
    ...(rule.holdMs > 0 && { keep_firing_for: formatDuration(rule.holdMs) }),
    labels: { rule: literal(rule.name), level, template: literal(rule.template.name) },
    annotations: annotationsOf(rule, level, links),
  }));
}

/** The highest level that fires of each workspace and model, and 0 for those that are well. */
function levelRule(rule: Rule): PrometheusRule {
  const firing = levelsOf(rule).map((level) => `${LEVEL_NUMBERS[level]} * ${firingAlerts(rule, level)}`);
  const levels = [...firing.toReversed(), ...knownOf(rule).map((known) => `0 * ${known}`)]
    .join('\nor\n')
    .replace(/^/gm, '  ');
  return {
    record: 'model_alert_level',
    expr: `max by (workspace_id, model) (\n${levels}\n)`,
    labels: { rule: rule.name },
  };
}

/** Whom a rule can tell of: models; workspaces, of a budget; and the account, of its quotas. */
function knownOf(rule: Rule): string[] {
  const metrics = new Set(conditionsOf(rule).map(({ metric }) => metric));
  const called = (labels: string) =>
    `(max by (${labels}) (${selector('model_last_call_timestamp_seconds', whereOf(rule))}) unless on (workspace_id) model_workspace_info{monitoring="basic"})`;
  const ofAccount = selector('model_quota', ['workspace_id="*"', ...whereOf(rule)]);
  return [
    metrics.has('budget') ? `label_replace(${called('workspace_id')}, "model", "*", "", "")` : null,
    metrics.size > 1 || !metrics.has('budget') ? called('workspace_id, model') : null,
    metrics.has('quota') ? `max by (workspace_id, model) (${ofAccount})` : null,
  ].filter((known) => known !== null);
}
