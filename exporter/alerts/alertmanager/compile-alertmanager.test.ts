import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Alerts, Contact } from '../model/alerts.js';
import { ALERT_LEVELS } from '../model/levels.js';
import { literal } from '../rules/go-template.js';
import { compileAlertmanager } from './compile-alertmanager.js';
import type { Receiver } from './receivers.js';
import type { Route } from './routes.js';
import { alertsOf, CONTACT_OF_EACH_TYPE, contactOf, HOSTILE_NAMES, ruleOf, scheduleOf } from './testdata/alerts.js';

interface Config {
  global?: Record<string, unknown>;
  templates: string[];
  route: Route;
  inhibit_rules: { source_matchers: string[]; target_matchers: string[]; equal: string[] }[];
  receivers: Receiver[];
  time_intervals?: { name: string }[];
}

const CONTACTS = [contactOf('mail', 'normal'), contactOf('chat', 'warning'), contactOf('pager', 'critical')];

function compile(alerts: Alerts): Config {
  return parse(text(alerts)) as Config;
}

function text(alerts: Alerts): string {
  return compileAlertmanager(alerts, { exporterUrl: 'http://exporter:9490' });
}

test('the head says where it comes from', () => {
  expect(text(alertsOf({}))).toMatch(/^# .*Generated from config\/alerts\.yml by `model-observation alerts build`/);
});

describe('routes', () => {
  test('without rules: the Watchdog and all else are nobody’s, and the history hears all', () => {
    const { route, receivers, time_intervals } = compile(alertsOf({}));
    expect(route).toEqual({
      receiver: 'nobody',
      group_by: ['workspace_id', 'rule', 'level'],
      routes: [
        { matchers: ['alertname="Watchdog"'], receiver: 'nobody' },
        {
          matchers: ['rule!=""'],
          receiver: 'history',
          group_wait: '5s',
          group_interval: '30s',
          repeat_interval: '5d',
          continue: true,
        },
        { matchers: ['template="exporter"'], receiver: 'nobody' },
      ],
    });
    expect(receivers.map(({ name }) => name)).toEqual(['nobody', 'history']);
    expect(time_intervals).toBeUndefined();
  });

  test('a level of a rule is told to the contacts that it reaches', () => {
    const { route } = compile(alertsOf({ contacts: CONTACTS, rules: [ruleOf('r', ['pager', 'chat'])] }));
    const rule = route.routes?.at(-1);
    expect(rule?.receiver).toBe('nobody');
    expect(rule?.continue).toBeUndefined();
    expect(rule?.routes?.map(({ matchers, routes }) => [matchers, routes])).toEqual([
      [['level="critical"'], ['pager', 'chat'].map((name) => ({ receiver: `contact/${name}`, continue: true }))],
      [['level="error"'], [{ receiver: 'contact/chat', continue: true }]],
      [['level="warning"'], [{ receiver: 'contact/chat', continue: true }]],
    ]);
  });

  test('the Watchdog has a receiver of its own', () => {
    const { route, receivers } = compile(alertsOf({ contacts: CONTACTS, watchdogContact: 'mail' }));
    expect(route.routes?.[0]).toMatchObject({ receiver: 'watchdog', group_wait: '0s', group_interval: '30s' });
    expect(receivers.map(({ name }) => name)).toEqual(['nobody', 'history', 'watchdog']);
  });

  test('a schedule is asked by the contacts of its rule alone', () => {
    const schedule = scheduleOf({});
    const rules = [ruleOf('scheduled', ['mail', 'chat'], { schedule }), ruleOf('always', ['mail'])];
    const { route, time_intervals } = compile(alertsOf({ contacts: CONTACTS, rules }));
    expect(time_intervals?.map(({ name }) => name)).toEqual(['schedule/office hours']);
    const asking = nodes(route).filter(({ active_time_intervals }) => active_time_intervals !== undefined);
    const scheduled = nodes(route.routes!.at(-2)!).filter(({ receiver }) => receiver?.startsWith('contact/'));
    expect(asking).toEqual(scheduled);
    expect(asking).toHaveLength(4 + 3);
  });

  test('a contact that there is not is an error', () => {
    expect(() => text(alertsOf({ rules: [ruleOf('r', ['nobody here'])] }))).toThrow('no contact "nobody here"');
  });
});

test('every level mutes all levels below it, and no other', () => {
  const muted = compile(alertsOf({})).inhibit_rules.flatMap(({ source_matchers, target_matchers, equal }) => {
    expect(equal).toEqual(['workspace_id', 'model', 'rule']);
    expect([source_matchers[0], target_matchers[0]]).toEqual(['rule!=""', 'rule!=""']);
    const words = ([, matcher]: string[]) => /"(.*)"/.exec(matcher!)![1]!.split('|');
    return words(source_matchers).flatMap((source) => words(target_matchers).map((target) => `${source} > ${target}`));
  });
  const expected = ALERT_LEVELS.flatMap((low, index) =>
    ALERT_LEVELS.slice(index + 1).map((high) => `${high} > ${low}`),
  );
  expect(muted.toSorted()).toEqual(expected.toSorted());
});

describe('receivers', () => {
  const all = alertsOf({
    contacts: CONTACT_OF_EACH_TYPE,
    rules: [
      ruleOf(
        'r',
        CONTACT_OF_EACH_TYPE.map(({ name }) => name),
      ),
    ],
    exporter: { url: 'http://exporter:9490', notifyTokenFile: '/secrets/notify' },
  });

  test('are of the contacts in use', () => {
    const contacts = [...CONTACTS, contactOf('unused', 'normal')];
    const rules = [ruleOf('a', ['mail']), ruleOf('b', ['mail', 'chat'])];
    const { receivers } = compile(alertsOf({ contacts, rules, healthContacts: ['pager'] }));
    expect(receivers.map(({ name }) => name)).toEqual([
      'nobody',
      'history',
      'contact/mail',
      'contact/chat',
      'contact/pager',
    ]);
  });

  test('of each type have an integration, which tells of ends too', () => {
    const integrations = compile(all).receivers.flatMap(({ name, ...rest }) =>
      Object.entries(rest).map(([kind, configs]) => {
        expect((configs as { send_resolved: boolean }[]).map((config) => config.send_resolved)).toEqual([true]);
        return [name, kind];
      }),
    );
    expect(integrations).toEqual([
      ['history', 'webhook_configs'],
      ['contact/email', 'email_configs'],
      ['contact/webhook', 'webhook_configs'],
      ['contact/slack', 'slack_configs'],
      ['contact/pagerduty', 'pagerduty_configs'],
      ['contact/wecom', 'wechat_configs'],
      ['contact/dingtalk', 'webhook_configs'],
    ]);
  });

  test('of the exporter carry its token and escape the name of a robot', () => {
    const doors = compile(all).receivers.flatMap(({ webhook_configs }) => (webhook_configs ?? []) as { url: string }[]);
    const authorization = { credentials_file: '/secrets/notify' };
    expect(doors.filter(({ url }) => url.startsWith('http://exporter:9490/'))).toEqual([
      { send_resolved: true, url: 'http://exporter:9490/notify/history', http_config: { authorization } },
      {
        send_resolved: true,
        url: `http://exporter:9490/notify/dingtalk?robot=${encodeURIComponent('值班 & co')}`,
        http_config: { authorization },
      },
    ]);
  });

  test('without a token send none', () => {
    expect(text(alertsOf({}))).not.toContain('authorization');
  });

  test('name files where others have secrets', () => {
    const secrets = /^ *(?:- )?(\w*(?:secret|password|key|token|credentials|api_url)\w*): /gm;
    const keys = [...text(all).matchAll(secrets)].map(([, key]) => key);
    expect(new Set(keys)).toEqual(
      new Set(['smtp_auth_password_file', 'credentials_file', 'api_url_file', 'routing_key_file', 'api_secret']),
    );
  });

  test('of WeCom read the secret from a template that is its file', () => {
    const { templates, receivers } = compile(all);
    expect(templates).toEqual(['templates/*.tmpl', '/etc/alertmanager/secrets/wecom-secret']);
    expect(receivers.find(({ name }) => name === 'contact/wecom')?.wechat_configs).toMatchObject([
      { api_secret: '{{ template "wecom-secret" . }}' },
    ]);
  });

  test('of WeCom with two secrets of one file name are refused', () => {
    const wecom = CONTACT_OF_EACH_TYPE.find(({ type }) => type === 'wecom') as Contact & { type: 'wecom' };
    const other: Contact = { ...wecom, name: 'other', secretFile: '/elsewhere/wecom-secret' };
    const alerts = alertsOf({ contacts: [wecom, other], rules: [ruleOf('r', ['wecom', 'other'])] });
    expect(() => text(alerts)).toThrow('files of different names');
  });

  test('show braces of users as they are', () => {
    const contact = contactOf('chat', 'normal', { type: 'slack', apiUrlFile: '/secret', channel: '{{ .Alerts }}' });
    const { receivers } = compile(alertsOf({ contacts: [contact], rules: [ruleOf('r', ['chat'])] }));
    expect(receivers.at(-1)?.slack_configs).toMatchObject([{ channel: literal('{{ .Alerts }}') }]);
    const hook = contactOf('hook', 'normal', { type: 'webhook', url: 'http://h/{{ x }}', tokenFile: null });
    expect(text(alertsOf({ contacts: [hook], rules: [ruleOf('r', ['hook'])] }))).toContain('http://h/%7B%7B x %7D%7D');
  });
});

test('the text is one of YAML 1.1 too, for hostile names', () => {
  const rules = HOSTILE_NAMES.map((name) => ruleOf(name, ['mail']));
  const source = text(alertsOf({ contacts: CONTACTS, rules }));
  // Line separators end a line in YAML 1.1, so they have to be escaped.
  expect(source).not.toMatch(/[\u0085\u2028\u2029]/);
  expect(parse(source, { version: '1.1' })).toEqual(parse(source));
});

test('the same alerts give the same text', () => {
  const alerts = alertsOf({ contacts: CONTACTS, rules: [ruleOf('r', ['mail'])] });
  expect(text(alerts)).toBe(text(alerts));
});

function nodes(route: Route): Route[] {
  return [route, ...(route.routes ?? []).flatMap(nodes)];
}
