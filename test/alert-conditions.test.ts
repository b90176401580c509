// What compiled rules do with two conditions, with names that are hostile, and what promtool says of the whole file.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Condition, Template } from '../exporter/alerts/model/alerts.js';
import type { AlertLevel } from '../exporter/alerts/model/levels.js';
import { compileRules } from '../exporter/alerts/rules/compile.js';
import { alertsOf, officialTemplate, ruleOf } from '../exporter/alerts/rules/testdata/alerts.js';
import { OFFICIAL_TEMPLATES } from '../exporter/alerts/templates/official.js';
import { failures, firstTokenP95 } from './alert-scenarios/amounts.js';
import type { Level } from './alert-scenarios/checks.js';
import { runProgram, writeRuleTests } from './alert-scenarios/promtool.js';
import { Story } from './alert-scenarios/ratio-scenarios.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { temporaryFolder } from './harness/temporary-folder.js';

/** Levels of failure-rate, as annotations say them. */
const TOLD = [
  ['normal', 'Normal', '1%'],
  ['warning', 'Warning', '5%'],
  ['error', 'Error', '10%'],
  ['critical', 'Critical', '25%'],
] as const;

const LEVELS: Level[] = ['warning', 'critical'];

/** Failures and slow first tokens, each with levels of its own. */
function template(
  match: 'any' | 'all',
  given: Partial<Record<'failures' | 'tokens', Condition['thresholds']>>,
): Template {
  const [ofFailures] = officialTemplate('failure-rate').conditions;
  const [ofTokens] = officialTemplate('first-token-latency').conditions;
  if (ofFailures === undefined || ofTokens === undefined) throw new Error('no conditions');
  return {
    name: match,
    isOfficial: false,
    workspace: null,
    summary: 'Both.',
    match,
    conditions: [
      { ...ofFailures, thresholds: given.failures ?? levels(0.1, 0.3) },
      { ...ofTokens, windowMs: 300_000, thresholds: given.tokens ?? levels(5, 20) },
    ],
  };
}

function levels(warning: number, critical: number): Map<AlertLevel, number> {
  return new Map([
    ['warning', warning],
    ['critical', critical],
  ]);
}

/** A model with a share of failures and a p95 of first tokens, seconds. */
function model(name: string, share: number, tokens: number): Story {
  const amounts = { ...firstTokenP95(tokens, 120), ...failures(['server_error'], [])(share, 120) };
  return new Story(`w/${name}`, name, LEVELS).goesOn({ minutes: 14, amounts });
}

