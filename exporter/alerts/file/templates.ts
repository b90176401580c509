import { alertMetric } from '../model/alert-metrics.js';
import type { Condition, Template } from '../model/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../model/levels.js';
import type { TEMPLATE_KEYS } from './alerts-file.js';
import { type ConditionEntry, readCondition } from './conditions.js';
import type { Named } from './named-mappings.js';
import { isRefused, type Reading, refuse } from './reading.js';

type NamedTemplate = Named<typeof TEMPLATE_KEYS>;
type TemplateEntry = NonNullable<NamedTemplate['entry']>;

/** As many as the managed service allows. */
const MOST_OF_A_WORKSPACE = 100;

/** The label `template` of the exporter's own alerts. */
const EXPORTER_TEMPLATE = 'exporter';

/** The user's own templates by name; null where one was refused. */
export function readTemplates(
  named: readonly NamedTemplate[],
  official: ReadonlyMap<string, Template>,
  reading: Reading,
): Map<string, Template | null> {
  const templates = new Map<string, Template | null>();
  for (const each of named) {
    templates.set(each.name, readTemplate(each, reading));
    if (each.name === EXPORTER_TEMPLATE) {
      const hint =
        "It is what the exporter's own alerts have there, and routes tell them by it: give yours another name.";
      reading.problems.add(each.place, each.key, 'a name that is taken', null, hint);
    }
    if (!official.has(each.name)) continue;
    const hint = 'Official templates are read-only: give yours another name.';
    reading.problems.add(each.place, each.key, 'the name of an official template', null, hint);
  }
  checkNumber(named, reading);
  return templates;
}

/** The levels that a template can reach, lowest first. */
export function levelsReached({ conditions, match }: Pick<Template, 'conditions' | 'match'>): AlertLevel[] {
  const reached = conditions.flatMap(({ thresholds }) => (typeof thresholds === 'number' ? [] : [thresholds]));
  if (reached.length === 0) return [];
  return ALERT_LEVELS.filter((level) =>
    match === 'any' ? reached.some((levels) => levels.has(level)) : reached.every((levels) => levels.has(level)),
  );
}

function readTemplate({ name, entry }: NamedTemplate, reading: Reading): Template | null {
  if (entry === null) return null;
  const { workspace, summary, conditions: written } = entry.values;
  const match = isRefused(reading, entry, 'match') ? null : entry.values.match;
  const read = written.entries.map((condition) => readCondition(condition, match, reading));
  if (!written.complete || match === null) return null;
  if (!checkBudget(written.entries, reading)) return null;
  const conditions = read.filter((condition) => condition !== null);
  if (conditions.length < read.length) return null;
  if (match === 'all' && !checkLevels(entry, conditions, reading)) return null;
  return { name, isOfficial: false, workspace, summary: summary ?? sentenceOf(name), match, conditions };
}

/** A budget is of a rule, and the alert is of a workspace: no other condition has the same labels. */
function checkBudget(entries: readonly ConditionEntry[], reading: Reading): boolean {
  if (entries.length === 1) return true;
  const budgets = entries.filter(({ values }) => alertMetric(values.metric).needsBudget);
  for (const entry of budgets) {
    const found = `${entry.values.metric} beside other conditions`;
    const hint = 'It is of a workspace, the others of a model: give it a template of its own.';
    refuse(reading, entry, 'metric', found, null, hint);
  }
  return budgets.length === 0;
}

/** With `match: all`, a level is reached where every condition that has levels has it. */
function checkLevels(entry: TemplateEntry, conditions: readonly Condition[], reading: Reading): boolean {
  if (levelsReached({ conditions, match: 'all' }).length > 0) return true;
  const withLevels = conditions.flatMap(({ thresholds }, index) =>
    typeof thresholds === 'number' ? [] : [`conditions[${index}] has ${[...thresholds.keys()].join(', ')}`],
  );
  if (withLevels.length === 0) {
    const hint = 'threshold is for conditions that only go along: give one of them thresholds, such as {warning: 100}.';
    refuse(reading, entry, 'conditions', 'none of them has thresholds, so that no level is reached', null, hint);
  } else {
    const found = `no level that all of them have: ${withLevels.join('; ')}`;
    const hint = 'With match: all, a level is reached when every condition has reached it.';
    refuse(reading, entry, 'conditions', found, null, hint);
  }
  return false;
}

/** Those without a workspace count in every one. */
function checkNumber(named: readonly NamedTemplate[], { problems }: Reading): void {
  const ofAll: NamedTemplate[] = [];
  const byWorkspace = new Map<string, NamedTemplate[]>();
  for (const each of named) {
    const workspace = each.entry?.values.workspace ?? null;
    if (workspace === null) ofAll.push(each);
    else byWorkspace.set(workspace, [...(byWorkspace.get(workspace) ?? []), each]);
  }
  const groups = [...byWorkspace].map(([workspace, own]) => ({ of: `of workspace ${workspace}`, own }));
  const crowded = ofAll.length > MOST_OF_A_WORKSPACE ? [{ of: 'of all workspaces', own: [] }] : groups;
  for (const { of, own } of crowded) {
    const all = named.filter((each) => ofAll.includes(each) || own.some((one) => one === each));
    const first = all[MOST_OF_A_WORKSPACE];
    if (first === undefined) continue;
    const found = `found ${all.length} templates ${of}, those without a workspace among them`;
    const allowed = `at most ${MOST_OF_A_WORKSPACE}, as in the managed service`;
    const hint = 'One template serves any number of rules: write what differs (workspaces, models, contacts) in rules.';
    problems.add(first.place, first.key, found, allowed, hint);
  }
}

/** `slow-chat` → `Slow chat.` */
function sentenceOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ').trim() || name;
  const sentence = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?。！？]$/u.test(sentence) ? sentence : `${sentence}.`;
}
