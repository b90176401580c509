import { HEALTH_ALERTS } from '../alerts/health/health-alerts.js';
import type { Alerts, Rule } from '../alerts/model/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../alerts/model/levels.js';
import { conditionsText } from '../alerts/model/value-text.js';
import { conditionsOf, levelsOf } from '../alerts/rules/rule-expression.js';
import { formatDuration } from '../config/quantities.js';
import { alertLine } from './alert-text.js';
import { notesOf } from './alerts-check.js';
import { ALERTS_INPUTS, readAlerts, type Where } from './alerts-compile.js';
import { readOptions } from './options.js';
import type { Output } from './output.js';
import { table } from './table.js';

const USAGE = `usage: model-observation alerts list [--alerts FILE] [--config FILE] [--json]

Shows every alert there is: of each rule, by level, what must hold, where, how long, and who is told; then the exporter's own.

  --alerts FILE   the alerts (config/alerts.yml)
  --config FILE   the configuration of the exporter: monitoring modes, quotas, prices
  --json          an array of objects

Exit code: 0 good, 1 mistakes, all of them on stderr, 2 wrong usage.
`;

/** One alert, as `--json` shows it. */
interface Listed {
  readonly rule: string;
  /** `exporter` for its own. */
  readonly template: string;
  readonly level: AlertLevel;
  /** What must hold. */
  readonly condition: string;
  /** Empty = all. */
  readonly workspaces: readonly string[];
  readonly models: readonly string[];
  readonly for: string;
  readonly hold: string;
  readonly schedule: string | null;
  /** Those that are told at this level. */
  readonly contacts: readonly string[];
}

/**
 * `model-observation alerts list`.
 * @returns the exit code: 0 = good, 1 = mistakes, 2 = wrong usage
 */
export async function alertsList(args: string[], out: Output, where: Where = {}): Promise<number> {
  const options = readOptions(args, USAGE, out, ALERTS_INPUTS, ['json']);
  if (typeof options === 'number') return options;
  const loaded = readAlerts(options, out, where);
  if (loaded === null) return 1;
  const { alerts } = loaded;
  const listed = [...alerts.rules.flatMap((rule) => alertsOf(rule, alerts)), ...ownAlerts(alerts)];
  if (options.json) {
    out.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
    return 0;
  }
  out.stdout.write(table([TITLES, ...listed.map(rowOf)]));
  // Not among what somebody may count or cut.
  out.stderr.write(notesOf(loaded));
  return 0;
}

function alertsOf(rule: Rule, alerts: Alerts): Listed[] {
  const { name, template, workspaces, models, forMs, holdMs, schedule, contacts } = rule;
  return levelsOf(rule).map((level) => ({
    rule: name,
    template: template.name,
    level,
    condition: conditionOf(rule, level),
    workspaces,
    models,
    for: formatDuration(forMs),
    hold: formatDuration(holdMs),
    schedule: schedule?.name ?? null,
    contacts: reachedAt(level, contacts, alerts),
  }));
}

function conditionOf(rule: Rule, level: AlertLevel): string {
  const { template, budget } = rule;
  const text = conditionsText({ ...template, conditions: conditionsOf(rule) }, level);
  return budget === null ? text : `${text} of ${budget.amount} ${budget.currency}`;
}

function ownAlerts(alerts: Alerts): Listed[] {
  return HEALTH_ALERTS.map(({ name, level, summary, for: forText }) => ({
    rule: name,
    template: 'exporter',
    level,
    // What it compares is written for Prometheus, not for people.
    condition: summary,
    workspaces: [],
    models: [],
    for: forText,
    hold: '0s',
    schedule: null,
    contacts: reachedAt(level, alerts.healthContacts, alerts),
  }));
}

function reachedAt(level: AlertLevel, names: readonly string[], { contacts }: Alerts): string[] {
  return names.filter((name) => {
    const from = contacts.get(name)?.fromLevel;
    return from !== undefined && ALERT_LEVELS.indexOf(level) >= ALERT_LEVELS.indexOf(from);
  });
}

const TITLES = ['RULE', 'TEMPLATE', 'LEVEL', 'WHEN', 'WORKSPACES', 'MODELS', 'FOR', 'HOLD', 'SCHEDULE', 'CONTACTS'];

function rowOf(alert: Listed): string[] {
  const { rule, template, level, condition, workspaces, models, hold, schedule, contacts } = alert;
  const all = (names: readonly string[]) => (names.length === 0 ? 'all' : names.join(', '));
  const cells = [rule, template, level, condition, all(workspaces), all(models), alert.for, hold];
  return [...cells, schedule ?? '', contacts.length === 0 ? 'nobody' : contacts.join(', ')].map(alertLine);
}
