/**
 * Hours of scrapes in seconds: exporters' metrics under a clock of the test's own, read every 15 s, put into the blocks of
 * a real Prometheus, and rule files evaluated over them at the interval that they name.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Call } from '../exporter/call/call.js';
import type { MetricsOptions } from '../exporter/projections/metrics/options.js';
import { MetricsProjection } from '../exporter/projections/metrics/projection.js';
import { OPTIONS } from '../exporter/projections/metrics/testdata/calls.js';
import { renderExposition } from '../exporter/readers/scrape/exposition.js';
import type { ExposedFamily } from '../exporter/telemetry/own-metrics.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { programPath } from './harness/prometheus-binaries.js';
import { PrometheusProcess } from './harness/prometheus-process.js';
import { ServerProcess } from './harness/server-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';

const SCRAPE_MS = 15_000;
const HOUR_MS = 3_600_000;

/** One call record as it reaches an exporter. */
export interface Arrival {
  /** ms since the epoch */
  at: number;
  /** The exporter's `instance`. */
  instance: string;
  call: Call;
}

/** One exporter as Prometheus scrapes it. */
export interface ScrapedExporter {
  instance: string;
  /** When its scrapes are due, after each full quarter of a minute; ms. */
  phaseMs: number;
  /** Between these moments no scrape works: the exporter restarts. Its records wait, and count when it is back. */
  away?: { from: number; to: number };
}

export interface History {
  /** ms since the epoch, whole minutes. */
  start: number;
  end: number;
  exporters: readonly ScrapedExporter[];
  /** In the order of their arrival. */
  arrivals: readonly Arrival[];
  /** Relative to the project. */
  ruleFiles: readonly string[];
  /** Default: few buckets, no quotas. */
  metrics?: MetricsOptions;
  /** What an exporter says of itself at a moment, beside its calls; ms since the epoch. */
  own?: (instance: string, at: number) => Promise<readonly ExposedFamily[]>;
  /** Lines of samples without a time that Prometheus makes itself, such as alerts. */
  made?: (at: number) => readonly string[];
}

/** A full hour so long ago that a history of several hours lies in the past. */
export function someHoursAgo(hours: number): number {
  return Math.floor(Date.now() / HOUR_MS - hours) * HOUR_MS;
}

/** A Prometheus that holds the history and what the rules recorded over it. */
export async function recordedHistory(history: History): Promise<PrometheusProcess> {
  const folder = await temporaryFolder('history');
  const scrapes = join(folder, 'scrapes.txt');
  const storage = join(folder, 'data');
  await mkdir(storage);
  await writeScrapes(history, scrapes);
  await promtool(['tsdb', 'create-blocks-from', 'openmetrics', scrapes, storage]);

  const config = { global: { scrape_interval: '15s' } };
  const raw = await PrometheusProcess.start({ config, storage });
  await promtool([
    ...['tsdb', 'create-blocks-from', 'rules', `--url=${raw.url}`, `--output-dir=${storage}`],
    ...[`--start=${history.start / 1000}`, `--end=${history.end / 1000}`],
    ...history.ruleFiles.map((file) => join(PROJECT_ROOT, file)),
  ]);
  // New blocks are found at the start.
  await raw.stop();
  return PrometheusProcess.start({ config, storage });
}

async function writeScrapes(history: History, path: string): Promise<void> {
  const { start, end, exporters, arrivals, metrics = OPTIONS, own, made } = history;
  const file = createWriteStream(path);
  for (const { instance, phaseMs, away } of exporters) {
    const projection = MetricsProjection.create({ ...metrics, birthHoldMs: 35_000 });
    const mine = arrivals.filter((arrival) => arrival.instance === instance);
    const target = `instance="${instance}",job="model-observation"`;
    let next = 0;
    for (let now = start + phaseMs; now <= end; now += SCRAPE_MS) {
      if (away !== undefined && now >= away.from && now < away.to) continue;
      for (let arrival = mine[next]; arrival !== undefined && arrival.at <= now; arrival = mine[next]) {
        const waited = away !== undefined && arrival.at >= away.from && arrival.at < away.to;
        projection.apply(arrival.call, waited ? away.to : arrival.at);
        next += 1;
      }
      let text = '';
      const families = (await own?.(instance, now)) ?? [];
      for await (const chunk of renderExposition(projection.view(now), families, 'text')) text += chunk;
      if (!file.write(withTarget(text, target, now / 1000))) await once(file, 'drain');
    }
  }
  for (let now = start; made !== undefined && now <= end; now += SCRAPE_MS) {
    const lines = made(now).map((line) => `${line} ${now / 1000}\n`);
    if (!file.write(lines.join(''))) await once(file, 'drain');
  }
  file.end('# EOF\n');
  await finished(file);
}

/** The samples, with the labels and the time that a scrape gives them. */
function withTarget(text: string, target: string, seconds: number): string {
  let samples = '';
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const labelled = line.includes('{') ? line.replace('{', `{${target},`) : line.replace(' ', `{${target}} `);
    samples += `${labelled} ${seconds}\n`;
  }
  return samples;
}

async function promtool(args: readonly string[]): Promise<void> {
  const running = await ServerProcess.spawn({ name: 'promtool', command: programPath('promtool'), args });
  const { code } = await running.exited;
  if (code !== 0) throw new Error(`promtool ${args.slice(0, 3).join(' ')} ended with ${code}\n${running.lastWords()}`);
}
