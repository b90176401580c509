// From a file of alerts to a page: a model degrades, is down, and recovers; what reaches people, the history and Grafana.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { TEMPLATE_FILES } from './alertmanager-files.js';
import { AlertmanagerProcess } from './harness/alertmanager-process.js';
import { commandLine } from './harness/command-line.js';
import { until } from './harness/condition.js';
import { ExporterProcess } from './harness/exporter-process.js';
import { LokiDouble } from './harness/loki/loki-double.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { PrometheusProcess, type Range, scraping } from './harness/prometheus-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';
import { type WebhookMessage, WebhookReceiver } from './harness/webhook-receiver.js';

const PATIENCE = { timeoutMs: 60_000 };
/** A name that PromQL, Go templates, URLs and Markdown would each take apart. */
const MODEL = 'qwen "max" {{ 1 }} [a](b)';

/** What stands in for the minutes of the real files: this test waits for nothing but what it causes. */
const SECONDS: Readonly<Record<string, string>> = { group_wait: '2s', group_interval: '1s' };

let loki: LokiDouble;
let hook: WebhookReceiver;
let exporter: ExporterProcess;
let alertmanager: AlertmanagerProcess;
let prometheus: PrometheusProcess;
let sent = 0;
let started: Date;

describe.runIf(hasPrograms('prometheus', 'alertmanager'))('a model that degrades', () => {
  beforeAll(async () => {
    loki = await LokiDouble.start();
    hook = await WebhookReceiver.start();
    exporter = await ExporterProcess.start({
      config: { metrics: { birth_hold: '3s' }, loki: { url: loki.url } },
    });
    const folder = await temporaryFolder('alerts');
    await writeFile(
      join(folder, 'alerts.yml'),
      stringify({
        links: { grafana: 'http://grafana.test', alertmanager: 'http://am.test', runbooks: 'http://runbooks.test' },
        contacts: { 'on call': { type: 'webhook', url: `${hook.url}/page`, from_level: 'warning' } },
        rules: {
          'chat fails': {
            template: 'failure-rate',
            for: '0s',
            hold: '0s',
            message: '$labels.model fails: $value of {{ its }} calls, $level from $threshold',
            contacts: ['on call'],
          },
        },
      }),
    );
    const [rules, routes] = [join(folder, 'rules.yml'), join(folder, 'alertmanager.yml')];
    const built = await commandLine(
      // biome-ignore format: an option a line
      [
        'alerts', 'build',
        '--alerts', join(folder, 'alerts.yml'),
        '--config', exporter.configFile,
        '--rules-out', rules,
        '--alertmanager-out', routes,
        '--exporter-url', exporter.url,
      ],
    );
    expect(built).toMatchObject({ code: 0, stderr: '' });
    alertmanager = await AlertmanagerProcess.start({
      config: faster(await readFile(routes, 'utf8')),
      files: TEMPLATE_FILES,
    });
    prometheus = await PrometheusProcess.start({
      config: {
        ...scraping([exporter.url]),
        rule_files: ['*.rules.yml'],
        alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager.url.replace('http://', '')] }] }] },
      },
      files: { ...(await recordingRules()), 'alerts.rules.yml': everySecond(await readFile(rules, 'utf8')) },
    });
    // Prometheus is to see each series at 0 first.
    await until('Prometheus to scrape', async () => (await prometheus.value('up')) === 1, PATIENCE);
    started = new Date();
  });

  afterAll(async () => {
    await hook?.close();
    await loki?.stop();
  });

  it('is told of as it gets worse and better, the higher level muting the lower, once each in the history', async () => {
    await send(200, 100);
    await untilLevel(0);

    await send(500, 8);
    await untilLevel(2);
    const warning = await message('firing', 'warning');
    expect(percent(warning)).toBeCloseTo((8 / 108) * 100, 0);
    expect(warning.alerts[0]?.annotations).toMatchObject({
      summary: 'Calls of a model fail.',
      threshold: '5%',
      runbook_url: 'http://runbooks.test/failure-rate',
    });
    expectLinks(warning);

    await send(500, 60);
    await untilLevel(4);
    const critical = await message('firing', 'critical');
    expect(percent(critical)).toBeCloseTo((68 / 168) * 100, 0);
    expect(critical.alerts[0]?.annotations.message).toBe(
      `${MODEL} fails: ${critical.alerts[0]?.annotations.value} of {{ its }} calls, critical from 25%`,
    );
    const states = await alertmanager.alerts();
    expect(levelsIn(states, 'suppressed')).toEqual(['error', 'normal', 'warning']);
    expect(levelsIn(states, 'active')).toEqual(['critical']);

    // Under another key: its series are new, so that Prometheus sees these calls all at once, and never a part of them, which would be
    // another failure rate.
    await send(200, 9000, 'recovered');
    await untilLevel(0);
    await message('resolved', 'critical');
    await message('resolved', 'warning');

    // Neither repeated nor told at a level that was muted from its beginning.
    expect(hook.messages('/page').map(({ status, commonLabels }) => `${status} ${commonLabels.level}`)).toEqual(
      expect.arrayContaining(['firing warning', 'firing critical', 'resolved critical', 'resolved warning']),
    );
    expect(hook.messages('/page')).toHaveLength(4);

    const history = await until(
      'the history to have both ends of both alerts',
      () => {
        const told = historyLines().filter(({ level }) => level === 'warning' || level === 'critical');
        return told.length >= 4 && historyLines();
      },
      PATIENCE,
    );
    const told = history.map(({ level, status, starts_at }) => `${level} ${status} ${starts_at}`);
    expect(new Set(told).size, 'each once').toBe(told.length);
    for (const level of ['warning', 'critical']) {
      expect(history.filter((one) => one.level === level).map(({ status }) => status)).toEqual(['firing', 'resolved']);
    }
    expect(history[0]).toMatchObject({ rule: 'chat fails', model: MODEL, workspace_id: 'default' });

    // The step of the query may fall between the last two evaluations.
    const levels = await until(
      'the level over time to have come back to 0',
      async () => {
        const [range] = await prometheus.queryRange('model_alert_level{rule="chat fails"}', {
          start: started,
          end: new Date(),
          stepSeconds: 1,
        });
        return changesOf(range).at(-1) === 0 && changesOf(range);
      },
      PATIENCE,
    );
    expect(levels).toEqual([0, 2, 4, 0]);
  });
});

