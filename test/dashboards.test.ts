// Every panel of every dashboard, as its file stands, asks a real Prometheus that holds an hour of varied traffic, and must find
// something. Each failure names the dashboard, the panel and the query.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { FILTERS } from '../grafana/dashboards/src/query/filters.js';
import { MINUTES_ONLY, type PeakSource, RECORDED_PEAKS } from '../grafana/dashboards/src/query/peaks.js';
import { TOTALS } from '../grafana/dashboards/src/query/totals.js';
import { brokenLinks } from '../grafana/dashboards/src/reading/broken-links.js';
import { type DashboardFile, dashboardFiles } from '../grafana/dashboards/src/reading/dashboard-file.js';
import { interpolated, type VariableValue } from '../grafana/dashboards/src/reading/interpolation.js';
import { rangeOf } from '../grafana/dashboards/src/reading/time-range.js';
import { annotationErrors, askedPanels, labelsByPanel, type View } from './dashboards/asked-panels.js';
import { reasonToBeEmpty } from './dashboards/empty-panels.js';
import { samplePrometheus } from './dashboards/sample-prometheus.js';
import { BASIC, MODELS } from './dashboards/sample-traffic.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import type { PrometheusProcess } from './harness/prometheus-process.js';

const RANGE_SECONDS = 30 * 60;
const DASHBOARDS = dashboardFiles(join(PROJECT_ROOT, 'grafana/dashboards'));

const CHOICES: readonly (readonly [what: string, chosen: Readonly<Record<string, string>>])[] = [
  ['of everything', {}],
  ['of one workspace', { workspace: 'checkout' }],
  ['of one model', { model: MODELS[0] }],
  ['of one key of one model', { model: MODELS[1], apikey: 'jobs' }],
  ['of a workspace with basic monitoring', { workspace: BASIC }],
];

let server: PrometheusProcess;
let view: View;

async function mistakesIn(
  dashboard: DashboardFile,
  chosen: Readonly<Record<string, string>> = {},
  all: readonly DashboardFile[] = DASHBOARDS,
): Promise<string[]> {
  const known = dashboard.templating.list.map(({ name }) => name);
  const own = Object.fromEntries(Object.entries(chosen).filter(([name]) => known.includes(name)));
  const looked = { ...view, chosen: own };
  const asked = await askedPanels(dashboard, server, looked);
  const labels = labelsByPanel(asked);
  return [
    ...asked.flatMap(({ name, error }) => (error === undefined ? [] : [`${name}: ${error}`])),
    ...asked
      .filter(({ error, found }) => error === undefined && found.length === 0)
      .filter((query) => reasonToBeEmpty(query, asked, own) === null)
      .map(({ name, target }) => `${name}: no data: ${target.expr}`),
    ...(await annotationErrors(dashboard, server, looked)),
    ...brokenLinks(dashboard, all, (panel) => (Object.keys(own).length === 0 ? labels.get(panel) : undefined)),
  ];
}

