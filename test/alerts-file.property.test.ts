// Whatever stands in a file of alerts: either every mistake in it is told with its place, or Prometheus and Alertmanager accept what
// it compiles to.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { compileAlertmanager } from '../exporter/alerts/alertmanager/compile-alertmanager.js';
import { loadAlerts } from '../exporter/alerts/file/load-alerts.js';
import { AGGREGATIONS, ALERT_METRICS, FILTERS, WINDOWS } from '../exporter/alerts/model/alert-metrics.js';
import type { Alerts } from '../exporter/alerts/model/alerts.js';
import { compileRules } from '../exporter/alerts/rules/compile.js';
import { OFFICIAL_TEMPLATES } from '../exporter/alerts/templates/official.js';
import { ConfigError } from '../exporter/config/config-error.js';
import { runProgram } from './alert-scenarios/promtool.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { temporaryFolder } from './harness/temporary-folder.js';

/** So many files in a batch; half of them have nothing wrong that the generator knows of. */
const FILES = 60;
const SEED = 20_261_124;

/** What the exporter is configured to do only makes for notes. */
const monitoring = { default: 'advanced', workspaces: new Map() } as const;
const pricing = { models: new Map() };

const LEVELS = ['normal', 'warning', 'error', 'critical'] as const;
const HOSTILE = [
  '{{ .Value }}',
  '"',
  '\\',
  "'",
  '$value',
  '{$level}',
  '$labels.model',
  '模型',
  '🚨',
  '*_[<`',
  '\u2028',
  '|',
  '.*',
  '#',
  ': ',
  '- ',
  '{',
  '}',
  '%',
  '&',
];

const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 })), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join('').slice(0, 40));
const plainName = fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/);
const name = fc.oneof(plainName, hostileText);

/** A value that is right, or now and then another. */
function mostly<T>(isBad: boolean, good: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return isBad
    ? fc.oneof(
        { weight: 12, arbitrary: good },
        { weight: 1, arbitrary: fc.oneof(fc.constantFrom(null, '', -1, [], {}, 'nonsense', true, 1e99), hostileText) },
      )
    : good;
}

const METRICS = Object.entries(ALERT_METRICS).flatMap(([metric, { aggregations }]) =>
  Object.keys(aggregations).map((aggregation) => ({ metric, aggregation })),
);

/** Thresholds that rise with the level, in the unit of the aggregation. */
function thresholds(metric: string, aggregation: string): fc.Arbitrary<Record<string, unknown>> {
  const known = ALERT_METRICS[metric as keyof typeof ALERT_METRICS].aggregations as Readonly<Record<string, string>>;
  const unit = known[aggregation];
  return fc.tuple(fc.subarray([...LEVELS], { minLength: 1 }), fc.integer({ min: 1, max: 20 })).map(([levels, first]) =>
    Object.fromEntries(
      levels.map((level, at) => {
        const value = first + at;
        return [
          level,
          unit === 'share' ? `${value}%` : unit === 'seconds' ? `${value}s` : value * (unit === 'usage' ? 123_456 : 1),
        ];
      }),
    ),
  );
}

function condition(isBad: boolean): fc.Arbitrary<Record<string, unknown>> {
  const chosen = isBad
    ? fc.record({
        metric: fc.constantFrom(...Object.keys(ALERT_METRICS)),
        aggregation: fc.constantFrom(...Object.keys(AGGREGATIONS)),
      })
    : fc.constantFrom(...METRICS.filter(({ metric }) => metric !== 'budget'));
  return chosen.chain(({ metric, aggregation }) => {
    const { hasWindow, filters, inferenceType } = ALERT_METRICS[
      metric as keyof typeof ALERT_METRICS
    ] as (typeof ALERT_METRICS)['usage'];
    const takesWindow = hasWindow && !aggregation.startsWith('growth');
    const narrowed = Object.keys(filters).map((filter) => {
      const values = FILTERS[filter as keyof typeof FILTERS];
      return [filter, fc.constantFrom(...(values ?? ['USD', 'CNY', 'EUR']))] as const;
    });
    return fc.record(
      {
        metric: fc.constant(metric),
        aggregation: fc.constant(aggregation),
        comparison: mostly(isBad, fc.constantFrom('>', '>=')),
        thresholds: mostly(isBad, thresholds(metric, aggregation)),
        ...(takesWindow && { window: mostly(isBad, fc.constantFrom(...WINDOWS)) }),
        ...((inferenceType as string | null) !== null && {
          inference_type: mostly(isBad, fc.constantFrom('realtime', 'batch', 'all')),
        }),
        ...Object.fromEntries(narrowed),
      },
      { requiredKeys: ['metric', 'aggregation', 'thresholds'] },
    );
  });
}

const contacts = {
  mail: { type: 'email', to: ['ops@example.com'] },
  chat: { type: 'slack', api_url_file: '/run/secrets/slack', channel: '#llm' },
  hook: { type: 'webhook', url: 'http://127.0.0.1:8080/alerts', token_file: '/run/secrets/hook' },
  pager: { type: 'pagerduty', routing_key_file: '/run/secrets/pager' },
  wecom: { type: 'wecom', corp_id: 'ww1', agent_id: '1000002', secret_file: '/run/secrets/wecom', to_user: '@all' },
  robot: { type: 'dingtalk', robot: 'ops' },
};
const email = { smarthost: 'smtp.example.com:587', from: 'alerts@example.com' };

