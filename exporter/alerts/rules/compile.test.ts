import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FAMILIES } from '../../projections/metrics/catalogue.js';
import { LEVELS } from '../../recording/levels.js';
import { rulesOf } from '../../recording/rules.js';
import { HEALTH_ALERTS } from '../health/health-alerts.js';
import type { Rule } from '../model/alerts.js';
import { ALERT_LEVELS } from '../model/levels.js';
import { OFFICIAL_TEMPLATES } from '../templates/official.js';
import { compileRules } from './compile.js';
import { alertsOf, officialTemplate, ruleOf } from './testdata/alerts.js';

interface ReadRule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly keep_firing_for?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

function compiled(rules: readonly Rule[]): { name: string; interval: string; rules: ReadRule[] }[] {
  return parse(compileRules(alertsOf(rules))).groups;
}

function rulesIn(rules: readonly Rule[]): ReadRule[] {
  return compiled(rules).flatMap((group) => group.rules);
}

const BUDGET = { amount: 100, currency: 'USD' };
const everyOfficial = [...OFFICIAL_TEMPLATES.keys()].map((name) =>
  ruleOf(name, { name, budget: name === 'daily-budget' ? BUDGET : null }),
);

describe('the names of series', () => {
  const known = new Set<string>([
    ...FAMILIES.flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
    ),
    ...LEVELS.flatMap((level) =>
      Object.values(rulesOf(level)).flatMap((rules: readonly { readonly record: string }[]) =>
        rules.map(({ record }) => record),
      ),
    ),
    ...['up', 'scrape_duration_seconds', 'ALERTS', 'alertmanager_notifications_failed_total'],
  ]);

  it('in every compiled rule are in the catalogues, or recorded before', () => {
    const recorded = new Set(known);
    const drifted: string[] = [];
    let seen = 0;
    for (const { record, expr } of rulesIn(everyOfficial)) {
      const names = namesIn(expr);
      seen += names.length;
      drifted.push(...names.filter((name) => !recorded.has(name)).map((name) => `${record}: ${name}`));
      if (record !== undefined) recorded.add(record);
    }
    expect(drifted).toEqual([]);
    expect(seen).toBeGreaterThan(200);
    expect(HEALTH_ALERTS.flatMap(({ expr }) => namesIn(expr)).filter((name) => !known.has(name))).toEqual([]);
  });
});

/** What stands in an expression where a series is named. */
function namesIn(expr: string): string[] {
  const bare = expr
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\b(?:on|by|without|ignoring) \([^)]*\)/g, '');
  return [...bare.matchAll(/\b(?:[a-z]\w*:[\w:]+|(?:model|alertmanager|scrape)_\w+|up|ALERTS)\b/g)].map(
    ([name]) => name,
  );
}

