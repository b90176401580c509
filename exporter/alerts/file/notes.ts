import type { MonitoringSettings, PricingSettings, QuotaSettings } from '../../config/settings.js';
import { quoted } from '../../config/tree.js';
import type { Contact, Rule, Template } from '../model/alerts.js';
import type { TEMPLATE_KEYS } from './alerts-file.js';
import type { Named } from './named-mappings.js';
import { listed, pathOf, placeOf, type Reading } from './reading.js';
import type { ReadRule, RuleEntry } from './rules.js';

/** What of the service's configuration decides whether a rule can ever say something. */
export interface Surroundings {
  readonly monitoring: MonitoringSettings;
  readonly quotas: readonly QuotaSettings[];
  readonly pricing: PricingSettings;
}

/** Notes on what is good, but perhaps not what was meant. */
export function noteRules(
  rules: readonly ReadRule[],
  templates: readonly Named<typeof TEMPLATE_KEYS>[],
  contacts: ReadonlyMap<string, Contact | null>,
  { monitoring, quotas, pricing }: Surroundings,
  reading: Reading,
): void {
  const currencies = new Set([...pricing.models.values()].flatMap((prices) => prices.map((price) => price.currency)));
  for (const { rule, entry } of rules) {
    noteMonitoring(rule, entry, monitoring, reading);
    noteQuotas(rule, entry, quotas, reading);
    noteCurrencies(rule, entry, currencies, reading);
  }
  noteUnused(rules, templates, reading);
  noteSilent(rules, reading);
  notePagers(rules, contacts, reading);
}

function noteMonitoring(
  rule: Rule,
  entry: RuleEntry,
  { default: otherwise, workspaces }: MonitoringSettings,
  reading: Reading,
): void {
  const note = (found: string, name: 'workspaces' | 'template'): void => {
    const hint = 'Set monitoring.workspaces or monitoring.default to advanced in the configuration of the exporter.';
    reading.notes.add(placeOf(entry, name), name === 'workspaces' ? pathOf(entry, name) : entry.key, found, null, hint);
  };
  if (rule.workspaces.length === 0) {
    if (otherwise !== 'basic') return;
    const advanced = [...workspaces].filter(([, mode]) => mode === 'advanced').map(([workspace]) => quoted(workspace));
    const left = advanced.length === 0 ? 'no workspace' : `only ${listed(advanced)}`;
    note(`watches ${left}: all others have basic monitoring, which has no alerts`, 'template');
  }
  const basic = rule.workspaces.filter((workspace) => (workspaces.get(workspace) ?? otherwise) === 'basic');
  if (basic.length > 0) {
    const has = basic.length === 1 ? 'has' : 'have';
    note(`${listed(basic.map(quoted))} ${has} no alerts: basic monitoring is without them`, 'workspaces');
  }
}

function noteQuotas(rule: Rule, entry: RuleEntry, quotas: readonly QuotaSettings[], reading: Reading): void {
  if (quotas.length > 0 || rule.template.conditions.every(({ metric }) => metric !== 'quota')) return;
  const found = `template ${rule.template.name} compares with quotas, and none are configured`;
  reading.notes.add(
    placeOf(entry, 'template'),
    entry.key,
    found,
    null,
    'Write them under quotas in the configuration of the exporter.',
  );
}

function noteCurrencies(rule: Rule, entry: RuleEntry, priced: ReadonlySet<string>, reading: Reading): void {
  const budget = rule.budget === null ? [] : [rule.budget.currency];
  const costs = rule.template.conditions.flatMap(({ filters }) => filters.currency ?? []);
  const missing = [...new Set([...budget, ...costs])].filter((currency) => !priced.has(currency));
  if (missing.length === 0) return;
  const place = placeOf(entry, rule.budget === null ? 'template' : 'budget');
  const have = priced.size === 0 ? 'The price list has no prices.' : `Prices are in ${listed([...priced].toSorted())}.`;
  reading.notes.add(place, entry.key, `looks at costs in ${listed(missing)}, in which there is no price`, null, have);
}

function noteUnused(
  rules: readonly ReadRule[],
  templates: readonly Named<typeof TEMPLATE_KEYS>[],
  reading: Reading,
): void {
  const used = new Set<Template['name']>(rules.map(({ rule }) => rule.template.name));
  for (const { name, key, place } of templates) {
    if (!used.has(name)) reading.notes.add(place, key, 'no rule uses this template');
  }
}

/** One note for all of them: a file of many rules may mean it. */
function noteSilent(rules: readonly ReadRule[], reading: Reading): void {
  const silent = rules.filter(({ rule }) => rule.contacts.length === 0);
  const [first] = silent;
  if (first === undefined) return;
  const names = listed(silent.map(({ rule }) => quoted(rule.name)));
  const found = `nobody is notified by ${names}: without contacts, alerts are seen in Grafana, Alertmanager and the history alone`;
  reading.notes.add({ ...first.entry.place, line: null, column: null }, 'rules', found);
}

/** An end outside a schedule is not told: an incident in a pager would stay open. */
function notePagers(rules: readonly ReadRule[], contacts: ReadonlyMap<string, Contact | null>, reading: Reading): void {
  for (const { rule, entry } of rules) {
    const pager = rule.contacts.find((name) => contacts.get(name)?.type === 'pagerduty');
    if (rule.schedule === null || pager === undefined) continue;
    const found = `contact ${quoted(pager)} is a pager, and ends outside the schedule are not told: its incidents would stay open`;
    reading.notes.add(
      placeOf(entry, 'schedule'),
      pathOf(entry, 'schedule'),
      found,
      null,
      'Give pagers a rule of their own, without a schedule.',
    );
  }
}
