import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { CallRecords } from './call-records.js';
import type { Figure } from './figure.js';
import { benchScript, LOAD_CORE, runOn, SERVER_CORE, startExporter, temporaryFolder } from './processes.js';

const RECORDS = 1_000_000;
const PER_REQUEST = 500;

/**
 * Seconds from the start of a process to its being ready, with a million frames behind the snapshot.
 * Baseline: reading and parsing the same records as NDJSON.
 */
export async function recovery(): Promise<Figure> {
  const folder = temporaryFolder();
  try {
    const ndjson = join(folder.path, 'records.ndjson');
    await writeRecords(ndjson);
    const baseline = await runOn<{ seconds: number }>(SERVER_CORE, benchScript('parse-baseline.js'), [ndjson]);

    const dataDir = join(folder.path, 'data');
    const env = { MODEL_OBSERVATION_SPOOL_SNAPSHOT_INTERVAL: '1h', MODEL_OBSERVATION_SPOOL_SNAPSHOT_BYTES: '16GiB' };
    const first = await startExporter(SERVER_CORE, { dataDir, env });
    const requests = String(RECORDS / PER_REQUEST);
    await runOn(LOAD_CORE, benchScript('batch-load.js'), [first.url, String(PER_REQUEST), '4', '0', requests]);
    await first.kill();

    const started = performance.now();
    const second = await startExporter(SERVER_CORE, { dataDir, env });
    const value = (performance.now() - started) / 1000;
    await second.kill();
    return { name: 'recovery', value, unit: 's', baseline: baseline.seconds, ratio: baseline.seconds / value };
  } finally {
    folder.remove();
  }
}

async function writeRecords(file: string): Promise<void> {
  const records = new CallRecords('recovery');
  const stream = createWriteStream(file);
  const now = Date.now();
  for (let i = 0; i < RECORDS; i += 5000) {
    if (!stream.write(records.body(5000, now))) await once(stream, 'drain');
  }
  stream.end();
  await finished(stream);
}
