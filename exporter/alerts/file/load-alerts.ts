import { join, resolve } from 'node:path';
import { ConfigError, Problems, renderProblem } from '../../config/config-error.js';
import { readEntry } from '../../config/entry.js';
import type { Entry } from '../../config/kind.js';
import { describeHidden, isNothing, type MapTree } from '../../config/tree.js';
import { readYamlFile } from '../../config/yaml-file.js';
import type { Alerts, Contact, Template } from '../model/alerts.js';
import { ALERTS_FILE, type AlertsFile } from './alerts-file.js';
import { readContacts, readEmail } from './contacts.js';
import { noteRules, type Surroundings } from './notes.js';
import { type Reading, refuse } from './reading.js';
import { checkContacts, type Known, readRules } from './rules.js';
import { readSchedules } from './schedules.js';
import { readTemplates } from './templates.js';

/** Where the file is unless somebody names another, relative to the working directory. */
export const DEFAULT_ALERTS_FILE = join('config', 'alerts.yml');

export interface LoadAlertsOptions extends Surroundings {
  /** The file that somebody named. */
  readonly file?: string | undefined;
  /** What a relative path is relative to; the working directory unless given. */
  readonly cwd?: string;
  readonly officialTemplates: ReadonlyMap<string, Template>;
}

export interface LoadedAlerts {
  readonly alerts: Alerts;
  /** As it was named. */
  readonly file: string;
  /** What is good, but perhaps not what was meant; one or two lines each, with their place. */
  readonly notes: readonly string[];
}

/**
 * The alerts of a file, checked, with their defaults.
 * @throws ConfigError with every mistake at once
 */
export function loadAlerts(options: LoadAlertsOptions): LoadedAlerts {
  const { file = DEFAULT_ALERTS_FILE, cwd = process.cwd(), officialTemplates } = options;
  const problems = new Problems();
  const tree = readTree(file, resolve(cwd, file), options.file !== undefined, problems);
  const entry = readEntry(ALERTS_FILE, tree, '', problems);
  // Every key of the file has a default or may be left out.
  if (entry === undefined) throw new Error('the file of alerts has a required key');
  const refused = new Set(problems.list.map(({ key }) => key));
  const reading: Reading = { problems, notes: new Problems(), refused };
  const { values } = entry;
  const email = readEmail(entry, reading);
  const known: Known = {
    official: officialTemplates,
    templates: readTemplates(values.templates, officialTemplates, reading),
    contacts: readContacts(entry, reading),
    schedules: readSchedules(values.schedules),
  };
  const rules = readRules(values.rules, known, reading);
  const tell = (found: string, hint: string): void => refuse(reading, entry, 'health.contacts', found, null, hint);
  checkContacts(values['health.contacts'] ?? [], tell, known.contacts);
  checkWatchdog(entry, known.contacts, reading);
  if (!problems.none) throw new ConfigError(problems.list);
  noteRules(rules, values.templates, known.contacts, options, reading);
  const alerts: Alerts = {
    links: {
      grafana: values['links.grafana'],
      alertmanager: values['links.alertmanager'],
      runbooks: values['links.runbooks'],
    },
    exporter: { url: values['exporter.url'], notifyTokenFile: values['exporter.notify_token_file'] },
    email,
    contacts: whole(known.contacts),
    schedules: whole(known.schedules),
    templates: whole(known.templates),
    rules: rules.map(({ rule }) => rule),
    healthContacts: values['health.contacts'] ?? [],
    watchdogContact: values['watchdog.contact'],
  };
  const notes = reading.notes.list.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity));
  return { alerts, file, notes: notes.map(renderProblem) };
}

function readTree(file: string, path: string, isNamed: boolean, problems: Problems): MapTree {
  const nothing: MapTree = { type: 'map', place: { file, line: null, column: null }, entries: [] };
  const tree = readYamlFile(path, file, problems);
  if (tree === 'missing') {
    const hint = isNamed
      ? `It was looked for at ${path}.`
      : 'Write it, empty if there are no rules yet, or say where it is; it was looked for in the working directory.';
    problems.add(nothing.place, '', 'no such file', null, hint);
    return nothing;
  }
  if (tree === null || isNothing(tree)) return nothing;
  if (tree.type === 'map') return tree;
  const sections = [...new Set(Object.keys(ALERTS_FILE).map((key) => key.split('.')[0]))].join(', ');
  problems.add(tree.place, '', describeHidden(tree), `a mapping with the keys ${sections}`);
  return nothing;
}

function checkWatchdog(file: Entry<AlertsFile>, contacts: Known['contacts'], reading: Reading): void {
  const name = file.values['watchdog.contact'];
  if (name === null) return;
  const tell = (found: string, hint: string): void => refuse(reading, file, 'watchdog.contact', found, null, hint);
  checkContacts([name], tell, contacts);
  const contact: Contact | null = contacts.get(name) ?? null;
  if (contact === null || contact.type === 'webhook') return;
  const hint = 'Name one of type webhook: it is called again and again, and only a program can notice that it stops.';
  tell(`contact ${name} is of type ${contact.type}`, hint);
}

/** All are there: one that is not was refused, and nothing is loaded then. */
function whole<T>(named: ReadonlyMap<string, T | null>): Map<string, T> {
  const values = new Map<string, T>();
  for (const [name, value] of named) {
    if (value === null) throw new Error('refused without a word');
    values.set(name, value);
  }
  return values;
}
