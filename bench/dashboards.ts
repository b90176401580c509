import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BAR } from '../grafana/dashboards/src/query/by-bar.js';
import { SERIES } from '../grafana/dashboards/src/query/keys.js';
import { MINUTES_ONLY, RECORDED_PEAKS } from '../grafana/dashboards/src/query/peaks.js';
import { RESOLUTION, resolutionOf } from '../grafana/dashboards/src/query/resolution.js';
import { HALF_HOURS, totalsOf } from '../grafana/dashboards/src/query/totals.js';
import {
  type DashboardFile,
  dashboardFiles,
  isInstant,
  isLogql,
  type PanelOfFile,
  panelsOf,
  type TargetOfFile,
} from '../grafana/dashboards/src/reading/dashboard-file.js';
import { interpolated, rangeOfTarget, type VariableValue } from '../grafana/dashboards/src/reading/interpolation.js';
import { dashboardSeries, ONE_KEY, SHARE_STORED, STORED_LEVELS, type StoredLevel } from './dashboard-series.js';
import type { Figure } from './figure.js';
import { freePort, temporaryFolder, untilAnswers } from './processes.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** How long a panel may take. */
const LONGEST_SECONDS = 2;
const SLOWEST = 5;
/** Seconds before the end at which nothing is stored. */
const BEFORE_ALL_SAMPLES = 400 * 86_400;

/** What is chosen: everything, or one of the API keys. */
const VIEWS = ['everything', 'one key'] as const;
type View = (typeof VIEWS)[number];

/** What one panel took. */
interface Asked {
  readonly name: string;
  readonly seconds: number;
  /** Samples that its queries read. */
  readonly samples: number;
  /** The same questions asked of series one level finer; null of the finest. */
  readonly secondsOfFiner: number | null;
}

/** Queries that are shown, or filled in, together. */
interface Queries {
  readonly name: string;
  readonly targets: readonly TargetOfFile[];
  readonly panel: PanelOfFile;
}

/**
 * Seconds that the slowest panel of all dashboards, of those that have a finer level to compare with, takes over the widest range of each level that is drawn: 12 hours of minutes, 48 of 5
 * minutes, and 30 days of hours with totals of half-hours; of 20 models with 20 keys in each of 3 workspaces, with everything chosen and
 * with one key. Its queries are asked side by side, as Grafana does. Beside it the same asked of series one level finer. A sixth of the
 * series and a part of each range are stored and asked; what takes time beyond the same queries over a time that has no samples is
 * multiplied, since it grows with the samples.
 */
export async function dashboardsQuery(): Promise<Figure> {
  const prometheus = await prometheusWithSeries();
  try {
    const asked = await askedQueries(prometheus.url, prometheus.end);
    asked.sort((a, b) => b.seconds - a.seconds);
    for (const { name, seconds, samples, secondsOfFiner } of asked.filter(
      (panel, index) => index < SLOWEST || panel.seconds > LONGEST_SECONDS,
    )) {
      const finer = secondsOfFiner === null ? '' : `, of series a level finer ${secondsOfFiner.toFixed(2)} s`;
      console.error(`${name}: ${seconds.toFixed(2)} s${finer}, ${(samples / 1e6).toFixed(1)} million samples`);
    }
    const { seconds, secondsOfFiner } = asked.find((panel) => panel.secondsOfFiner !== null)!;
    const baseline = secondsOfFiner!;
    return { name: 'dashboards.query', value: seconds, unit: 's', baseline, ratio: baseline / seconds };
  } finally {
    await prometheus.stop();
  }
}

async function askedQueries(url: string, end: number): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const queries of dashboardFiles(join(ROOT, 'grafana/dashboards')).flatMap(queriesOf)) {
    for (const view of VIEWS) {
      for (const [index, stored] of STORED_LEVELS.entries()) {
        const finer = STORED_LEVELS[index - 1];
        asked.push({
          name: `${queries.name}, ${stored.level} level, ${view}`,
          ...(await scaled(url, end, queries, view, stored, stored)),
          secondsOfFiner: finer === undefined ? null : (await scaled(url, end, queries, view, stored, finer)).seconds,
        });
      }
    }
  }
  return asked;
}

/** The Prometheus queries of each panel, and those by which variables are filled in. */
function queriesOf(dashboard: DashboardFile): Queries[] {
  const panels = panelsOf(dashboard).map((panel) => ({
    name: `${dashboard.title}: ${panel.title}`,
    targets: (panel.targets ?? []).filter((target) => !isLogql(target)),
    panel,
  }));
  const variables = dashboard.templating.list.flatMap(({ name, query = '' }) => {
    const [, expr] = /^query_result\((.*)\)$/s.exec(query) ?? [];
    if (expr === undefined) return [];
    return [
      {
        name: `${dashboard.title}: variable ${name}`,
        targets: [{ refId: 'A', expr, instant: true }],
        panel: { type: 'variable' },
      },
    ];
  });
  return [...panels, ...variables].filter(({ targets }) => targets.length > 0);
}

