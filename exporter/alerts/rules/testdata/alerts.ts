import type { Alerts, Rule, Template } from '../../model/alerts.js';
import { OFFICIAL_TEMPLATES } from '../../templates/official.js';

/** A rule that covers everything and says nothing that need not be said. */
export function ruleOf(template: Template | string, given: Partial<Rule> = {}): Rule {
  return {
    name: 'plain',
    template: typeof template === 'string' ? officialTemplate(template) : template,
    workspaces: [],
    models: [],
    forMs: 120_000,
    holdMs: 0,
    clearAt: new Map(),
    leastCalls: null,
    message: '',
    schedule: null,
    silenceMs: null,
    contacts: [],
    budget: null,
    ...given,
  };
}

/** A file of alerts with these rules. */
export function alertsOf(rules: readonly Rule[], given: Partial<Alerts> = {}): Alerts {
  return {
    links: {
      grafana: 'https://grafana.example.com',
      alertmanager: 'https://alertmanager.example.com',
      runbooks: 'https://docs.example.com/runbooks',
    },
    exporter: { url: 'http://127.0.0.1:9490', notifyTokenFile: null },
    email: null,
    contacts: new Map(),
    schedules: new Map(),
    templates: new Map(),
    rules,
    healthContacts: [],
    watchdogContact: null,
    ...given,
  };
}

export function officialTemplate(name: string): Template {
  const template = OFFICIAL_TEMPLATES.get(name);
  if (template === undefined) throw new Error(`no official template ${name}`);
  return template;
}
