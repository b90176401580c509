// Totals of a dashboard are read from half-hours, but only where those reach back as far as the hours do: asked of a real Prometheus that
// was updated to record them after four days.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { TOTALS_LEVEL } from '../exporter/recording/levels.js';
import { recordedPeak } from '../exporter/recording/peaks.js';
import { evaluationSeconds, recordedSeries } from '../exporter/recording/recorded-series.js';
import { HALF_HOURS, type TotalsSource, totalsOf } from '../grafana/dashboards/src/query/totals.js';
import { dashboardFiles, panelsOf } from '../grafana/dashboards/src/reading/dashboard-file.js';
import { interpolated, rangeOfTarget } from '../grafana/dashboards/src/reading/interpolation.js';
import { rangeOf } from '../grafana/dashboards/src/reading/time-range.js';
import { variableValues } from '../grafana/dashboards/src/reading/variable-values.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { hasPrograms, programPath } from './harness/prometheus-binaries.js';
import { PrometheusProcess } from './harness/prometheus-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** A multiple of all intervals. */
const END = Math.floor(Date.now() / 1000 / DAY) * DAY;
const START = END - 14 * DAY;
const UPDATE = START + 4 * DAY;
/** Calls a second, and as many currency units. */
const RATE = 0.5;

/** One minute in which there were more calls a second. */
const BUSY = END - 12 * HOUR + 20 * 60;
const BUSY_RATE = 5;

const DASHBOARDS = dashboardFiles(join(PROJECT_ROOT, 'grafana/dashboards'));
const USAGE_AND_COST = DASHBOARDS.find(({ uid }) => uid === 'usage-and-cost')!;
const CAPACITY = DASHBOARDS.find(({ uid }) => uid === 'capacity')!;

let server: PrometheusProcess;

/** The variables of the dashboard over so many days up to a moment. */
function variables(days: number, end: number, dashboard = USAGE_AND_COST) {
  const source = {
    series: (selector: string) => server.series(selector),
    query: (promql: string) => server.query(promql, end),
  };
  return variableValues(dashboard, source, rangeOf(end - days * DAY, end), {}, () => true);
}

describe.runIf(hasPrograms('prometheus', 'promtool'))('totals of a dashboard', () => {
  beforeAll(async () => {
    server = await updatedPrometheus();
  }, 60_000);

  it.each<[what: string, days: number, end: number, source: TotalsSource]>([
    ['a day', 1, END, totalsOf('5-minute')],
    ['2 days', 2, END, totalsOf('5-minute')],
    ['3 days', 3, END, HALF_HOURS],
    ['5 days', 5, END, HALF_HOURS],
    ['a week that begins before the update', 7, UPDATE + 3 * DAY, totalsOf('hour')],
    ['3 days that begin some hours before the update', 3, UPDATE + 3 * DAY - 4 * HOUR, totalsOf('hour')],
    ['3 days that begin with the update, compared with those before it', 3, UPDATE + 3 * DAY, totalsOf('hour')],
    [
      '3 days, compared with days of which some hours were before the update',
      3,
      UPDATE + 6 * DAY - 4 * HOUR,
      totalsOf('hour'),
    ],
    ['3 days, compared with days that begin with the update', 3, UPDATE + 6 * DAY, HALF_HOURS],
    ['3 days before the update', 3, UPDATE - HOUR, totalsOf('hour')],
    ['a month, of which 14 days are stored, 10 of them after the update', 30, END, totalsOf('hour')],
    ['a week of a stack that began half a day ago', 7, START + DAY / 2, totalsOf('minute')],
    ['a week of a stack that began minutes ago', 7, START + HOUR / 6, totalsOf('minute')],
    ['half an hour', 1 / 48, END, totalsOf('minute')],
  ])('of %s', async (_, days, end, { totals, every }) => {
    const values = await variables(days, end);
    expect(values.get('totals')?.values).toEqual([totals]);
    expect(values.get('every')?.values).toEqual([every]);
  });

  it.each<[from: string, days: number, end: number, asked?: number]>([
    ['half-hours', 5, END],
    ['hours', 7, UPDATE + 3 * DAY],
    ['the minutes of a new stack', 0.5, START + DAY / 2, 7],
  ])('are what there was, from %s', async (_, days, end, asked = days) => {
    const range = rangeOf(end - asked * DAY, end);
    const values = await variables(asked, end);
    const table = panelsOf(USAGE_AND_COST).find(({ title }) => title === 'By model')!;
    const cost = table.targets!.find(({ expr }) => /model_cost.*\* \$every$/.test(expr))!;
    const [found] = await server.query(interpolated(cost.expr, values, range), end);
    expect(found!.value / (RATE * days * DAY)).toBeCloseTo(1, 2);
  });

  it.each([
    ['recorded peaks, over 5 days', 5],
    ['minutes, over a day', 1],
  ])('go with the busiest minute of each hour, from %s', async (_, days) => {
    const panel = panelsOf(CAPACITY).find(({ title }) => title === 'Busiest minute of each hour (RPM)')!;
    const range = rangeOf(END - days * DAY, END, panel);
    const promql = interpolated(panel.targets![0]!.expr, await variables(days, END, CAPACITY), range);
    const [found] = await server.queryRange(promql, { start: range.start, end: END - HOUR, stepSeconds: HOUR });
    const hours = Array.from({ length: days * 24 }, (_unused, hour) => range.start + hour * HOUR);
    expect(found!.values).toEqual(
      hours.map((at) => [at, 60 * (at <= BUSY && BUSY < at + HOUR ? BUSY_RATE : RATE)] as const),
    );
  });

  it.each([5, 1])('go with the peak of %i days', async (days) => {
    const panel = panelsOf(CAPACITY).find(({ title }) => title === 'Quotas and peaks')!;
    const peak = panel.targets!.find(({ expr }) => /model_calls/.test(expr) && !/ [-/] on/.test(expr))!;
    const values = await variables(days, END, CAPACITY);
    const [found] = await server.query(interpolated(peak.expr, values, rangeOf(END - days * DAY, END)), END);
    expect(found!.value).toBe(60 * BUSY_RATE);
  });

  it.each([
    ['days', 5, DAY],
    ['hours', 1, HOUR],
  ])('are those of all bars, of %s', async (_, days, bar) => {
    const panel = panelsOf(USAGE_AND_COST).find(({ title }) => title === 'Cost by model ($currency)')!;
    const [target] = panel.targets!;
    const values = await variables(days, END);
    const range = rangeOfTarget(END - days * DAY, END, panel, target!, values);
    expect(range.intervalMs).toBe(bar * 1000);
    const promql = interpolated(target!.expr, values, range);
    const [found] = await server.queryRange(promql, { start: range.start, end: END - bar, stepSeconds: bar });
    const sum = found!.values.reduce((all, [, value]) => all + value, 0);
    expect(found!.values).toHaveLength((days * DAY) / bar);
    expect(sum / (RATE * days * DAY)).toBeCloseTo(1, 1);
  });
});

