import { once } from 'node:events';
import type { Figure } from './figure.js';
import {
  benchScript,
  freePort,
  LOAD_CORE,
  runOn,
  SERVER_CORE,
  startExporter,
  startOn,
  untilAnswers,
} from './processes.js';

const CONNECTIONS = '64';
const WARM_UP = '30000';
const MEASURED = '100000';

interface Timed {
  records: number;
  seconds: number;
}

/**
 * Requests a second with one record each over 64 connections, each durable before it is answered.
 * Baseline: a bare Express route with `express.json()` that answers.
 */
export async function ingestSingle(): Promise<Figure> {
  const load = (url: string): Promise<Timed> =>
    runOn<Timed>(LOAD_CORE, benchScript('single-load.js'), [url, CONNECTIONS, WARM_UP, MEASURED]);

  const port = await freePort();
  const bare = startOn(SERVER_CORE, benchScript('express-baseline.js'), [String(port)]);
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(url);
  const baseline = await load(url);
  bare.kill('SIGTERM');
  await once(bare, 'exit');

  const exporter = await startExporter(SERVER_CORE);
  try {
    const result = await load(exporter.url);
    const value = result.records / result.seconds;
    const base = baseline.records / baseline.seconds;
    return { name: 'ingest.single', value, unit: 'requests/s', baseline: base, ratio: value / base };
  } finally {
    await exporter.stop();
  }
}