describe('compiled rules', () => {
  it('record a measure once, however many rules share it, and late shares before what looks at them', () => {
    const rules = [
      ruleOf('failure-rate', { name: 'one' }),
      ruleOf('failure-rate', { name: 'two', models: ['a'] }),
      ruleOf('server-errors'),
    ];
    const records = rulesIn(rules).filter(({ record }) => record?.startsWith('workspace_model:'));
    expect(records.map(({ record, labels }) => [record, labels?.failure ?? ''])).toEqual([
      ['workspace_model:alert_late_calls:share_5m', ''],
      ['workspace_model:alert_failures:share_5m', 'any'],
      ['workspace_model:alert_ended_calls:sum_5m', ''],
      ['workspace_model:alert_failures:share_5m', 'server_error'],
    ]);
  });

  it('stand after what they read, and what reads days is apart', () => {
    const groups = compiled(everyOfficial);
    expect(groups.map(({ name, interval }) => [name, interval])).toEqual([
      ['model-observation-alert-measures-long', '2m'],
      ['model-observation-alerts', '1m'],
      ['model-observation-alerts-health', '1m'],
    ]);
    const kinds = groups[1]?.rules.map(({ record, alert }) =>
      alert !== undefined ? 'alert' : record === 'model_alert_level' ? 'level' : 'measure',
    );
    expect(kinds).toEqual(kinds?.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
  });

  it('are one for each level that a rule reaches', () => {
    const alerts = rulesIn(everyOfficial).filter(({ labels }) => labels?.rule === 'content-moderation' && labels.level);
    expect(alerts.map(({ alert, labels }) => [alert, labels?.level])).toEqual([
      ['ModelContentModeration', 'normal'],
      ['ModelContentModeration', 'warning'],
      ['ModelContentModeration', 'error'],
    ]);
  });

  it('ask for the calls that a rule wants, and for none where it wants none', () => {
    const exprOf = (given: Partial<Rule>) => rulesIn([ruleOf('failure-rate', given)]).find(({ alert }) => alert)?.expr;
    const last = (expr: string | undefined) => expr?.split('\n').at(-1);
    expect(last(exprOf({}))).toMatch(/^and on \(workspace_id, model\) .*ended_calls:sum_5m.* >= 10$/);
    expect(last(exprOf({ leastCalls: 500 }))).toMatch(/ >= 500$/);
    expect(exprOf({ leastCalls: 0 })).not.toContain('ended_calls');
    expect(compileRules(alertsOf([ruleOf('failure-rate', { leastCalls: 0 })]))).not.toContain('ended_calls');
    expect(compileRules(alertsOf([ruleOf('rpm-quota', { leastCalls: 5 })]))).not.toContain('alert_calls');
  });

  it('write durations as Prometheus reads them', () => {
    const [alert] = rulesIn([ruleOf('failure-rate', { forMs: 1500, holdMs: 5_400_000 })]).filter(({ alert }) => alert);
    expect(alert?.for).toBe('1500ms');
    expect(alert?.keep_firing_for).toBe('90m');
    expect(rulesIn([ruleOf('failure-rate')]).some(({ keep_firing_for }) => keep_firing_for !== undefined)).toBe(false);
  });

  it('divide by the budget of the rule, in its currency', () => {
    const [alert] = rulesIn([
      ruleOf('daily-budget', { budget: { amount: 12.5, currency: 'CNY' }, models: ['a', 'b*'] }),
    ]).filter(({ alert }) => alert);
    expect(alert?.expr).toBe(
      'label_replace(sum by (workspace_id) (workspace_model:alert_cost:sum_1d{currency="CNY",inference_type="all",model=~"a|b(?s:.*)"}) / 12.5, "model", "*", "", "") > 0.5',
    );
    expect(alert?.annotations?.threshold).toBe('50% of 12.5 CNY');
  });

  it('all carry the labels and annotations of the contract', () => {
    const alerts = rulesIn(everyOfficial).filter(({ alert }) => alert !== undefined && alert !== 'Watchdog');
    const annotations = [
      'summary',
      'description',
      'value',
      'threshold',
      'runbook_url',
      'dashboard_url',
      'logs_url',
      'silence_url',
    ];
    for (const { alert, labels, annotations: told } of alerts) {
      expect(Object.keys(told ?? {}), alert).toEqual(annotations);
      expect(
        Object.values(told ?? {}).every((text) => text !== '' && !/undefined|null|NaN/.test(text)),
        alert,
      ).toBe(true);
      expect(ALERT_LEVELS, alert).toContain(labels?.level);
      expect(alert).toMatch(labels?.template === 'exporter' ? /^ModelObservation[A-Z]/ : /^Model(?!Observation)[A-Z]/);
      if (labels?.template === 'exporter')
        expect(Object.keys(labels)).toEqual(['rule', 'level', 'template', 'workspace_id', 'model']);
    }
    expect(alerts.length).toBeGreaterThan(60);
    const watchdog = rulesIn([]).find(({ alert }) => alert === 'Watchdog');
    expect(watchdog?.labels).toBeUndefined();
  });

  it('tell a message beside the others, where there is one, and of any condition only the number', () => {
    const [first] = officialTemplate('failure-rate').conditions;
    const [second] = officialTemplate('call-duration').conditions;
    if (first === undefined || second === undefined) throw new Error('no conditions');
    const own = { ...officialTemplate('failure-rate'), name: '模型', isOfficial: false, conditions: [first, second] };
    const told = rulesIn([ruleOf(own, { message: '{$value}' })]).find(({ labels }) => labels?.level === 'critical');
    expect(told?.alert).toBe('ModelAlert');
    expect(told?.annotations).toMatchObject({
      message: '{{ "{" }}{{ $value | humanize }}}',
      value: '{{ $value | humanize }}',
      threshold: '25% or 5m',
      runbook_url: 'https://docs.example.com/runbooks/own-template',
    });
    expect(told?.annotations?.description).toContain(
      'Share of failures over 5m or p95 of call duration over 15m is {{',
    );
  });
});

const ORDER = ['measure', 'alert', 'level'];
