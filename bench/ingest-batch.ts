import type { Figure } from './figure.js';
import { benchScript, LOAD_CORE, runOn, SERVER_CORE, startExporter } from './processes.js';

const RECORDS = '500';
const CONNECTIONS = '4';
const WARM_UP = '300';
const MEASURED = '1600';

interface Timed {
  records: number;
  seconds: number;
}

/**
 * Records a second through the door: 500 a request, durable before they are answered, the whole exporter
 * on one core. Baseline: the same bytes through JSON.parse and plain prom-client, in memory.
 */
export async function ingestBatch(): Promise<Figure> {
  const baseline = await runOn<Timed>(SERVER_CORE, benchScript('batch-baseline.js'), [RECORDS, '100', '600']);
  const exporter = await startExporter(SERVER_CORE);
  try {
    const load = [exporter.url, RECORDS, CONNECTIONS, WARM_UP, MEASURED];
    const result = await runOn<Timed>(LOAD_CORE, benchScript('batch-load.js'), load);
    const value = result.records / result.seconds;
    const base = baseline.records / baseline.seconds;
    return { name: 'ingest.batch', value, unit: 'records/s', baseline: base, ratio: value / base };
  } finally {
    await exporter.stop();
  }
}
