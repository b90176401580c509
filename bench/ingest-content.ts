import type { Figure } from './figure.js';
import { benchScript, freePort, LOAD_CORE, runOn, SERVER_CORE, startExporter } from './processes.js';

/** Bodies of some 160 KB: the main thread reads them itself. */
const RECORDS = '20';
const CONNECTIONS = '4';
const WARM_UP = '150';
const MEASURED = '600';

interface Timed {
  records: number;
  seconds: number;
}

/**
 * Calls with 8 KB of content a second through the door: masked, and durable before they are answered, the whole
 * exporter on one core. Nothing listens where Loki should be, so that shipping is not measured. Baseline: the same
 * with content as it is.
 */
export async function ingestContent(): Promise<Figure> {
  const baseline = await rateOf('full');
  const value = await rateOf('masked');
  return { name: 'ingest.content', value, unit: 'records/s', baseline, ratio: value / baseline };
}

async function rateOf(mode: 'masked' | 'full'): Promise<number> {
  const env = {
    MODEL_OBSERVATION_LOKI_URL: `http://127.0.0.1:${await freePort()}`,
    MODEL_OBSERVATION_LOGS_DEFAULT: mode,
    MODEL_OBSERVATION_LOG_LEVEL: 'error',
  };
  const exporter = await startExporter(SERVER_CORE, { env });
  try {
    const load = [exporter.url, RECORDS, CONNECTIONS, WARM_UP, MEASURED];
    const { records, seconds } = await runOn<Timed>(LOAD_CORE, benchScript('content-load.js'), load);
    return records / seconds;
  } finally {
    await exporter.stop();
  }
}
