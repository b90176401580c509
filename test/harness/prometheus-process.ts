import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ConfigKeys } from './exporter-process.js';
import { freePort } from './free-port.js';
import { programPath } from './prometheus-binaries.js';
import { ServerProcess } from './server-process.js';
import { temporaryFolder } from './temporary-folder.js';

export interface PrometheusOptions {
  /** prometheus.yml, with paths made absolute or below `files`; see `scraping()` for the usual one. */
  config: ConfigKeys;
  /** Further files beside prometheus.yml, by relative name. */
  files?: Readonly<Record<string, string>>;
  flags?: readonly string[];
  /** Where its blocks are; default: a new folder. */
  storage?: string;
}

export type Labels = Record<string, string>;

/** One element of an instant query's answer. */
export interface Sample {
  metric: Labels;
  /** Epoch seconds. */
  time: number;
  value: number;
}

export interface Range {
  metric: Labels;
  /** Epoch seconds and value. */
  values: (readonly [time: number, value: number])[];
}

export interface Target {
  scrapePool: string;
  scrapeUrl: string;
  labels: Labels;
  health: 'up' | 'down' | 'unknown';
  lastError: string;
}

/** A moment, as a Date or in epoch seconds. */
export type Time = Date | number;

/** A configuration that scrapes one job, `model-observation`, at the given addresses (`host:port` or a URL). */
export function scraping(targets: readonly string[], { interval = '250ms' }: { interval?: string } = {}): ConfigKeys {
  return {
    global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
    scrape_configs: [
      {
        job_name: 'model-observation',
        static_configs: [{ targets: targets.map((target) => target.replace(/^http:\/\//, '')) }],
      },
    ],
  };
}

/** A real Prometheus on a free loopback port, with its storage in a temporary folder. */
export class PrometheusProcess {
  readonly url: string;
  readonly #server: ServerProcess;

  private constructor(server: ServerProcess, url: string) {
    this.#server = server;
    this.url = url;
  }

  /** Resolves when `/-/ready` answers 200. */
  static async start({ config, files = {}, flags = [], storage }: PrometheusOptions): Promise<PrometheusProcess> {
    const folder = await temporaryFolder('prometheus');
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    await writeFile(join(folder, 'prometheus.yml'), stringify(config));
    const port = await freePort();
    const server = await ServerProcess.spawn({
      name: 'prometheus',
      command: programPath('prometheus'),
      args: [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${storage ?? join(folder, 'data')}`,
        '--storage.tsdb.retention.time=30d',
        `--web.listen-address=127.0.0.1:${port}`,
        '--web.enable-lifecycle',
        ...flags,
      ],
      cwd: folder,
    });
    const url = `http://127.0.0.1:${port}`;
    await server.untilOk(`${url}/-/ready`, { timeoutMs: 30_000 });
    return new PrometheusProcess(server, url);
  }

  get pid(): number {
    return this.#server.pid;
  }

  get stderr(): string {
    return this.#server.stderr;
  }

  /** An instant query; a scalar comes back as one sample without labels. */
  async query(promql: string, time?: Time): Promise<Sample[]> {
    const answer = await this.#get<QueryAnswer>('query', {
      query: promql,
      ...(time === undefined ? {} : { time: seconds(time) }),
    });
    if (answer.resultType === 'scalar') return [toSample({}, answer.result)];
    if (answer.resultType === 'vector') return answer.result.map(({ metric, value }) => toSample(metric, value));
    throw new Error(`${promql} is a ${answer.resultType}; ask for it with queryRange`);
  }

  /** The value of a query that has exactly one; undefined when it has none. */
  async value(promql: string, time?: Time): Promise<number | undefined> {
    const samples = await this.query(promql, time);
    if (samples.length > 1) throw new Error(`${promql} has ${samples.length} values: ${JSON.stringify(samples)}`);
    return samples[0]?.value;
  }

  async queryRange(promql: string, range: { start: Time; end: Time; stepSeconds: number }): Promise<Range[]> {
    const answer = await this.#get<{ result: { metric: Labels; values: RawValue[] }[] }>('query_range', {
      query: promql,
      start: seconds(range.start),
      end: seconds(range.end),
      step: String(range.stepSeconds),
    });
    return answer.result.map(({ metric, values }) => ({
      metric,
      values: values.map(([time, value]) => [time, toNumber(value)] as const),
    }));
  }

  /** The label sets that match a selector. */
  series(match: string): Promise<Labels[]> {
    return this.#get<Labels[]>('series', { 'match[]': match });
  }

  async targets(): Promise<Target[]> {
    return (await this.#get<{ activeTargets: Target[] }>('targets', { state: 'active' })).activeTargets;
  }

  async kill(): Promise<void> {
    this.#server.kill('SIGKILL');
    await this.#server.exited;
  }

  /** SIGTERM, waits, returns the exit code. */
  stop(): Promise<number> {
    return this.#server.stop();
  }

  async #get<T>(endpoint: string, parameters: Record<string, string>): Promise<T> {
    const response = await fetch(`${this.url}/api/v1/${endpoint}?${new URLSearchParams(parameters)}`);
    const answer = (await response.json()) as { status: string; data: T; errorType?: string; error?: string };
    if (answer.status !== 'success') {
      throw new Error(`Prometheus: ${answer.errorType}: ${answer.error} (${JSON.stringify(parameters)})`);
    }
    return answer.data;
  }
}

type RawValue = readonly [time: number, value: string];

type QueryAnswer =
  | { resultType: 'vector'; result: { metric: Labels; value: RawValue }[] }
  | { resultType: 'scalar'; result: RawValue }
  | { resultType: 'matrix' | 'string'; result: unknown };

function toSample(metric: Labels, [time, value]: RawValue): Sample {
  return { metric, time, value: toNumber(value) };
}

/** Prometheus writes the infinities as +Inf and -Inf. */
function toNumber(value: string): number {
  return Number(value.replace('Inf', 'Infinity'));
}

function seconds(time: Time): string {
  return String(time instanceof Date ? time.getTime() / 1000 : time);
}
