// Alerts and runbooks go together: each alert has its page, each page its alert, with the thresholds that the alert has. And what
// the pages, the guide to alerts and the questions tell somebody to ask at night names series, labels and metadata that are there.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { mistakesIn } from '../../test/harness/loki/logql-mistakes.js';
import { hasPrograms, programPath } from '../../test/harness/prometheus-binaries.js';
import { ALERTS_LOG, alertEntry } from '../projections/loki/alert-entry.js';
import { entriesOf, LOGS } from '../projections/loki/entries.js';
import { FAMILIES, type Family, LABELS } from '../projections/metrics/catalogue.js';
import { callOf, usageOf } from '../projections/metrics/testdata/calls.js';
import { LEVELS } from '../recording/levels.js';
import { rulesOf } from '../recording/rules.js';
import { HEALTH_ALERTS } from './health/health-alerts.js';
import { ALERT_LEVELS } from './model/levels.js';
import { subjectText, thresholdOf, valueText } from './model/value-text.js';
import { OFFICIAL_TEMPLATES } from './templates/official.js';

const DOCS = new URL('../../docs/', import.meta.url);
const OWN_TEMPLATE = 'own-template';
const HEADINGS = [
  'Levels',
  'What to look at first',
  'Likely causes and what to do',
  'If it is a false alarm',
  'What it leaves out',
];

const healthNames = [...new Set(HEALTH_ALERTS.map(({ name }) => name))];
const alerts = [...OFFICIAL_TEMPLATES.keys(), ...healthNames, OWN_TEMPLATE];
const files = readdirSync(new URL('runbooks/', DOCS));
const pages = new Map(files.map((file) => [file.replace(/\.md$/, ''), textOf(`runbooks/${file}`)]));

it('there is a page for each alert, and no other', () => {
  expect(files.toSorted()).toEqual(alerts.map((name) => `${name}.md`).toSorted());
});

