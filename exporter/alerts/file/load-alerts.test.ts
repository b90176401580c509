import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type LoadAlertsOptions, loadAlerts } from './load-alerts.js';
import { OFFICIAL } from './testdata/official.js';

const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PRICE = { from: 0, input: 1, output: 1, cachedInput: null, cacheWrite: null, reasoning: null, batchFactor: 1 };
const SURROUNDINGS = {
  officialTemplates: OFFICIAL,
  monitoring: { default: 'advanced', workspaces: new Map() },
  quotas: [{ workspace: '*', model: 'm', rpm: 1, tpm: null }],
  pricing: {
    models: new Map([
      [
        'm',
        [
          { ...PRICE, currency: 'USD' },
          { ...PRICE, currency: 'CNY' },
        ],
      ],
    ]),
  },
} as const;

function load(text: string, options: Partial<LoadAlertsOptions> = {}) {
  writeFileSync(join(folder, 'a.yml'), text);
  return loadAlerts({ ...SURROUNDINGS, file: 'a.yml', cwd: folder, ...options });
}

test('a file with every key', () => {
  const file = fileURLToPath(new URL('testdata/every-key.yml', import.meta.url));
  const { alerts } = loadAlerts({ ...SURROUNDINGS, file });
  expect(alerts.links).toEqual({
    grafana: 'https://g.example.com',
    alertmanager: 'https://am.example.com',
    runbooks: 'https://example.com/runbooks',
  });
  expect(alerts.exporter).toEqual({ url: 'https://x.example.com/model', notifyTokenFile: '/run/secrets/notify-token' });
  expect(alerts.email).toEqual({
    smarthost: 'smtp.example.com:587',
    from: 'Alerts <alerts@example.com>',
    user: 'alerts',
    passwordFile: '/run/secrets/mail',
    requireTls: false,
  });
  expect([...alerts.contacts.values()]).toEqual([
    { name: 'ops-mail', type: 'email', fromLevel: 'warning', to: ['ops@example.com'] },
    { name: 'chat', type: 'slack', fromLevel: 'warning', apiUrlFile: '/s/slack', channel: '#llm' },
    { name: 'pager', type: 'pagerduty', fromLevel: 'critical', routingKeyFile: '/s/pager' },
    {
      name: 'wecom-ops',
      type: 'wecom',
      fromLevel: 'warning',
      corpId: 'ww1',
      agentId: '1000002',
      secretFile: '/s/wecom',
      toUser: '@all',
      toParty: 'p',
    },
    { name: 'ding', type: 'dingtalk', fromLevel: 'warning', robot: 'ops' },
    { name: 'hook', type: 'webhook', fromLevel: 'error', url: 'https://hook.example.com/in/', tokenFile: '/s/hook' },
  ]);
  expect(alerts.schedules.get('office-hours')).toEqual({
    name: 'office-hours',
    hours: [
      { from: 540, to: 1080 },
      { from: 1320, to: 360 },
      { from: 1200, to: 1440 },
    ],
    weekdays: ['monday', 'tuesday', 'wednesday', 'sunday'],
    timeZone: 'Asia/Shanghai',
  });
  expect(alerts.schedules.get('always')).toMatchObject({ hours: [{ from: 0, to: 1440 }], timeZone: 'UTC' });
  expect(alerts.schedules.get('always')?.weekdays).toHaveLength(7);
  const slow = alerts.templates.get('slow-chat');
  expect(slow).toEqual({
    name: 'slow-chat',
    isOfficial: false,
    workspace: 'team-a',
    summary: 'Chat is slow.',
    match: 'any',
    conditions: [
      {
        metric: 'first_token_duration',
        aggregation: 'p95',
        comparison: '>',
        windowMs: 600_000,
        inferenceType: 'all',
        filters: {},
        leastBaseline: null,
        thresholds: new Map([
          ['warning', 2],
          ['error', 5],
        ]),
      },
    ],
  });
  const many = alerts.templates.get('many_things');
  expect(many?.summary).toBe('Many things.');
  expect(many?.conditions.map((each) => [each.windowMs, each.filters, each.leastBaseline, each.inferenceType])).toEqual(
    [
      [300_000, {}, null, 'realtime'],
      [300_000, { failure: 'timeout' }, null, 'realtime'],
      [300_000, { stage: 'generation' }, null, 'realtime'],
      [null, { usage_type: 'input_tokens' }, 5, 'all'],
      [300_000, { limit: 'tpm' }, null, 'realtime'],
      [null, { currency: 'CNY' }, 1, 'all'],
      [null, {}, 20, 'all'],
    ],
  );
  expect(many?.conditions.map((each) => each.thresholds)).toEqual([
    100,
    new Map([
      ['normal', 0.07],
      ['error', 0.2],
    ]),
    new Map([['error', 0.2]]),
    new Map([['error', 2]]),
    1.5,
    new Map([['error', 0.5]]),
    600,
  ]);
  expect(alerts.rules).toEqual([
    {
      name: 'chat-latency',
      template: slow,
      workspaces: ['team-a'],
      models: ['qwen-*', 'gpt'],
      forMs: 0,
      holdMs: 120_000,
      clearAt: new Map([['warning', 1.5]]),
      leastCalls: 20,
      message: '$labels.model is slow ($value), costs $5 or {{more}} $',
      schedule: alerts.schedules.get('office-hours'),
      silenceMs: 14_400_000,
      contacts: ['ops-mail', 'chat'],
      budget: null,
    },
    {
      name: 'plain',
      template: OFFICIAL.get('failure-rate'),
      workspaces: [],
      models: [],
      forMs: 60_000,
      holdMs: 300_000,
      clearAt: new Map(),
      leastCalls: null,
      message: '',
      schedule: null,
      silenceMs: null,
      contacts: [],
      budget: null,
    },
    expect.objectContaining({ name: 'spending', budget: { amount: 100, currency: 'USD' } }),
  ]);
  expect([alerts.healthContacts, alerts.watchdogContact]).toEqual([['ops-mail'], 'hook']);
});

