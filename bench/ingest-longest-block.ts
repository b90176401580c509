import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from './figure.js';
import { benchScript, LOAD_CORE, runOn, SERVER_CORE, startExporter, temporaryFolder } from './processes.js';
import { checkScale, checkScaleOf, SCALE_BIRTHS, SCALE_ENV, SCALE_KEYS } from './series-scale.js';

const RECORDS = '500';
const CONNECTIONS = '4';
const MEASURED = '2400';

/**
 * The longest time for which the event loop of an exporter is blocked, in ms, while records come as fast
 * as it takes them, which also brings a snapshot every six seconds or so (`spool.snapshot_bytes`).
 * Baseline: prom-client's scrape of the same series.
 */
export async function ingestLongestBlock(): Promise<Figure> {
  const args = [String(SCALE_BIRTHS), SCALE_KEYS];
  const script = benchScript('scrape-block-baseline.js');
  const baseline = await runOn<{ longest: number; lines: number }>(SERVER_CORE, script, args);
  checkScale('prom-client', baseline.lines);
  const folder = temporaryFolder();
  const file = join(folder.path, 'longest-block');
  const exporter = await startExporter(SERVER_CORE, {
    flags: ['--import', benchScript('block-probe.js')],
    env: { ...SCALE_ENV, BENCH_BLOCK_FILE: file },
  });
  const load = (requests: string): Promise<unknown> =>
    runOn(LOAD_CORE, benchScript('batch-load.js'), [exporter.url, RECORDS, CONNECTIONS, '0', requests, SCALE_KEYS]);
  try {
    // A first run gives birth to the series and warms the code; the second is measured.
    await load(String(SCALE_BIRTHS / Number(RECORDS)));
    await checkScaleOf('the exporter', exporter.url);
    process.kill(exporter.pid, 'SIGUSR2');
    await load(MEASURED);
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
