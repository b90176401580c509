import type { Entry } from '../../config/kind.js';
import { quoted } from '../../config/tree.js';
import { alertMetric } from '../model/alert-metrics.js';
import type { Contact, Rule, Schedule, Template } from '../model/alerts.js';
import type { AlertLevel } from '../model/levels.js';
import { BUDGET_KEYS, type RULE_KEYS } from './alerts-file.js';
import { direction, readByLevel } from './conditions.js';
import type { Named } from './named-mappings.js';
import { writtenQuantity } from './quantity.js';
import { listed, meant, pathOf, type Reading, refuse, unknown } from './reading.js';
import { levelsReached } from './templates.js';

export type RuleEntry = Entry<typeof RULE_KEYS>;

/** What rules name; null where it is there but was refused. */
export interface Known {
  readonly official: ReadonlyMap<string, Template>;
  readonly templates: ReadonlyMap<string, Template | null>;
  readonly contacts: ReadonlyMap<string, Contact | null>;
  readonly schedules: ReadonlyMap<string, Schedule | null>;
}

export interface ReadRule {
  readonly rule: Rule;
  readonly entry: RuleEntry;
}

/** The rules that are good, in the order of the file. */
export function readRules(
  named: readonly Named<typeof RULE_KEYS>[],
  known: Known,
  reading: Reading,
): readonly ReadRule[] {
  return named.flatMap(({ name, entry }) => {
    const rule = entry === null ? null : readRule(name, entry, known, reading);
    return entry === null || rule === null ? [] : [{ rule, entry }];
  });
}

function readRule(name: string, entry: RuleEntry, known: Known, reading: Reading): Rule | null {
  const { values } = entry;
  const contacts = values.contacts ?? [];
  checkContacts(contacts, (found, hint) => refuse(reading, entry, 'contacts', found, null, hint), known.contacts);
  const schedule = scheduleOf(entry, known.schedules, reading);
  const template = templateOf(entry, known, reading);
  if (template === null) return null;
  checkWorkspaces(entry, template, reading);
  checkBudget(entry, template, reading);
  return {
    name,
    template,
    workspaces: values.workspaces ?? [],
    models: values.models ?? [],
    forMs: values.for,
    holdMs: values.hold,
    clearAt: clearAtOf(entry, template, reading),
    leastCalls: values.least_calls,
    message: values.message ?? '',
    schedule,
    silenceMs: values.silence,
    contacts,
    budget: values.budget?.values ?? null,
  };
}

/** Tells of every name that is no contact. */
export function checkContacts(
  names: readonly string[],
  tell: (found: string, hint: string) => void,
  contacts: ReadonlyMap<string, unknown>,
): void {
  for (const name of names) {
    if (contacts.has(name)) continue;
    tell(unknown('contact', name), meant(name, contacts.keys(), 'Write it under contacts: there are none yet.'));
  }
}

function scheduleOf(entry: RuleEntry, schedules: Known['schedules'], reading: Reading): Schedule | null {
  const name = entry.values.schedule;
  if (name === null || schedules.has(name)) return name === null ? null : (schedules.get(name) ?? null);
  const hint = meant(name, schedules.keys(), 'Write it under schedules: there are none yet.');
  refuse(reading, entry, 'schedule', unknown('schedule', name), null, hint);
  return null;
}

function templateOf(entry: RuleEntry, { official, templates }: Known, reading: Reading): Template | null {
  const name = entry.values.template;
  const template = templates.get(name) ?? official.get(name);
  if (template !== undefined) return template;
  if (!templates.has(name)) {
    const hint = meant(
      name,
      [...templates.keys(), ...official.keys()],
      'Write it under templates: there are none yet.',
    );
    refuse(reading, entry, 'template', unknown('template', name), null, hint);
  }
  return null;
}

/** A template of one workspace is no other's business. */
function checkWorkspaces(entry: RuleEntry, { name, workspace }: Template, reading: Reading): void {
  if (workspace === null || (entry.places.has('workspaces') && entry.values.workspaces === null)) return;
  const others = entry.values.workspaces?.filter((each) => each !== workspace) ?? null;
  if (others?.length === 0) return;
  const covers = others === null ? 'all workspaces' : listed(others.map(quoted));
  const found = `template ${name} is of workspace ${quoted(workspace)} alone, and the rule covers ${covers}`;
  const hint = `Write workspaces: [${workspace}], or remove workspace from the template.`;
  refuse(reading, entry, others === null ? 'template' : 'workspaces', found, null, hint);
}

function checkBudget(entry: RuleEntry, template: Template, reading: Reading): void {
  const needed = template.conditions.some(({ metric }) => alertMetric(metric).needsBudget);
  if (needed === entry.places.has('budget')) return;
  if (needed) {
    const allowed = `a mapping with the keys ${Object.keys(BUDGET_KEYS).join(', ')}, such as {amount: 100, currency: USD}`;
    refuse(reading, entry, 'budget', 'missing', allowed, `Template ${template.name} compares costs with it.`);
  } else {
    refuse(reading, entry, 'budget', `template ${template.name} looks at no budget`, null, 'Remove it.');
  }
}

function clearAtOf(entry: RuleEntry, template: Template, reading: Reading): Map<AlertLevel, number> {
  const written = entry.values.clear_at;
  if (written === null) return new Map();
  const [condition, second] = template.conditions;
  const tell = (found: string, hint: string): Map<AlertLevel, number> => {
    refuse(reading, entry, 'clear_at', found, null, hint);
    return new Map();
  };
  if (condition === undefined || second !== undefined) {
    const found = `template ${template.name} has ${template.conditions.length} conditions`;
    return tell(found, 'Only one condition can end at a value of its own: remove clear_at, or split the template.');
  }
  const { comparison, metric, thresholds } = condition;
  const way = direction(comparison);
  if (way === null) return tell(`${comparison} has no side on which it recovers`, 'Remove it.');
  const unit = alertMetric(metric).aggregations[condition.aggregation];
  if (unit === undefined || typeof thresholds === 'number') return new Map();
  const read = readByLevel(written, { metric, unit }, pathOf(entry, 'clear_at'), reading);
  for (const [level, { place }] of written) {
    const key = `${pathOf(entry, 'clear_at')}.${level}`;
    const [threshold, value] = [thresholds.get(level), read.get(level)];
    if (threshold === undefined) {
      const hint = `It reaches ${listed(levelsReached(template))}.`;
      reading.problems.add(place, key, `template ${template.name} never reaches ${level}`, null, hint);
    } else if (value !== undefined && (way === 'up' ? value >= threshold : value <= threshold)) {
      const side = way === 'up' ? 'below' : 'above';
      const found = `${writtenQuantity(value, unit)} is not ${side} the threshold, ${comparison} ${writtenQuantity(threshold, unit)}`;
      reading.problems.add(place, key, found, null, `An alert recovers ${side} it.`);
    }
  }
  return read;
}
