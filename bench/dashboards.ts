import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { SERIES } from '../grafana/dashboards/src/query/keys.js';
import { MINUTES, MINUTES_ONLY, PEAKS, RECORDED_PEAKS } from '../grafana/dashboards/src/query/peaks.js';
import { resolutionOf } from '../grafana/dashboards/src/query/resolution.js';
import {
  dashboardFiles,
  isInstant,
  isLogql,
  type PanelOfFile,
  panelsOf,
  type TargetOfFile,
} from '../grafana/dashboards/src/reading/dashboard-file.js';
import { interpolated, type VariableValue } from '../grafana/dashboards/src/reading/interpolation.js';
import { rangeOf } from '../grafana/dashboards/src/reading/time-range.js';
import { dashboardSeries, STORED_LEVELS, type StoredLevel, WORKSPACES } from './dashboard-series.js';
import type { Figure } from './figure.js';
import { freePort, temporaryFolder, untilAnswers } from './processes.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** How long a panel may take. */
const LONGEST_SECONDS = 2;
const SLOWEST = 5;

/** What one panel took: all its queries, one after the other. Grafana asks them side by side. */
interface Asked {
  readonly name: string;
  readonly level: StoredLevel['level'];
  readonly seconds: number;
  /** Samples that its queries read. */
  readonly samples: number;
  /** The same questions asked of minute-level series. */
  readonly secondsOfMinutes: number;
}

/**
 * Seconds that the slowest panel of all dashboards takes: over 30 days of hour-level series and over 12 hours of minute-level series,
 * of 20 models with 20 keys in each of 3 workspaces. Beside it the same questions asked of minute-level series. One workspace and a part
 * of each range are stored and asked; the time beyond that of a query that reads nothing is multiplied, since it grows with the samples.
 */
export async function dashboardsQuery(): Promise<Figure> {
  const prometheus = await prometheusWithSeries();
  try {
    const asked = await askedPanels(prometheus.url, prometheus.end);
    asked.sort((a, b) => b.seconds - a.seconds);
    for (const { name, level, seconds, samples } of asked.filter(
      (panel, index) => index < SLOWEST || panel.seconds > LONGEST_SECONDS,
    ))
      console.error(`${name}, ${level} level: ${seconds.toFixed(2)} s, ${(samples / 1e6).toFixed(1)} million samples`);
    const { seconds, secondsOfMinutes } = asked[0]!;
    const ratio = secondsOfMinutes / seconds;
    return { name: 'dashboards.query', value: seconds, unit: 's', baseline: secondsOfMinutes, ratio };
  } finally {
    await prometheus.stop();
  }
}

async function askedPanels(url: string, end: number): Promise<Asked[]> {
  const nothing = Math.min(...[await query(url, 'vector(1)', end), await query(url, 'vector(1)', end)].map(([s]) => s));
  const minute = STORED_LEVELS.find(({ level }) => level === 'minute')!;
  const asked: Asked[] = [];
  for (const dashboard of dashboardFiles(join(ROOT, 'grafana/dashboards'))) {
    for (const panel of panelsOf(dashboard)) {
      const targets = (panel.targets ?? []).filter((target) => !isLogql(target));
      if (targets.length === 0) continue;
      for (const stored of STORED_LEVELS) {
        const all = await scaled(url, end, panel, targets, stored, stored, nothing);
        const ofMinutes = stored === minute ? all : await scaled(url, end, panel, targets, stored, minute, nothing);
        asked.push({
          name: `${dashboard.title}: ${panel.title}`,
          level: stored.level,
          ...all,
          secondsOfMinutes: ofMinutes.seconds,
        });
      }
    }
  }
  return asked;
}

/** A panel over a range, asked of the part of it that is stored at a level, and multiplied. */
async function scaled(
  url: string,
  end: number,
  panel: PanelOfFile,
  targets: readonly TargetOfFile[],
  { range }: StoredLevel,
  { level, stored }: StoredLevel,
  nothing: number,
): Promise<{ seconds: number; samples: number }> {
  const scale = (range / stored) * WORKSPACES;
  const { intervalMs } = rangeOf(end - range, end, panel);
  const part = { start: end - stored, end, intervalMs };
  const variables = variablesAt(level);
  let seconds = 0;
  let samples = 0;
  for (const target of targets) {
    const promql = interpolated(target.expr, variables, part);
    const ask = () => query(url, promql, end, isInstant(target) ? undefined : part);
    // The better of two: what disturbs one is multiplied, too.
    const [[first, read], [second]] = [await ask(), await ask()];
    const took = Math.min(first, second);
    seconds += nothing + Math.max(0, took - nothing) * scale;
    samples += read * scale;
  }
  return { seconds, samples };
}

/** Everything is chosen. */
function variablesAt(level: StoredLevel['level']): ReadonlyMap<string, VariableValue> {
  const all = { values: ['.*'], isMulti: true, isRaw: true };
  const names = dashboardFiles(join(ROOT, 'grafana/dashboards')).flatMap(({ templating }) =>
    templating.list.map(({ name }) => [name, all] as const),
  );
  const peaks = level === 'hour' ? RECORDED_PEAKS : MINUTES_ONLY;
  return new Map<string, VariableValue>([
    ...names,
    [PEAKS, { values: [peaks[PEAKS]], isMulti: false }],
    [MINUTES, { values: [peaks[MINUTES]], isMulti: false }],
    ['resolution', { values: [resolutionOf(level)], isMulti: false }],
    [SERIES, { values: ['workspace_model'], isMulti: false }],
    ['currency', { values: ['CNY'], isMulti: false }],
  ]);
}

/** Seconds that a query takes, and the samples that it reads. */
async function query(
  url: string,
  promql: string,
  end: number,
  range?: { start: number; intervalMs: number },
): Promise<[seconds: number, samples: number]> {
  const parameters = new URLSearchParams({ query: promql, stats: 'all', timeout: '120s' });
  if (range === undefined) parameters.set('time', String(end));
  else {
    parameters.set('start', String(range.start));
    parameters.set('end', String(end));
    parameters.set('step', String(range.intervalMs / 1000));
  }
  const start = performance.now();
  const response = await fetch(`${url}/api/v1/${range === undefined ? 'query' : 'query_range'}`, {
    method: 'POST',
    body: parameters,
  });
  const answer = (await response.json()) as {
    status: string;
    error?: string;
    data?: { stats: { samples: { totalQueryableSamples: number } } };
  };
  const seconds = (performance.now() - start) / 1000;
  if (answer.status !== 'success') throw new Error(`${promql}: ${answer.error}`);
  return [seconds, answer.data!.stats.samples.totalQueryableSamples];
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
  const blocks = ['tsdb', 'create-blocks-from', '--max-block-duration=54h', 'openmetrics', history];
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