/** A panel over a range, asked of the part of it that is stored at a level, and multiplied. */
async function scaled(
  url: string,
  end: number,
  { targets, panel }: Queries,
  view: View,
  { range }: StoredLevel,
  { level, stored }: StoredLevel,
): Promise<{ seconds: number; samples: number }> {
  const scale = range / stored / SHARE_STORED;
  const variables = variablesAt(level, view);
  const ask = async (until: number): Promise<[seconds: number, samples: number]> => {
    const start = performance.now();
    const read = await Promise.all(
      targets.map((target) => {
        const { intervalMs } = rangeOfTarget(end - range, end, panel, target, variables);
        const part = { start: until - stored, end: until, intervalMs };
        return query(url, interpolated(target.expr, variables, part), until, isInstant(target) ? undefined : part);
      }),
    );
    return [(performance.now() - start) / 1000, read.reduce((sum, samples) => sum + samples, 0)];
  };
  // The best of some: what disturbs one is multiplied, too.
  const best = async (until: number) => {
    const asked = [await ask(until), await ask(until), await ask(until)];
    return asked.reduce((one, other) => (other[0] < one[0] ? other : one));
  };
  const [nothing] = await best(end - BEFORE_ALL_SAMPLES);
  const [took, samples] = await best(end);
  return { seconds: nothing + Math.max(0, took - nothing) * scale, samples: samples * scale };
}

/** As Grafana fills them in. */
function variablesAt(level: StoredLevel['level'], view: View): ReadonlyMap<string, VariableValue> {
  const all = { values: ['.*'], isMulti: true, isRaw: true };
  const names = dashboardFiles(join(ROOT, 'grafana/dashboards')).flatMap(({ templating }) =>
    templating.list.map(({ name }) => [name, all] as const),
  );
  const isOneKey = view === 'one key';
  const hidden = {
    ...(level === 'hour' ? RECORDED_PEAKS : MINUTES_ONLY),
    ...(level === 'hour' ? HALF_HOURS : totalsOf(level)),
    [RESOLUTION]: resolutionOf(level),
    [SERIES]: isOneKey ? 'workspace_model_apikey' : 'workspace_model',
    [BAR]: { minute: '1h', '5-minute': '1h', hour: '1d' }[level],
    currency: 'CNY',
    ...(isOneKey ? { apikey: ONE_KEY } : {}),
  };
  return new Map<string, VariableValue>([
    ...names,
    ...Object.entries(hidden).map(([name, value]) => [name, { values: [value], isMulti: false }] as const),
  ]);
}

/** The samples that a query reads. */
async function query(
  url: string,
  promql: string,
  end: number,
  range?: { start: number; intervalMs: number },
): Promise<number> {
  const parameters = new URLSearchParams({ query: promql, stats: 'all', timeout: '120s' });
  if (range === undefined) parameters.set('time', String(end));
  else {
    parameters.set('start', String(range.start));
    parameters.set('end', String(end));
    parameters.set('step', String(range.intervalMs / 1000));
  }
  const response = await fetch(`${url}/api/v1/${range === undefined ? 'query' : 'query_range'}`, {
    method: 'POST',
    body: parameters,
  });
  const answer = (await response.json()) as {
    status: string;
    error?: string;
    data?: { stats: { samples: { totalQueryableSamples: number } } };
  };
  if (answer.status !== 'success') throw new Error(`${promql}: ${answer.error}`);
  return answer.data!.stats.samples.totalQueryableSamples;
}

async function prometheusWithSeries(): Promise<{ url: string; end: number; stop(): Promise<void> }> {
  const { paths } = (await import(pathToFileURL(join(ROOT, 'scripts/prometheus.mjs')).href)).findBinaries();
  const { prometheus, promtool } = paths as { prometheus?: string; promtool?: string };
  if (prometheus === undefined || promtool === undefined)
    throw new Error('needs Prometheus: node scripts/prometheus.mjs');
  const folder = temporaryFolder();
  const end = Math.floor(Date.now() / 120_000) * 120;
  const history = join(folder.path, 'history.om');
  await finished(Readable.from(dashboardSeries(end)).pipe(createWriteStream(history)));
  // In one block or two: promtool reads the whole file for each.
  const blocks = ['tsdb', 'create-blocks-from', '--max-block-duration=486h', 'openmetrics', history];
  execFileSync(promtool, [...blocks, join(folder.path, 'data')], { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(join(folder.path, 'prometheus.yml'), 'global: {scrape_interval: 15s}\n');
  const port = await freePort();
  const flags = [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    '--storage.tsdb.retention.time=60d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const child = spawn(prometheus, flags, { cwd: folder.path, stdio: ['ignore', 'ignore', 'inherit'] });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/-/ready`);
  return {
    url,
    end,
    async stop() {
      child.kill('SIGKILL');
      await once(child, 'exit');
      folder.remove();
    },
  };
}