function alertsFile(isBad: boolean): fc.Arbitrary<Record<string, unknown>> {
  const schedule = fc.record(
    {
      hours: mostly(isBad, fc.subarray(['09:00-18:00', '22:00-06:00', '00:00-24:00'], { minLength: 1 })),
      weekdays: mostly(isBad, fc.subarray(['mon-fri', 'saturday', 'sunday'], { minLength: 1 })),
      time_zone: mostly(isBad, fc.constantFrom('UTC', 'Asia/Shanghai', 'Europe/Berlin')),
    },
    { requiredKeys: [] },
  );
  const template = fc.record(
    { summary: mostly(isBad, hostileText), conditions: fc.array(condition(isBad), { minLength: 1, maxLength: 3 }) },
    { requiredKeys: ['conditions'] },
  );
  return fc
    .record({
      schedules: fc.dictionary(plainName, schedule, { minKeys: 1, maxKeys: 2 }),
      templates: fc.dictionary(name, template, { minKeys: 1, maxKeys: 3 }),
    })
    .chain(({ schedules, templates }) => {
      const official = [...OFFICIAL_TEMPLATES.keys()].filter((known) => known !== 'daily-budget');
      const rule = fc.record(
        {
          template: mostly(isBad, fc.constantFrom(...Object.keys(templates), ...official)),
          workspaces: mostly(isBad, fc.uniqueArray(plainName, { minLength: 1, maxLength: 3 })),
          models: mostly(isBad, fc.uniqueArray(fc.oneof(name, fc.constant('qwen-*')), { minLength: 1, maxLength: 3 })),
          for: mostly(isBad, fc.constantFrom('0s', '90s', '1m', '1h30m')),
          hold: mostly(isBad, fc.constantFrom('0s', '5m', '2d')),
          least_calls: mostly(isBad, fc.integer({ min: 0, max: 1000 })),
          message: mostly(isBad, hostileText),
          schedule: mostly(isBad, fc.constantFrom(...Object.keys(schedules))),
          silence: mostly(isBad, fc.constantFrom('5m', '1d', '90m')),
          contacts: mostly(isBad, fc.subarray(Object.keys(contacts), { minLength: 1 })),
        },
        { requiredKeys: ['template'] },
      );
      const budgeted = fc.record({
        template: fc.constant('daily-budget'),
        budget: fc.record({ amount: fc.constantFrom(0.5, 1000), currency: fc.constantFrom('USD', 'CNY') }),
      });
      return fc.record({
        email: fc.constant(email),
        contacts: fc.constant(contacts),
        schedules: fc.constant(schedules),
        templates: fc.constant(templates),
        rules: fc.dictionary(name, fc.oneof({ weight: 6, arbitrary: rule }, { weight: 1, arbitrary: budgeted }), {
          minKeys: 1,
          maxKeys: 5,
        }),
        health: fc.record({ contacts: fc.subarray(Object.keys(contacts), { minLength: 1 }) }),
        watchdog: fc.record({ contact: fc.constant('hook') }),
      });
    });
}

describe.runIf(hasPrograms('promtool', 'amtool'))('a file of alerts', () => {
  it('is refused with places, or compiles to what Prometheus and Alertmanager accept', async () => {
    const folder = await temporaryFolder('alerts-files');
    const load = async (text: string): Promise<Alerts | null> => {
      const file = join(folder, 'alerts.yml');
      await writeFile(file, text);
      try {
        return loadAlerts({ file, officialTemplates: OFFICIAL_TEMPLATES, monitoring, quotas: [], pricing }).alerts;
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        for (const { line, found } of error.problems) {
          expect(line, `${found} in\n${text}`).not.toBeNull();
          expect(found).not.toBe('');
        }
        return null;
      }
    };
    const rules: string[] = [];
    const routes: string[] = [];
    let refused = 0;
    const samples = [false, true].flatMap((isBad) => fc.sample(alertsFile(isBad), { numRuns: FILES / 2, seed: SEED }));
    for (const [at, sample] of samples.entries()) {
      const text = stringify(sample);
      const alerts = await load(text);
      if (alerts === null) {
        refused += 1;
        continue;
      }
      const of = join(folder, `${at}`);
      await mkdir(join(of, 'templates'), { recursive: true });
      rules.push(join(of, 'rules.yml'));
      routes.push(join(of, 'alertmanager.yml'));
      await writeFile(join(of, 'rules.yml'), compileRules(alerts));
      await writeFile(join(of, 'alertmanager.yml'), compileAlertmanager(alerts, { exporterUrl: alerts.exporter.url }));
      await writeFile(join(of, 'templates', 'none.tmpl'), '{{ define "none" }}{{ end }}');
    }
    // Both happen, or nothing is tested.
    expect(refused).toBeGreaterThan(FILES / 10);
    expect(rules.length).toBeGreaterThan(FILES / 5);
    const [byPrometheus, byAlertmanager] = await Promise.all([
      runProgram('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', ...rules]),
      runProgram('amtool', ['check-config', ...routes]),
    ]);
    expect(byPrometheus.output.match(/SUCCESS: \d+ rules found/g)?.length, byPrometheus.output).toBe(rules.length);
    expect(byPrometheus.code).toBe(0);
    expect(byAlertmanager.output.match(/^Checking .* SUCCESS$/gm)?.length, byAlertmanager.output).toBe(routes.length);
    expect(byAlertmanager.code).toBe(0);
  });
});
