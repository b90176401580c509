import type { LoadedAlerts } from '../alerts/file/load-alerts.js';
import { HEALTH_ALERTS } from '../alerts/health/health-alerts.js';
import { levelsOf } from '../alerts/rules/rule-expression.js';
import { alertText } from './alert-text.js';
import { ALERTS_INPUTS, readAlerts, type Where } from './alerts-compile.js';
import { readOptions } from './options.js';
import type { Output } from './output.js';

const USAGE = `usage: model-observation alerts check [--alerts FILE] [--config FILE]

Says what is wrong with the alerts, or how many there are. Writes nothing.

  --alerts FILE   the alerts (config/alerts.yml)
  --config FILE   the configuration of the exporter: monitoring modes, quotas, prices

Exit code: 0 good, 1 mistakes, all of them on stderr, 2 wrong usage.
`;

/**
 * `model-observation alerts check`.
 * @returns the exit code: 0 = good, 1 = mistakes, all of them on stderr, 2 = wrong usage
 */
export async function alertsCheck(args: string[], out: Output, where: Where = {}): Promise<number> {
  const options = readOptions(args, USAGE, out, ALERTS_INPUTS);
  if (typeof options === 'number') return options;
  const loaded = readAlerts(options, out, where);
  if (loaded === null) return 1;
  out.stdout.write(`${summaryOf(loaded)}\n${notesOf(loaded)}`);
  return 0;
}

function summaryOf({ alerts, file }: LoadedAlerts): string {
  const { rules, templates, contacts, schedules } = alerts;
  const perLevel = rules.reduce((sum, rule) => sum + levelsOf(rule).length, 0);
  const facts = [
    `${counted(rules.length, 'rule')} with ${counted(perLevel, 'alert')}`,
    `${HEALTH_ALERTS.length} of the exporter's own`,
    counted(templates.size, 'own template'),
    counted(contacts.size, 'contact'),
    counted(schedules.size, 'schedule'),
  ];
  return alertText(`${file}: ok. ${facts.join(', ')}.`);
}

/** What is no mistake, and yet may not be what was meant; a line each. */
export function notesOf({ notes }: LoadedAlerts): string {
  return notes.map((note) => `note: ${alertText(note)}\n`).join('');
}

function counted(count: number, thing: string): string {
  return `${count === 0 ? 'no' : count} ${thing}${count === 1 ? '' : 's'}`;
}