function rateOfMinute(at: number): number {
  return at === BUSY ? BUSY_RATE : RATE;
}

async function updatedPrometheus(): Promise<PrometheusProcess> {
  const folder = await temporaryFolder('totals');
  const storage = join(folder, 'data');
  await mkdir(storage);
  const labels = 'job="model-observation",workspace_id="search",model="qwen-plus",inference_type="realtime"';
  const samples = (['minute', '5-minute', 'hour', TOTALS_LEVEL.name] as const).flatMap((level) =>
    [
      [recordedSeries('model_calls', level, 'all keys'), `${labels},outcome="success"`],
      [recordedSeries('model_cost', level, 'all keys'), `${labels},currency="CNY"`],
    ].map(([name, own]) => {
      const from = level === TOTALS_LEVEL.name ? UPDATE : START;
      const step = evaluationSeconds(level);
      const count = (END - from) / step;
      return Array.from({ length: count }, (_, index) => {
        const at = from + (index + 1) * step;
        const rate = level === 'minute' && name!.includes('calls') ? rateOfMinute(at) : RATE;
        return `${name}{${own}} ${rate} ${at}\n`;
      });
    }),
  );
  const peaks = `${recordedPeak('workspace_model', 'model_calls')}{workspace_id="search",model="qwen-plus",inference_type="realtime"}`;
  for (let at = UPDATE + 600; at <= END; at += 600) {
    const minutes = Array.from({ length: 31 }, (_, ago) => rateOfMinute(at - 60 * ago));
    samples.push([`${peaks} ${Math.max(...minutes)} ${at}\n`]);
  }
  // What the currency is chosen from.
  const minutes = `${recordedSeries('model_cost', 'minute')}{${labels},apikey_id="web",currency="CNY"}`;
  const history = join(folder, 'history.om');
  await writeFile(history, `${samples.flat().join('')}${minutes} ${RATE} ${END}\n# EOF\n`);
  await promisify(execFile)(programPath('promtool'), [
    ...['tsdb', 'create-blocks-from', '--max-block-duration=486h', 'openmetrics', history, storage],
  ]);
  return PrometheusProcess.start({ config: { global: { scrape_interval: '15s' } }, storage });
}
