import { alertMetric } from '../model/alert-metrics.js';
import type { Condition, Rule } from '../model/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../model/levels.js';
import { thresholdOf } from '../model/value-text.js';
import { alertName } from './alert-name.js';
import { baselineOf, callsOf, measureOf, read } from './measures.js';
import { anyOf, anyOfNames, equal, selector } from './promql.js';

const ON_MODEL = 'on (workspace_id, model)';

/** The levels that a rule can reach, lowest first. */
export function levelsOf({ template }: Rule): AlertLevel[] {
  const { conditions, match } = template;
  return ALERT_LEVELS.filter((level) => {
    const reached = conditions.map((condition) => thresholdOf(condition, level) !== null);
    return match === 'any' ? reached.includes(true) : !reached.includes(false);
  });
}

/** What a rule looks at: the conditions of its template, with the currency of its budget where it has one. */
export function conditionsOf({ template, budget }: Rule): readonly Condition[] {
  if (budget === null) return template.conditions;
  return template.conditions.map((condition) => ({ ...condition, filters: { currency: budget.currency } }));
}

/** The expression of a rule at one of its levels: what it holds for is at that level. */
export function expressionOf(rule: Rule, level: AlertLevel): string {
  const { match } = rule.template;
  const parts = conditionsOf(rule).flatMap((condition) => {
    const threshold = thresholdOf(condition, level);
    return threshold === null ? [] : [conditionExpression(rule, condition, threshold, level)];
  });
  if (parts.length === 1) return parts[0] ?? '';
  return parts
    .map((part) => `(\n${part.replace(/^/gm, '  ')}\n)`)
    .join(match === 'any' ? '\nor\n' : `\nand ${ON_MODEL}\n`);
}

/** How many calls must stand behind a condition's value; 0 where none need. Money and quotas are used up by few calls, too. */
export function leastCallsOf({ leastCalls }: Rule, { metric }: Condition): number {
  if (metric === 'budget' || metric === 'idle' || metric === 'quota') return 0;
  return leastCalls ?? alertMetric(metric).leastCalls;
}

function conditionExpression(rule: Rule, condition: Condition, threshold: number, level: AlertLevel): string {
  const { comparison } = condition;
  const where = whereOf(rule);
  const value = valueAt(rule, condition);
  const clear = rule.clearAt.get(level);
  const least = leastCallsOf(rule, condition);
  const baseline = baselineOf(condition);
  const crossed = `${value} ${comparison} ${threshold}`;
  return [
    // An alert that fires goes on until the value is back beyond where it clears.
    clear === undefined
      ? crossed
      : `(\n  ${crossed}\n  or ${value} ${comparison} ${clear} and ${ON_MODEL} ${firingAlerts(rule, level)}\n)`,
    least > 0 ? `and ${ON_MODEL} ${read(callsOf(condition), where)} >= ${least}` : null,
    baseline === null ? null : `and ${ON_MODEL} ${read(baseline, where)} >= ${condition.leastBaseline ?? 0}`,
  ]
    .filter((line) => line !== null)
    .join('\n');
}

/** What fires of a rule at a level. */
export function firingAlerts({ name, template }: Rule, level: AlertLevel): string {
  return selector('ALERTS', [
    equal('alertname', alertName(template)),
    equal('rule', name),
    equal('level', level),
    'alertstate="firing"',
  ]);
}

/** Which workspaces and models a rule covers. */
export function whereOf({ workspaces, models }: Rule): (string | null)[] {
  return [anyOf('workspace_id', workspaces), anyOfNames('model', models)];
}

function valueAt(rule: Rule, condition: Condition): string {
  const measure = measureOf(condition);
  if (rule.budget === null) return read(measure, whereOf(rule));
  const byWorkspace = read(measure, whereOf(rule)).replace('by (workspace_id, model)', 'by (workspace_id)');
  // A budget is of a workspace, not of one model.
  return `label_replace(${byWorkspace} / ${rule.budget.amount}, "model", "*", "", "")`;
}