function faster(config: string): string {
  const quick = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(quick);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, SECONDS[key] ?? quick(inner)]);
    return Object.fromEntries(entries);
  };
  return stringify(quick(parse(config)), { lineWidth: 0 });
}

function everySecond(rules: string): string {
  const { groups } = parse(rules) as { groups: { interval: string }[] };
  for (const group of groups) group.interval = '1s';
  return stringify({ groups }, { lineWidth: 0 });
}

async function recordingRules(): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const level of ['minute', '5-minute', 'hour']) {
    const text = await readFile(join(PROJECT_ROOT, `prometheus/rules/recording-${level}.yml`), 'utf8');
    files[`${level}.rules.yml`] = everySecond(text);
  }
  return files;
}

async function send(status: number, count: number, key = 'chat'): Promise<void> {
  const lines = Array.from({ length: count }, () => {
    sent += 1;
    const record = { id: `call-${sent}`, model: MODEL, apikey_id: key, status_code: status, duration_ms: 100 };
    return `${JSON.stringify(record)}\n`;
  });
  const response = await exporter.fetch('/v1/calls', {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join(''),
  });
  expect(response.status, await response.text()).toBe(202);
}

function untilLevel(level: number): Promise<unknown> {
  return until(
    `model_alert_level to be ${level}`,
    async () => (await prometheus.value('model_alert_level{rule="chat fails"}')) === level,
    PATIENCE,
  );
}

function message(status: string, level: string): Promise<WebhookMessage> {
  return until(
    `the message that ${level} is ${status}`,
    () => hook.messages('/page').find((one) => one.status === status && one.commonLabels.level === level),
    PATIENCE,
  );
}

/** `rate()` extrapolates over the first seconds, so that it is right within half a per cent. */
function percent({ alerts }: WebhookMessage): number {
  return Number.parseFloat(alerts[0]?.annotations.value ?? '');
}

/** Whoever follows the links finds this very model. */
function expectLinks({ alerts }: WebhookMessage): void {
  const { dashboard_url = '', logs_url = '', silence_url = '' } = alerts[0]?.annotations ?? {};
  for (const link of [dashboard_url, logs_url]) {
    const url = new URL(link);
    expect(url.origin).toBe('http://grafana.test');
    expect(url.searchParams.get('var-model')).toBe(MODEL);
    expect(url.searchParams.get('var-workspace')).toBe('default');
  }
  const filter = decodeURIComponent(silence_url.replace('http://am.test/#/silences/new?filter=', ''));
  expect(filter).toBe(`{rule="chat fails",workspace_id="default",model=${JSON.stringify(MODEL)}}`);
}

function levelsIn(alerts: readonly { labels: Record<string, string>; status: { state: string } }[], state: string) {
  return alerts
    .filter(({ labels, status }) => labels.rule === 'chat fails' && status.state === state)
    .map(({ labels }) => labels.level)
    .toSorted();
}

interface HistoryLine {
  status: string;
  level: string;
  rule: string;
  workspace_id: string;
  model: string;
  starts_at: string;
}

function historyLines(): HistoryLine[] {
  return loki
    .entries()
    .filter(({ labels }) => labels.log === 'alerts')
    .map(({ line }) => JSON.parse(line) as HistoryLine)
    .filter(({ rule }) => rule === 'chat fails');
}

/** The values of a series, each where it differs from the one before. */
function changesOf(range: Range | undefined): number[] {
  const values = (range?.values ?? []).map(([, value]) => value);
  return values.filter((value, index) => value !== values[index - 1]);
}
