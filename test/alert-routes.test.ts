// Whom an alert reaches, asked of amtool: each level of each rule reaches its contacts, in the order of the rule, and nobody else.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { equals } from '../exporter/alerts/alertmanager/matchers.js';
import {
  alertsOf,
  CONTACT_OF_EACH_TYPE,
  contactOf,
  HOSTILE_NAMES,
  ruleOf,
  scheduleOf,
} from '../exporter/alerts/alertmanager/testdata/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../exporter/alerts/model/levels.js';
import { amtool, configFolder } from './alertmanager-files.js';
import { hasPrograms } from './harness/prometheus-binaries.js';

const ALERTS = alertsOf({
  contacts: [
    ...CONTACT_OF_EACH_TYPE,
    contactOf('所有人', 'normal'),
    contactOf('history', 'normal'),
    contactOf('watchers', 'normal'),
  ],
  rules: [
    ruleOf('failures', ['pagerduty', 'email', 'slack', 'webhook', 'wecom', 'dingtalk']),
    ruleOf('slow', ['webhook', 'pagerduty'], { schedule: scheduleOf({}), silenceMs: 1_800_000 }),
    ruleOf('seen', []),
    ruleOf('pages', ['pagerduty']),
    ruleOf('clash', ['history']),
    ruleOf('exporter-down', ['slack']),
    ...HOSTILE_NAMES.map((name) => ruleOf(name, ['所有人'])),
  ],
  healthContacts: ['email', 'pagerduty'],
  watchdogContact: 'watchers',
  exporter: { url: 'http://exporter:9490', notifyTokenFile: '/etc/alertmanager/secrets/notify' },
});

/** By rule: the receivers of each level, but for the history, which hears all. */
const REACHED: Readonly<Record<string, Readonly<Record<AlertLevel, readonly string[]>>>> = {
  failures: {
    normal: ['email'],
    warning: ['email', 'slack', 'wecom', 'dingtalk'],
    error: ['email', 'slack', 'webhook', 'wecom', 'dingtalk'],
    critical: ['pagerduty', 'email', 'slack', 'webhook', 'wecom', 'dingtalk'],
  },
  slow: { normal: [], warning: [], error: ['webhook'], critical: ['webhook', 'pagerduty'] },
  seen: { normal: [], warning: [], error: [], critical: [] },
  pages: { normal: [], warning: [], error: [], critical: ['pagerduty'] },
  clash: { normal: ['history'], warning: ['history'], error: ['history'], critical: ['history'] },
  'exporter-down': { normal: [], warning: ['slack'], error: ['slack'], critical: ['slack'] },
};
const WORKSPACES = ['team-a', '*', 'line "quoted"'];

let file: string;

describe.runIf(hasPrograms('amtool'))('routes', () => {
  beforeAll(async () => {
    file = join(await configFolder(ALERTS), 'alertmanager.yml');
  });

  it('are a configuration that Alertmanager takes, though no secret is there yet', async () => {
    const { code, stdout, stderr } = await amtool('check-config', file);
    expect(stderr).toBe('');
    expect(stdout).toContain('SUCCESS');
    expect(stdout).toMatch(/2 templates/);
    expect(code).toBe(0);
  });

  const cases = Object.entries(REACHED).flatMap(([rule, levels]) =>
    ALERT_LEVELS.map((level) => [rule, level, levels[level]] as const),
  );
  it.each(cases)('%s, %s: %j', async (rule, level, contacts) => {
    for (const workspace of WORKSPACES) {
      const labels = { alertname: 'ModelX', rule, level, template: 't', workspace_id: workspace, model: 'm' };
      await expectReceivers(labels, ['history', ...names(contacts)]);
    }
  });

  it.each(HOSTILE_NAMES)('the rule %j is found by its name', async (rule) => {
    const labels = { rule, level: 'normal', template: 't', workspace_id: 'w', model: rule };
    await expectReceivers(labels, ['history', 'contact/所有人']);
  });

  it.each([
    ['normal', ['email']],
    ['warning', ['email']],
    ['error', ['email']],
    ['critical', ['email', 'pagerduty']],
  ] as const)('an alert of the exporter itself, %s: %j, also where a rule has its name', async (level, contacts) => {
    for (const rule of ['exporter-down', 'spool-filling']) {
      const labels = { rule, level, template: 'exporter', workspace_id: '*', model: '*' };
      await expectReceivers(labels, ['history', ...names(contacts)]);
    }
  });

  it('the Watchdog reaches its own receiver alone', async () => {
    await expectReceivers({ alertname: 'Watchdog' }, ['watchdog']);
  });

  it('of an alert of others nobody hears', async () => {
    await expectReceivers({ alertname: 'SomethingElse', level: 'critical', severity: 'critical' }, ['nobody']);
  });

  it('of an alert of a rule that is not in the file the history hears alone', async () => {
    const labels = { rule: 'gone', level: 'critical', template: 't', workspace_id: 'w', model: 'm' };
    await expectReceivers(labels, ['history']);
  });

  it('a wrong expectation is seen', async () => {
    const { code } = await routesTest({ rule: 'pages', level: 'critical' }, '--verify.receivers=history,contact/email');
    expect(code).toBe(1);
  });
});

function names(contacts: readonly string[]): string[] {
  // Whom nobody below the rule's route hears, its own receiver does.
  return contacts.length === 0 ? ['nobody'] : contacts.map((name) => `contact/${name}`);
}

async function expectReceivers(labels: Readonly<Record<string, string>>, expected: readonly string[]): Promise<void> {
  const { code, stdout } = await routesTest(labels, `--verify.receivers=${expected.join(',')}`);
  expect([stdout.trim(), code]).toEqual([expected.join(','), 0]);
}

function routesTest(labels: Readonly<Record<string, string>>, ...flags: readonly string[]) {
  const pairs = Object.entries(labels).map(([label, value]) => equals(label, value));
  return amtool('config', 'routes', 'test', `--config.file=${file}`, ...flags, ...pairs);
}

it.runIf(hasPrograms('amtool'))('secrets are not in the configuration', async () => {
  expect(await readFile(file, 'utf8')).not.toMatch(/credentials: |password: |routing_key: |api_url: /);
});