test.each(['', '# nothing\n', 'rules:\n', 'rules: {}\nemail:\n'])('a file without rules is good: %j', (text) => {
  expect(load(text)).toEqual({
    file: 'a.yml',
    notes: [],
    alerts: {
      links: {
        grafana: 'http://127.0.0.1:3000',
        alertmanager: 'http://127.0.0.1:9093',
        runbooks: 'http://127.0.0.1:9490/runbooks',
      },
      exporter: { url: 'http://127.0.0.1:9490', notifyTokenFile: null },
      email: null,
      contacts: new Map(),
      schedules: new Map(),
      templates: new Map(),
      rules: [],
      healthContacts: [],
      watchdogContact: null,
    },
  });
});

test('a file that is not there: what to do', () => {
  expect(() => loadAlerts({ ...SURROUNDINGS, cwd: folder })).toThrow(
    'config/alerts.yml  no such file. Write it, empty if there are no rules yet, or say where it is; ' +
      'it was looked for in the working directory.',
  );
  expect(() => load('', { file: 'b.yml' })).toThrow(`b.yml  no such file. It was looked for at ${folder}/b.yml.`);
});

const COUNT = (count: number, workspace: string) =>
  Array.from({ length: count }, (_, index) => {
    const condition = '{metric: calls, aggregation: sum, thresholds: {normal: 1}}';
    return `  ${workspace}${index}: {${workspace === '' ? '' : `workspace: ${workspace}, `}conditions: [${condition}]}\n`;
  }).join('');

test('at most 100 templates of a workspace, those of all workspaces among them', () => {
  expect(load(`templates:\n${COUNT(40, '')}${COUNT(60, 'a')}${COUNT(60, 'b')}`).alerts.templates.size).toBe(160);
  expect(() => load(`templates:\n${COUNT(40, '')}${COUNT(60, 'a')}${COUNT(61, 'b')}`)).toThrow(
    'a.yml:162:3  templates.b60: found 101 templates of workspace b, those without a workspace among them.\n' +
      '    Allowed: at most 100, as in the managed service. One template serves any number of rules: ' +
      'write what differs (workspaces, models, contacts) in rules.',
  );
});

test('notes: what is good, but perhaps not meant', () => {
  const text = `contacts: {hook: {type: webhook, url: 'http://h'}}
templates:
  unused: {conditions: [{metric: calls, aggregation: sum, thresholds: {normal: 1}}]}
rules:
  a: {template: failure-rate, workspaces: [sandbox, x]}
  b: {template: failure-rate}
  c: {template: near-quota, workspaces: [prod], contacts: [hook]}
  d: {template: spent, workspaces: [prod], contacts: [hook], budget: {amount: 1, currency: EUR}}
`;
  const monitoring = { default: 'basic', workspaces: new Map([['prod', 'advanced'] as const]) } as const;
  const hint = 'Set monitoring.workspaces or monitoring.default to advanced in the configuration of the exporter.';
  expect(load(text, { monitoring, quotas: [] }).notes).toEqual([
    'a.yml:3:3  templates.unused: no rule uses this template.',
    `a.yml:5:31  rules.a.workspaces: "sandbox" and "x" have no alerts: basic monitoring is without them. ${hint}`,
    `a.yml:6:17  rules.b: watches only "prod": all others have basic monitoring, which has no alerts. ${hint}`,
    'a.yml:7:17  rules.c: template near-quota compares with quotas, and none are configured. ' +
      'Write them under quotas in the configuration of the exporter.',
    'a.yml:8:62  rules.d: looks at costs in EUR, in which there is no price. Prices are in CNY and USD.',
    'a.yml  rules: nobody is notified by "a" and "b": without contacts, alerts are seen in Grafana, Alertmanager and ' +
      'the history alone.',
  ]);
});
