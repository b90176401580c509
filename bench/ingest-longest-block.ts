import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.js';
import { benchScript, LOAD_CORE, runOn, SERVER_CORE, startExporter, temporaryFolder } from './processes.js';

/** Keys of each of three workspaces, so that the series fill some 390,000 lines of a scrape. */
const KEYS = '225';
const RECORDS = '500';
const CONNECTIONS = '4';
const WARM_UP = '500';
const MEASURED = '2400';

/**
 * The longest time for which the event loop of an exporter is blocked, in ms, while records come as fast
 * as it takes them, which also brings a snapshot every six seconds or so (`spool.snapshot_bytes`).
 * Baseline: prom-client's scrape of the same series.
 */
export async function ingestLongestBlock(): Promise<Figure> {
  const records = String(Number(RECORDS) * Number(WARM_UP));
  const baseline = await runOn<{ longest: number }>(SERVER_CORE, benchScript('scrape-block-baseline.js'), [
    records,
    KEYS,
  ]);
  const folder = temporaryFolder();
  const file = join(folder.path, 'longest-block');
  const exporter = await startExporter(SERVER_CORE, {
    flags: ['--import', benchScript('block-probe.js')],
    env: { BENCH_BLOCK_FILE: file },
  });
  try {
    // A first run gives birth to the series and warms the code; the second is measured.
    await runOn(LOAD_CORE, benchScript('batch-load.js'), [exporter.url, RECORDS, CONNECTIONS, '0', WARM_UP, KEYS]);
    process.kill(exporter.pid, 'SIGUSR2');
    await runOn(LOAD_CORE, benchScript('batch-load.js'), [exporter.url, RECORDS, CONNECTIONS, '0', MEASURED, KEYS]);
    await exporter.stop();
    const value = Number(readFileSync(file, 'utf8'));
    return {
      name: 'ingest.longest_block',
      value,
      unit: 'ms',
      baseline: baseline.longest,
      ratio: baseline.longest / value,
    };
  } finally {
    await exporter.stop();
    folder.remove();
  }
}