describe.runIf(hasPrograms('prometheus', 'promtool'))('dashboards on a real Prometheus', () => {
  beforeAll(async () => {
    const sample = await samplePrometheus();
    server = sample.server;
    view = { start: sample.end - RANGE_SECONDS, end: sample.end, chosen: {} };
  }, 180_000);

  describe.each(DASHBOARDS)('$title', (dashboard) => {
    it.each(CHOICES)('%s: every panel finds something', async (_, chosen) => {
      expect(await mistakesIn(dashboard, chosen)).toEqual([]);
    });
  });

  describe('peaks', () => {
    const capacity = DASHBOARDS.find(({ uid }) => uid === 'capacity')!;
    const variables = capacity.templating.list.filter(({ name }) => name in RECORDED_PEAKS);

    it.each<[what: string, totals: string, chosen: Readonly<Record<string, readonly string[]>>, source: PeakSource]>([
      ['a month of everything', 'rate30m', {}, RECORDED_PEAKS],
      ['a month of realtime calls', 'rate30m', { inference_type: ['realtime'] }, RECORDED_PEAKS],
      ['a month of some models', 'rate30m', { model: ['qwen-plus', 'qwen-max'] }, RECORDED_PEAKS],
      ['a month of some workspaces', 'rate30m', { workspace: ['checkout', 'search'] }, RECORDED_PEAKS],
      ['a month of one API key', 'rate30m', { apikey: ['jobs (2)'] }, RECORDED_PEAKS],
      ['some of the API keys', 'rate30m', { apikey: ['jobs', 'web'] }, MINUTES_ONLY],
      ['a month of two inference types', 'rate30m', { inference_type: ['realtime', 'batch'] }, RECORDED_PEAKS],
      ['2 days', 'rate5m', {}, MINUTES_ONLY],
      ['a month of which most was before half-hours were recorded', 'rate1h', {}, MINUTES_ONLY],
    ])('of %s are read from where they are right', async (_, totals, chosen, source) => {
      const all = { values: ['.*'], isMulti: true, isRaw: true };
      const values = new Map<string, VariableValue>([
        ...FILTERS.map(({ variable }) => {
          const picked = chosen[variable];
          return [variable, picked === undefined ? all : { values: picked, isMulti: true }] as const;
        }),
        [TOTALS, { values: [totals], isMulti: false }],
      ]);
      const range = rangeOf(view.end - 30 * 86_400, view.end);
      for (const { query = '', regex = '', name } of variables) {
        const [, promql = ''] = /^query_result\((.*)\)$/s.exec(interpolated(query, values, range)) ?? [];
        const found = await server.query(promql, view.end);
        const lines = found.map(({ metric }) => Object.entries(metric).map(([label, value]) => `${label}="${value}"`));
        const read = lines.map((line) => new RegExp(regex.slice(1, -1)).exec(`{${line.join(',')}}`)?.[1]);
        expect(read, name).toEqual([source[name as keyof PeakSource]]);
      }
      expect(variables).toHaveLength(2);
    });
  });

  describe('quotas', () => {
    const capacity = DASHBOARDS.find(({ uid }) => uid === 'capacity')!;
    const table = capacity.panels.find(({ title }) => title === 'Quotas and peaks')!;
    const peak = table.targets!.find(({ expr }) => /model_calls/.test(expr) && !/ [-/] on/.test(expr))!;

    /** The busiest minute of realtime calls, whatever the dashboard says. */
    async function busiest(where: string): Promise<number> {
      const rates = `workspace_model_apikey:model_calls:rate2m{inference_type="realtime", model="${MODELS[0]}"${where}}`;
      return (await server.value(`max_over_time((sum(${rates}))[${RANGE_SECONDS}s:1m]) * 60`, view.end)) as number;
    }

    it.each<[what: string, chosen: Readonly<Record<string, string>>, own: string]>([
      ['everything', {}, ', workspace_id="checkout"'],
      ['one workspace', { workspace: 'checkout' }, ', workspace_id="checkout"'],
      ['one key', { apikey: 'jobs' }, ', workspace_id="checkout", apikey_id="jobs"'],
      ['realtime calls', { inference_type: 'realtime' }, ', workspace_id="checkout"'],
    ])('are of realtime calls, that of the account of all workspaces and keys: %s', async (_, chosen, own) => {
      const asked = await askedPanels({ ...capacity, panels: [{ ...table, targets: [peak] }] }, server, {
        ...view,
        chosen,
      });
      const { promql } = asked[0]!;
      const found = await server.query(promql, view.end);
      const of = (workspace: string) =>
        found.find(({ metric }) => metric.workspace_id === workspace && metric.model === MODELS[0])?.value;
      expect(of('checkout')).toBeCloseTo(await busiest(own), 6);
      expect(of('*')).toBeCloseTo(await busiest(''), 6);
    });

    it('say nothing of batches', async () => {
      const [asked] = await askedPanels({ ...capacity, panels: [{ ...table, targets: [peak] }] }, server, {
        ...view,
        chosen: { inference_type: 'batch' },
      });
      expect(asked).toMatchObject({ found: [] });
      expect(asked!.error).toBeUndefined();
    });
  });

  describe('see it when', () => {
    const monitor = DASHBOARDS.find(({ uid }) => uid === 'model-monitor')!;
    const PANEL = 'Failures by kind';

    it.each([
      ['a metric has another name', ':model_call_failures:', ':model_call_failure:', 'no data'],
      ['a label has another name', 'sum by (failure)', 'sum by (failures)', 'nothing has a label failure'],
      ['a variable is not there', '$model', '$modle', 'unknown variable $modle'],
      ['an expression is none', 'sum by (failure)', 'sum bye (failure)', 'parse error'],
      ['a link leads to no dashboard', '/d/inference-logs/', '/d/inference-log/', 'no dashboard inference-log'],
      ['a link sets no variable', 'var-failure=', 'var-failures=', 'no variable failures there'],
      ['a link loses the range', '?time=$', '?at=$', 'the range is lost'],
    ])('%s', async (_, right, wrong, mistake) => {
      const panels = monitor.panels.map((panel) => {
        const text = JSON.stringify(panel);
        if (panel.title !== PANEL) return panel;
        expect(text).toContain(right);
        return JSON.parse(text.replaceAll(right, wrong)) as typeof panel;
      });
      const mistakes = await mistakesIn({ ...monitor, panels });
      expect(mistakes.join('\n')).toContain(mistake);
      expect(mistakes.filter((text) => !text.startsWith(`Model Monitor: ${PANEL}`))).toEqual([]);
    });

    it('a variable finds nothing', async () => {
      const list = monitor.templating.list.map((variable) =>
        variable.name === 'model' ? { ...variable, query: 'label_values(model_last_call_seconds, model)' } : variable,
      );
      const broken = { ...monitor, templating: { list } };
      await expect(mistakesIn(broken)).rejects.toThrow('Model Monitor: variable model: nothing to choose from');
    });
  });
});
