import type { Alerts, Contact, ContactTarget, Rule, Schedule, Template } from '../../model/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../../model/levels.js';

const TEMPLATE: Template = {
  name: 'failure-rate',
  isOfficial: true,
  workspace: null,
  summary: 'More calls fail than should.',
  match: 'any',
  conditions: [
    {
      metric: 'failures',
      aggregation: 'share',
      comparison: '>',
      windowMs: 300_000,
      inferenceType: 'realtime',
      filters: { failure: 'any' },
      leastBaseline: null,
      thresholds: new Map(ALERT_LEVELS.map((level, index) => [level, (index + 1) / 100])),
    },
  ],
};

/** A rule that reaches all levels, on all models of all workspaces. */
export function ruleOf(name: string, contacts: readonly string[], changes: Partial<Rule> = {}): Rule {
  return {
    name,
    template: TEMPLATE,
    workspaces: [],
    models: [],
    forMs: 120_000,
    holdMs: 0,
    clearAt: new Map(),
    leastCalls: null,
    message: '',
    schedule: null,
    silenceMs: null,
    contacts,
    budget: null,
    ...changes,
  };
}

export function contactOf(name: string, fromLevel: AlertLevel, target: ContactTarget = webhookTo('hook')): Contact {
  return { name, fromLevel, ...target };
}

export function webhookTo(name: string): ContactTarget {
  return { type: 'webhook', url: `http://127.0.0.1:9/${name}`, tokenFile: null };
}

/** One contact of each type; the last names are those of the types. */
export const CONTACT_OF_EACH_TYPE: readonly Contact[] = [
  contactOf('email', 'normal', { type: 'email', to: ['on-call@example.com', 'Platform <platform@example.com>'] }),
  contactOf('webhook', 'error', {
    type: 'webhook',
    url: 'https://hooks.example.com/alerts?team=models',
    tokenFile: '/etc/alertmanager/secrets/hook-token',
  }),
  contactOf('slack', 'warning', {
    type: 'slack',
    apiUrlFile: '/etc/alertmanager/secrets/slack-url',
    channel: '#models',
  }),
  contactOf('pagerduty', 'critical', {
    type: 'pagerduty',
    routingKeyFile: '/etc/alertmanager/secrets/pagerduty-key',
  }),
  contactOf('wecom', 'warning', {
    type: 'wecom',
    corpId: 'ww0123456789abcdef',
    agentId: '1000002',
    secretFile: '/etc/alertmanager/secrets/wecom-secret',
    toUser: null,
    toParty: '7',
  }),
  contactOf('dingtalk', 'warning', { type: 'dingtalk', robot: '值班 & co' }),
];

export function scheduleOf(changes: Partial<Schedule>): Schedule {
  return {
    name: 'office hours',
    hours: [{ from: 540, to: 1080 }],
    weekdays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
    timeZone: 'Asia/Shanghai',
    ...changes,
  };
}

interface Parts extends Partial<Omit<Alerts, 'contacts' | 'schedules'>> {
  readonly contacts?: readonly Contact[];
}

/** A configuration of these rules and contacts; its schedules are those that the rules name. */
export function alertsOf({ contacts = [], ...parts }: Parts): Alerts {
  const schedules = (parts.rules ?? []).flatMap(({ schedule }) => (schedule === null ? [] : [schedule]));
  return {
    links: {
      grafana: 'https://grafana.example.com',
      alertmanager: 'https://alerts.example.com',
      runbooks: 'https://docs.example.com/runbooks',
    },
    exporter: { url: 'http://exporter:9490', notifyTokenFile: null },
    email: contacts.some(({ type }) => type === 'email')
      ? {
          smarthost: 'smtp.example.com:587',
          from: 'alerts@example.com',
          user: 'alerts',
          passwordFile: '/etc/alertmanager/secrets/smtp-password',
          requireTls: true,
        }
      : null,
    contacts: new Map(contacts.map((contact) => [contact.name, contact])),
    schedules: new Map(schedules.map((schedule) => [schedule.name, schedule])),
    templates: new Map(),
    rules: [],
    healthContacts: [],
    watchdogContact: null,
    ...parts,
  };
}

/** Texts that break what does not escape. */
export const HOSTILE_NAMES = [
  'plain',
  'with "quotes" and a \\backslash\\',
  'ends with a backslash\\',
  'ends with a quote"',
  '{{ template "x" }} {{',
  '{a="b"}',
  'comma, level="critical"',
  '失败率 🚨 高',
  '# no comment: *x* _y_ [z](http://z) <b>',
  'yes',
  '%s %q $value',
  "it's",
  ' spaces ',
  'line\u2028separator\u0085next',
];
