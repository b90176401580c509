import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PacedResult } from './paced-result.js';
import {
  benchScript,
  freePort,
  LOAD_CORE,
  runOn,
  SERVER_CORE,
  startExporter,
  startOn,
  temporaryFolder,
  untilAnswers,
} from './processes.js';
import { checkScaleOf, SCALE_BIRTHS, SCALE_ENV, SCALE_KEYS } from './series-scale.js';

/**
 * 20,000 records a second. Of 100 a request, because that is some 0.8 ms of the server: of 500 a request alone
 * would be as long as what a scrape may add, and with one a request there would be nothing left for scrapes.
 */
const RECORDS = '100';
const RATE = '200';
const WARM_UP_SECONDS = '6';
const SECONDS = '20';
/** Prometheus asks for gzip. */
const ENCODING = 'gzip';

/** What a server did while 20,000 records a second came. */
export interface Session {
  /** Without a scrape; null where that was not asked for. */
  quiet: PacedResult | null;
  scraped: PacedResult;
  /** The longest block of its event loop while it was scraped, ms. */
  longestBlock: number;
}

interface Server {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/** The exporter, with some 390,000 series, each past its birth hold. */
export async function exporterSession(): Promise<Session> {
  return session('the exporter', true, async (probe) => {
    const env = { ...SCALE_ENV, ...probe.env, MODEL_OBSERVATION_METRICS_BIRTH_HOLD: '1s' };
    const exporter = await startExporter(SERVER_CORE, { flags: probe.flags, env });
    const requests = String(SCALE_BIRTHS / 500);
    await runOn(LOAD_CORE, benchScript('batch-load.js'), [exporter.url, '500', '4', '0', requests, SCALE_KEYS]);
    return exporter;
  });
}

/** prom-client with as many series, under the same load. */
export async function promClientSession(): Promise<Session> {
  return session('prom-client', false, async (probe) => {
    const port = await freePort();
    const args = [String(port), String(SCALE_BIRTHS), SCALE_KEYS];
    const child = startOn(SERVER_CORE, benchScript('scrape-baseline.js'), args, probe.env, probe.flags);
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(`${url}/`, () => {
      if (child.exitCode !== null) throw new Error(`the baseline ended with ${child.exitCode}`);
    });
    const stop = async (): Promise<void> => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    };
    return { url, pid: child.pid!, stop };
  });
}

interface Probe {
  flags: string[];
  env: Record<string, string>;
}

async function session(what: string, quietToo: boolean, start: (probe: Probe) => Promise<Server>): Promise<Session> {
  const folder = temporaryFolder();
  const file = join(folder.path, 'longest-block');
  const server = await start({ flags: ['--import', benchScript('block-probe.js')], env: { BENCH_BLOCK_FILE: file } });
  const load = (seconds: string, encoding: string): Promise<PacedResult> =>
    runOn(LOAD_CORE, benchScript('paced-load.js'), [server.url, RECORDS, RATE, seconds, SCALE_KEYS, encoding]);
  try {
    await load(WARM_UP_SECONDS, ENCODING);
    await checkScaleOf(what, server.url);
    const quiet = quietToo ? await load(SECONDS, 'none') : null;
    process.kill(server.pid, 'SIGUSR2');
    const scraped = await load(SECONDS, ENCODING);
    await server.stop();
    return { quiet, scraped, longestBlock: Number(readFileSync(file, 'utf8')) };
  } finally {
    await server.stop();
    folder.remove();
  }
}