describe.runIf(hasPrograms('promtool'))('compiled rules, by promtool', () => {
  it('any: the highest level of any condition; all: the lowest that each reaches', async () => {
    const rules = [
      ruleOf(template('any', {}), { name: 'any' }),
      ruleOf(template('all', {}), { name: 'all' }),
      ruleOf(template('all', { tokens: 3 }), { name: 'one threshold' }),
    ];
    const stories = [
      model('well', 0.02, 0.9).expects('any', 'none').expects('all', 'none').expects('one threshold', 'none'),
      model('fails', 0.5, 0.9).expects('any', 'critical').expects('all', 'none').expects('one threshold', 'none'),
      model('slow', 0.02, 40).expects('any', 'critical').expects('all', 'none').expects('one threshold', 'none'),
      model('both', 0.2, 40).expects('any', 'critical').expects('all', 'warning').expects('one threshold', 'warning'),
      model('wholly', 0.5, 40)
        .expects('any', 'critical')
        .expects('all', 'critical')
        .expects('one threshold', 'critical'),
      model('slower', 0.5, 4).expects('any', 'critical').expects('all', 'none').expects('one threshold', 'critical'),
    ];
    await expectSuccess({
      name: 'any-all',
      rules: compileRules(alertsOf(rules)),
      recorded: ['5-minute'],
      evaluation: 1,
      tests: [
        {
          interval: 15,
          subjects: stories.map((story) => story.subject()),
          checks: stories.flatMap(({ checks }) => checks),
        },
      ],
    });
  });

  it('tells hostile names as they are, and matches them and no others', async () => {
    const name = '{{ .Labels }} "\\ \u2028 *报警* 🚨 {';
    const hostile = 'a.b|c"\\{{d}}$ 模型';
    const workspace = 'w[1]{';
    const rule = ruleOf('failure-rate', {
      name,
      models: [hostile, 'p+*'],
      workspaces: [workspace, 'w.2'],
      message: 'See {$value} of {{$labels.model}} $labels.model $labels.workspace_id {{ $x }} $level {$threshold',
    });
    const story = (of: string, called: string) =>
      new Story(of, called, ['normal', 'warning', 'error', 'critical']).goesOn({
        minutes: 10,
        amounts: failures(['timeout'], [])(0.5, 100),
      });
    const bad = story(workspace, hostile).expects(name, 'critical', 1);
    const begun = story('w.2', 'p+\nq').expects(name, 'critical', 1);
    const others = ['aXb', 'c"\\{{d}}$ 模型', 'ppp'].map((called) => story('w.2', called).expects(name, 'unknown', 1));
    const inUrl = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
    const matcher = (label: string, value: string) => `${label}%3D${encodeURIComponent(JSON.stringify(value))}`;
    await expectSuccess({
      name: 'hostile',
      rules: compileRules(alertsOf([rule])),
      recorded: ['5-minute'],
      evaluation: 1,
      tests: [
        {
          interval: 15,
          subjects: [bad, begun, ...others].map((told) => told.subject()),
          checks: [begun, ...others].flatMap(({ checks }) => checks),
        },
        {
          interval: 15,
          subjects: [bad.subject()],
          checks: bad.checks,
          alerts: [
            {
              alertname: 'ModelFailureRate',
              eval_time: '9m',
              exp_alerts: TOLD.map(([level, capital, threshold]) => ({
                exp_labels: { rule: name, level, template: 'failure-rate', workspace_id: workspace, model: hostile },
                exp_annotations: {
                  summary: 'Calls of a model fail.',
                  description: `Share of failures over 5m is 50%, for model ${hostile} in workspace ${workspace}. ${capital}: share of failures over 5m > ${threshold}.`,
                  value: '50%',
                  threshold,
                  message: `See {50%} of {{${hostile}}} ${hostile} ${workspace} {{ $x }} ${level} {${threshold}`,
                  runbook_url: 'https://docs.example.com/runbooks/failure-rate',
                  dashboard_url: `https://grafana.example.com/d/model-monitor/model-monitor?var-workspace=${inUrl(workspace)}&var-model=${inUrl(hostile)}`,
                  logs_url: `https://grafana.example.com/d/inference-logs/inference-logs?var-workspace=${inUrl(workspace)}&var-model=${inUrl(hostile)}`,
                  silence_url: `https://alertmanager.example.com/#/silences/new?filter=%7B${matcher('rule', name)}%2C${matcher('workspace_id', workspace)}%2C${matcher('model', hostile)}%7D`,
                },
              })),
            },
          ],
        },
      ],
    });
  });

  it('has nothing to say of the file, with every official template in it', async () => {
    const budget = { amount: 12.5, currency: 'CNY' };
    const rules = [...OFFICIAL_TEMPLATES.keys()].map((name) =>
      ruleOf(name, { name, holdMs: 300_000, budget: name === 'daily-budget' ? budget : null }),
    );
    const path = join(await temporaryFolder('alert-lint'), 'alerts.yml');
    await writeFile(path, compileRules(alertsOf(rules)));
    const { code, output } = await runProgram('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', path]);
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(code).toBe(0);
  });
});

async function expectSuccess(file: Parameters<typeof writeRuleTests>[1]): Promise<void> {
  const path = await writeRuleTests(await temporaryFolder('alert-conditions'), file);
  const { code, output } = await runProgram('promtool', ['test', 'rules', path]);
  expect(output.trim().split('\n').slice(1).join('\n').trim()).toBe('SUCCESS');
  expect(code).toBe(0);
}
