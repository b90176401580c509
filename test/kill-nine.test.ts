// Twenty kills at random moments, under load: what was acknowledged is counted exactly once, and no counter that a
// Prometheus has seen ever falls.
import { existsSync, type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CallRecords, RECENTLY_MS, seededRandom, type TrueCall } from './call-records.js';
import { until } from './harness/condition.js';
import { ExporterProcess } from './harness/exporter-process.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { PrometheusProcess, scraping } from './harness/prometheus-process.js';
import { NaiveCounters } from './naive-counters.js';
import { priceFile } from './price-file.js';
import { falls } from './prometheus-samples.js';
import { type Shape, sendUntilTaken } from './sending.js';
import { callSeries, differences, parseExposition, type SeriesValues } from './series.js';

/** The moments of the kills and the calls; another one for another run of it. */
const SEED = Number(process.env.KILL_NINE_SEED ?? 20_260_801);
const CLIENTS = 4;
const BATCHES = [1, 1, 3, 20, 80];
const SHAPES: readonly Shape[] = ['ndjson', 'array', 'gzip'];

/** When the exporter dies: while it serves, while it starts, while it writes a snapshot, while it stops. */
type Moment = 'load' | 'start' | 'snapshot' | 'stop';
const KILLS = (
  'load load start snapshot load stop load start start load ' +
  'snapshot load stop load snapshot start load stop load load'
).split(' ') as Moment[];

const CONFIG = {
  metrics: { birth_hold: '1s' },
  // Small and often, so that segments rotate and are let go, and snapshots are always under way.
  spool: { segment_bytes: '64KiB', snapshot_interval: '1s' },
};

describe.runIf(hasPrograms('prometheus'))('an exporter that is killed twenty times under load', () => {
  it('counts every acknowledged record once, and no counter ever falls', { timeout: 240_000 }, async () => {
    const random = seededRandom(SEED);
    const exporter = await ExporterProcess.start({ config: { ...CONFIG, pricing_file: await priceFile() } });
    const server = await PrometheusProcess.start({ config: scraping([exporter.url], { interval: '250ms' }) });
    const load = new Load(exporter.url);

    expect(KILLS).toHaveLength(20);
    for (const moment of KILLS) {
      // What is sent between two kills is not always a little: something is acknowledged before the next one.
      await load.untilSomethingIsTaken();
      await killAt(moment, exporter, random);
      await exporter.startAgain();
    }
    const calls = await load.end();
    // The kills were felt.
    expect(load.retries).toBeGreaterThan(20);

    const expected = new NaiveCounters(calls).values;
    await expect
      .poll(async () => differences(await shown(exporter), expected), { timeout: 20_000, interval: 100 })
      .toEqual([]);

    // Prometheus has seen the end too, and never saw a counter fall.
    await until(
      'the last calls to be in Prometheus',
      async () => (await server.value('sum(model_calls_total)')) === calls.length,
      { timeoutMs: 20_000 },
    );
    const seen = await falls(server);
    expect(seen.falls).toEqual([]);
    expect(seen.series).toBeGreaterThan(1000);
    expect(await server.query('resets({__name__=~"model_(calls|usage|cost|call_failures)_total"}[1d]) > 0')).toEqual(
      [],
    );
    expect(await server.value('max(changes(model_observation_counters_epoch[1d]))')).toBe(0);

    // Kills in the middle of anything leave nothing behind that a start does not clear up.
    const segments = (await readdir(join(exporter.dataDir, 'segments'))).sort();
    expect(segments[0], 'the first segment was let go').not.toBe('0000000000000001.seg');
    const files = await readdir(exporter.dataDir, { recursive: true });
    expect(files.filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(await exporter.stop()).toBe(0);
  });
});

async function killAt(moment: Moment, exporter: ExporterProcess, random: () => number): Promise<void> {
  if (moment === 'load') {
    await sleep(random() * 1200);
    await exporter.kill();
  } else if (moment === 'start') {
    await exporter.kill();
    const killed = exporter.pid;
    const starting = exporter.startAgain().catch(() => {});
    await until('the new process', () => exporter.pid !== killed);
    // From before the first line of the program has run to after it is ready.
    await sleep(random() * 700);
    await exporter.kill();
    await starting;
  } else if (moment === 'snapshot') {
    await unfinishedSnapshot(join(exporter.dataDir, 'snapshots'));
    await exporter.kill();
  } else {
    await exporter.kill('SIGTERM');
    await sleep(random() * 60);
    await exporter.kill();
  }
}

/** Resolves in the moment in which a snapshot is being written. */
async function unfinishedSnapshot(folder: string): Promise<void> {
  let watcher: FSWatcher | undefined;
  await new Promise<void>((resolve) => {
    watcher = watch(folder, (_event, file) => {
      if (file?.endsWith('.tmp') && existsSync(join(folder, file))) resolve();
    });
  });
  watcher?.close();
}

async function shown(exporter: ExporterProcess): Promise<SeriesValues> {
  return callSeries(parseExposition(await (await exporter.fetch('/metrics')).text()));
}

/** Clients that send records of their own, each one batch after the other, and each batch until it is acknowledged. */
class Load {
  retries = 0;
  #taken: TrueCall[] = [];
  #ending = false;
  readonly #clients: Promise<void>[];

  constructor(url: string) {
    this.#clients = Array.from({ length: CLIENTS }, (_, index) => this.#send(url, index));
    // Heard by end(); until then a failure must not end the test process.
    for (const client of this.#clients) client.catch(() => {});
  }

  async untilSomethingIsTaken(): Promise<void> {
    const before = this.#taken.length;
    await until('a record to be taken', () => this.#taken.length > before, { timeoutMs: 20_000, intervalMs: 5 });
  }

  /** Waits until every client's last batch is acknowledged; returns all calls, each of which was. */
  async end(): Promise<readonly TrueCall[]> {
    this.#ending = true;
    await Promise.all(this.#clients);
    return this.#taken;
  }

  async #send(url: string, index: number): Promise<void> {
    const random = seededRandom(SEED + index);
    const records = new CallRecords({
      seed: SEED - index,
      prefix: `client-${index}`,
      start: Date.now() - RECENTLY_MS,
      keys: 2,
      workspaces: ['default', 'search'],
    });
    const batches: TrueCall[][] = [];
    for (let turn = 0; !this.#ending; turn += 1) {
      const calls = records.take(BATCHES[Math.floor(random() * BATCHES.length)] ?? 1);
      const shape = SHAPES[turn % SHAPES.length] ?? 'ndjson';
      // Now and then twice at the same time, as a client does that gave up waiting too soon.
      const times = random() < 0.15 ? [1, 2] : [1];
      const sent = await Promise.all(times.map(() => sendUntilTaken(url, calls, shape)));
      for (const sendings of sent) this.retries += sendings - 1;
      this.#taken.push(...calls);
      batches.push(calls);
      // And now and then something that was acknowledged long ago, perhaps several kills before.
      const old = batches[Math.floor(random() * batches.length * 8)];
      if (old !== undefined) await sendUntilTaken(url, old, shape);
    }
  }
}