describe.each(alerts)('the page of %s', (name) => {
  const page = pages.get(name) ?? '';

  it('begins with one sentence, and has the sections of all, none empty', () => {
    const [title, , sentence = '', blank] = page.split('\n');
    expect(title).toBe(`# ${name}`);
    expect(`${sentence}|${blank}`).toMatch(/^[A-Z].+\.\|$|^[A-Z].+[^.]\|.+\.$/);
    expect([...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
    for (const heading of HEADINGS) expect(sectionOf(page, heading).length, heading).toBeGreaterThan(50);
  });

  it('can be read at night: not long, and something to ask first', () => {
    expect(page.split('\n').length).toBeLessThan(75);
    const first = sectionOf(page, 'What to look at first');
    const steps = [...first.matchAll(/^(\d)\. /gm)].map(([, number]) => Number(number));
    expect(steps).toEqual(steps.map((_, index) => index + 1));
    expect(steps.length).toBeGreaterThanOrEqual(2);
    expect(steps.length).toBeLessThanOrEqual(5);
    expect(first).toMatch(/```promql/);
  });
});

describe.each([...OFFICIAL_TEMPLATES.values()])('the page of $name', (template) => {
  const levels = sectionOf(pages.get(template.name) ?? '', 'Levels');

  it('has the thresholds of the template, and says what they are of', () => {
    const [condition] = template.conditions;
    expect(template.conditions).toHaveLength(1);
    if (condition === undefined) return;
    const stated = ALERT_LEVELS.flatMap((level) => {
      const threshold = thresholdOf(condition, level);
      return threshold === null ? [] : [[level, `${condition.comparison} ${valueText(threshold, condition)}`]];
    });
    expect(rowsOf(levels)).toEqual(stated);
    expect(levels).toContain(`\`${subjectText(condition)}\``);
  });

  it('says which line of the file to change', () => {
    const falseAlarm = sectionOf(pages.get(template.name) ?? '', 'If it is a false alarm');
    expect(falseAlarm.replaceAll(/\s+/g, ' ')).toContain(`line \`${template.name}\` of \`config/alerts.yml\``);
  });
});

describe.each(healthNames)('the page of %s', (name) => {
  it('has the levels, thresholds and times of the alert', () => {
    const stated = HEALTH_ALERTS.filter((alert) => alert.name === name).map((alert) => [
      alert.level,
      alert.threshold,
      alert.for,
    ]);
    expect(rowsOf(sectionOf(pages.get(name) ?? '', 'Levels'), 3)).toEqual(stated);
  });
});

interface Query {
  readonly page: string;
  readonly query: string;
}

/** Of the pages that tell what to ask. */
const QUERIED = [...files.map((file) => `runbooks/${file}`), 'guides/alerts.md', 'faq.md'];
const promql = QUERIED.flatMap((page) => blocksOf(page, 'promql'));
const logql = QUERIED.flatMap((page) => blocksOf(page, 'logql'));

describe('PromQL of the pages', () => {
  it('is there', () => {
    expect(promql.length).toBeGreaterThan(100);
  });

  it.each(promql)('$page: $query', ({ query }) => {
    const series = seriesIn(query);
    expect(series.length).toBeGreaterThan(0);
    for (const { name, labels } of series) {
      const known = labelsOf(name);
      expect(known, name).toBeDefined();
      for (const label of labels) expect(known, name).toContain(label);
    }
    for (const label of groupedBy(query)) expect(GROUPED_BY).toContain(label);
  });

  it.each([
    ['sum(model_cals_total)', 'model_cals_total'],
    ['rate(workspace_model_apikey:model_calls:rate7m[1m])', 'workspace_model_apikey:model_calls:rate7m'],
    ['a + on () group_left () sum by (x) (model_alert_levels{rule="a{b}"}) offset 1d', 'model_alert_levels'],
  ])('a name that is not there is seen: %s', (query, name) => {
    expect(seriesIn(query).map((series) => series.name)).toContain(name);
    expect(labelsOf(name)).toBeUndefined();
  });

  it('a label that a series has not is seen', () => {
    expect(seriesIn('sum(model_quota{outcome="failure"}) > 1')).toEqual([{ name: 'model_quota', labels: ['outcome'] }]);
    expect(labelsOf('model_quota')).not.toContain('outcome');
    expect(labelsOf('workspace_model_apikey:model_calls:rate5m')).not.toContain('protocol');
  });

  it.runIf(hasPrograms('promtool'))('is PromQL', () => {
    const folder = mkdtempSync(join(tmpdir(), 'runbooks-'));
    try {
      const rules = promql.map(({ query }, index) => ({ record: `asked:${index}`, expr: query }));
      const file = join(folder, 'rules.yml');
      writeFileSync(file, stringify({ groups: [{ name: 'asked', rules }] }, { lineWidth: 0 }));
      const { status, stdout, stderr } = spawnSync(programPath('promtool'), ['check', 'rules', file], {
        encoding: 'utf8',
      });
      expect([status, stderr], stdout).toEqual([0, '']);
      expect(stdout).toContain(`${promql.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('LogQL of the pages', () => {
  it('is there', () => {
    expect(logql.length).toBeGreaterThan(20);
  });

  it.each(logql)('$page: $query', ({ query }) => {
    expect(mistakesIn(query)).toEqual([]);
    const made = [...query.matchAll(/\b(?:json|label_format) (\w+)=/g)].map(([, name = '']) => name);
    const named = [...query.matchAll(/\b([a-z_]+) ?(?:=~|!=|>=|<=|=|>|<) ?(?=["\d])/g)].map(([, name = '']) => name);
    const shown = [...query.matchAll(/\.([a-z_]+)\b(?=[^"]*\}\})/g)].map(([, name = '']) => name);
    const grouped = groupedBy(query);
    const unwrapped = [...query.matchAll(/unwrap (\w+)/g)].map(([, name = '']) => name);
    for (const name of [...named, ...shown, ...grouped, ...unwrapped]) {
      if (!made.includes(name)) expect(LOGGED).toContain(name);
    }
    for (const [, logs = ''] of query.matchAll(/\blog=~?"([^"]+)"/g)) {
      for (const log of logs.split('|')) expect([...LOGS, ALERTS_LOG]).toContain(log);
    }
  });
});

const families: readonly Family[] = FAMILIES;
const RECORDED = new Map<string, readonly string[]>(
  LEVELS.map((level) => rulesOf(level)).flatMap(({ counters, buckets }) =>
    [...counters, ...buckets].map(({ record, labels }) => [record, labels] as const),
  ),
);
/** Of every scrape. */
const SCRAPED = ['job', 'instance'];
/** What Prometheus and Alertmanager say, and what the alert rules record. */
const OTHERS: Readonly<Record<string, readonly string[]>> = {
  up: SCRAPED,
  scrape_duration_seconds: SCRAPED,
  prometheus_rule_group_last_duration_seconds: [...SCRAPED, 'rule_group'],
  alertmanager_notifications_failed_total: [...SCRAPED, 'integration'],
  model_alert_level: ['rule', 'workspace_id', 'model'],
};
const GROUPED_BY = [...Object.keys(LABELS), ...SCRAPED, 'le', 'rule', 'integration'];

/** The labels of a series; undefined where there is none of the name. */
function labelsOf(name: string): readonly string[] | undefined {
  const known = OTHERS[name] ?? RECORDED.get(name);
  if (known !== undefined) return known;
  const family =
    families.find((candidate) => candidate.name === name) ??
    families.find(({ name: base, type }) => type === 'histogram' && name.replace(/_(bucket|sum|count)$/, '') === base);
  return family === undefined ? undefined : [...family.labels, ...SCRAPED, 'le'];
}

/** The names of series in an expression, each with the labels that it is narrowed by. */
function seriesIn(query: string): { name: string; labels: string[] }[] {
  const bare = query
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right) ?\([^)]*\)/g, ' ')
    .replaceAll(/\[[^\]]*\]|\boffset \w+|\b\d[\w.]*/g, ' ');
  const words = bare.matchAll(/(?<![\w:])([a-zA-Z_:][\w:]*)(\{[^}]*\})?(?!\s*\(|[\w:])/g);
  return [...words]
    .filter(([, name = '']) => !['and', 'or', 'unless', 'bool'].includes(name))
    .map(([, name = '', selector = '']) => ({
      name,
      labels: [...selector.matchAll(/([a-z_]+)(?:=~|!~|!=|=)/g)].map(([, label = '']) => label),
    }));
}

function groupedBy(query: string): string[] {
  return [...query.matchAll(/\b(?:by|without|on|ignoring|group_left) ?\(([^)]*)\)/g)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Labels and metadata that entries have, taken from a call and an alert that have all, and what stands in a call's line. */
const LOGGED = [
  ...entriesOf({
    call: callOf({
      id: 'id',
      outcome: 'failure',
      failure: 'timeout',
      statusCode: 504,
      errorCode: 'RequestTimeOut',
      protocol: 'SSE',
      durationUs: 2_000_000,
      firstTokenUs: 1_000_000,
      usage: usageOf({ total_tokens: 12, input_tokens: 10, output_tokens: 2 }),
      traceId: 'trace',
      application: 'assistant',
      logs: 'audit',
      time: 1_000_000_000_000,
    }),
    arrivalMs: 1_100_000_000_000,
    content: null,
    modelLabel: '__overflow__',
  }),
  alertEntry({
    notification: {
      status: 'resolved',
      startsAt: 1_000_000_000_000,
      endsAt: 1_000_000_060_000,
      fingerprint: '1f',
      labels: { alertname: 'ModelFailureRate', rule: 'failure-rate', level: 'error', template: 'failure-rate' },
      annotations: {},
    },
    arrivalMs: 1_000_000_060_000,
    modelLabel: '*',
  }),
]
  .flatMap(({ labels, metadata }) => [...Object.keys(labels), ...metadata.map(([name]) => name)])
  .concat('withheld');

function textOf(path: string): string {
  return readFileSync(new URL(path, DOCS), 'utf8');
}

function sectionOf(page: string, heading: string): string {
  return (
    page
      .split(/^## /m)
      .find((section) => section.startsWith(`${heading}\n`))
      ?.slice(heading.length)
      .trim() ?? ''
  );
}

/** The first columns of the table of levels, without its head. */
function rowsOf(section: string, columns = 2): string[][] {
  return section
    .split('\n')
    .filter((line) => /^\| (?!level|---)/.test(line))
    .map((line) => line.split(' | ', columns).map((cell) => cell.replaceAll('|', '').trim()));
}

/** Fenced blocks of a language, also in lists. */
function blocksOf(page: string, language: string): Query[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\`$`, 'gm');
  return [...textOf(page).matchAll(fence)].map(([, indent = '', block = '']) => ({
    page,
    query: block.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trim(),
  }));
}
