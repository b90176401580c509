// What a real exporter makes of a data directory that was damaged while it was down: it goes on exactly, or says that
// all counters begin again, and never anything in between.
import { appendFile, rm } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { CallRecords, RECENTLY_MS, type TrueCall } from './call-records.js';
import { contentsOf, flipByte, framesIn, overwrite, segmentsIn, setAsideIn, snapshotsIn } from './data-folder.js';
import { type Answer, commandLine } from './harness/command-line.js';
import { until } from './harness/condition.js';
import { type ConfigKeys, ExporterProcess } from './harness/exporter-process.js';
import { NaiveCounters } from './naive-counters.js';
import { priceFile } from './price-file.js';
import { send, sendInBatches } from './sending.js';
import { callSeries, differences, parseExposition, type SeriesValues } from './series.js';

const CALLS = 300;
/** In the middle of the calls that a test sends first. */
const MIDDLE = 150;
/** Inside of a frame: behind its header, in the call's metadata. */
const IN_META = 60;

let prices: string;

beforeAll(async () => {
  prices = await priceFile();
});

describe('a data directory with damage', () => {
  it('loses an unfinished last write, which was never acknowledged, and nothing else', async () => {
    const { exporter, calls, epoch } = await exporterWith(CALLS);
    await exporter.kill();
    const segment = await last(segmentsIn(exporter.dataDir));
    const whole = await contentsOf(exporter.dataDir);
    // The beginning of a frame, as a write leaves it that the machine never finished.
    await appendFile(segment, Buffer.from('f54d4f46aabbccdd00010000010000006400', 'hex'));

    const before = await verify(exporter);
    expect(before.stdout).toContain('an unfinished last write of 18 bytes, never acknowledged');
    expect(before.code).toBe(0);
    await exporter.startAgain();

    expect(exporter.stderr).toContain('"cutBytes":18');
    await expectCounts(exporter, calls, { epoch, setAside: 0 });
    await exporter.stop();
    expect((await contentsOf(exporter.dataDir))[segment]).toBe(whole[segment]);
    expect((await verify(exporter)).code).toBe(0);
  });

  it('goes on where damage lies below the snapshot, and sets it aside', async () => {
    const { exporter, calls, epoch } = await exporterWith(CALLS);
    await exporter.stop();
    const segment = await last(segmentsIn(exporter.dataDir));
    await flipByte(segment, (await framesIn(segment))[MIDDLE]! + IN_META);

    await expectDamageFound(exporter);
    await exporter.startAgain();

    await expectCounts(exporter, calls, { epoch, setAside: 1 });
    expect(await setAsideIn(exporter.dataDir)).toHaveLength(1);
    // The damaged record is still known by its id: the snapshot holds the duplicate window too.
    expect(await sendInBatches(exporter.url, calls, 100)).toMatchObject({ accepted: 0, duplicates: CALLS });
    await expectCounts(exporter, calls, { epoch, setAside: 1 });
  });

  it('begins a new epoch where a damaged frame may have been seen', async () => {
    const { exporter, calls, epoch } = await exporterWith(CALLS);
    await exporter.kill();
    const segment = await last(segmentsIn(exporter.dataDir));
    await flipByte(segment, (await framesIn(segment))[MIDDLE]! + IN_META);

    await expectDamageFound(exporter);
    await exporter.startAgain();

    expect(exporter.stderr).toContain('All call counters begin again at 0');
    const second = await expectNewEpoch(exporter, epoch);
    await expectCounts(exporter, [], { epoch: second, setAside: 1, known: calls });
    expect(await setAsideIn(exporter.dataDir)).toHaveLength(1);
    // Sent again, the damaged record is the only one that is new.
    expect(await sendInBatches(exporter.url, calls, 100)).toMatchObject({ accepted: 1, duplicates: CALLS - 1 });
    const counted = calls.slice(MIDDLE, MIDDLE + 1);
    await expectCounts(exporter, counted, { epoch: second, setAside: 1, known: calls });

    // Once is enough: neither a crash nor a stop begins another epoch for the same damage.
    await exporter.kill();
    await exporter.startAgain();
    await expectCounts(exporter, counted, { epoch: second, setAside: 0, known: calls });
    await exporter.restart();
    await expectCounts(exporter, counted, { epoch: second, setAside: 0, known: calls });
    expect(await setAsideIn(exporter.dataDir)).toHaveLength(1);
  });

  it.each([
    ['magic', 0],
    ['checksum', 4],
    ['length, which then seems to reach beyond the file', 10],
    ['length of the meta', 16],
    ['sequence', 24],
    ['arrival', 33],
    ['id hash', 40],
  ])('finds a flipped byte in the %s of a frame', async (_where, offset) => {
    const { exporter, calls, epoch } = await exporterWith(20);
    await exporter.kill();
    const segment = await last(segmentsIn(exporter.dataDir));
    await flipByte(segment, (await framesIn(segment))[7]! + offset);
    await expectDamageFound(exporter);
    await exporter.startAgain();
    await expectCounts(exporter, [], { epoch: await expectNewEpoch(exporter, epoch), setAside: 1, known: calls });
    expect(await sendInBatches(exporter.url, calls, 20)).toMatchObject({ accepted: 1, duplicates: 19 });
  });

  it('goes on where only the header of a segment is damaged: every frame speaks for itself', async () => {
    const { exporter, calls, epoch } = await exporterWith(CALLS);
    await exporter.kill();
    await flipByte(await last(segmentsIn(exporter.dataDir)), 20);
    await expectDamageFound(exporter);
    await exporter.startAgain();
    await expectCounts(exporter, calls, { epoch, setAside: 1 });
    await exporter.restart();
    await expectCounts(exporter, calls, { epoch, setAside: 0 });
  });

  it('begins a new epoch where a segment is gone from among others', async () => {
    const { exporter, calls, epoch } = await exporterWith(1500, { segment_bytes: '64KiB', snapshot_interval: '1h' });
    await exporter.kill();
    const segments = await segmentsIn(exporter.dataDir);
    expect(segments.length).toBeGreaterThan(3);
    await rm(segments[1]!);

    const verified = await verify(exporter);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toMatch(/missing: frames \d+ to \d+/);
    await exporter.startAgain();
    await expectCounts(exporter, [], { epoch: await expectNewEpoch(exporter, epoch), setAside: 0, known: calls });
    const receipt = await sendInBatches(exporter.url, calls, 500);
    expect(receipt.accepted).toBeGreaterThan(50);
    expect(receipt.accepted).toBeLessThan(1000);
  });

  it('is refused untouched when a newer version wrote it', async () => {
    const { exporter, calls, epoch } = await exporterWith(CALLS);
    await exporter.kill();
    const segment = await last(segmentsIn(exporter.dataDir));
    const version = Buffer.alloc(4);
    version.writeUInt32LE(2);
    await overwrite(segment, 8, version);
    // A torn tail, too, which it must not cut.
    await appendFile(segment, Buffer.from('f54d4f46aabb', 'hex'));
    const before = await contentsOf(exporter.dataDir);

    const refused = await commandLine(['serve', '--config', exporter.configFile]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${segment} has format version 2; this program reads up to 1.`);
    expect(refused.stderr).toContain('start that version again, or a later one');
    expect(refused.stderr).not.toContain('    at ');
    expect(await contentsOf(exporter.dataDir)).toEqual(before);
    const verified = await verify(exporter);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain('has format version 2');

    // The version it was written with takes it as it was.
    version.writeUInt32LE(1);
    await overwrite(segment, 8, version);
    await exporter.startAgain();
    await expectCounts(exporter, calls, { epoch, setAside: 0 });
  });

  it('goes on from the older snapshot when the newest is damaged', async () => {
    const { exporter, calls, epoch } = await exporterWithReleasedSegments();
    const snapshots = await snapshotsIn(exporter.dataDir);
    expect(snapshots).toHaveLength(2);
    await flipByte(snapshots[1]!, -40);

    const verified = await verify(exporter);
    expect(verified.code).toBe(1);
    expect(verified.stdout).toContain('damaged: the checksum does not match');
    await exporter.startAgain();
    expect(exporter.stderr).toContain('the checksum does not match');
    await expectCounts(exporter, calls, { epoch, setAside: 0 });
    expect(await sendInBatches(exporter.url, calls, 500)).toMatchObject({ accepted: 0, duplicates: calls.length });
  });

  it('begins a new epoch when both snapshots are damaged and older segments are gone', async () => {
    const { exporter, calls, epoch } = await exporterWithReleasedSegments();
    for (const snapshot of await snapshotsIn(exporter.dataDir)) await flipByte(snapshot, -40);

    expect((await verify(exporter)).code).toBe(1);
    await exporter.startAgain();
    expect(exporter.stderr).toContain('All call counters begin again at 0');
    expect(countedIn(await callValues(exporter))).toEqual([]);
    const second = await expectNewEpoch(exporter, epoch);

    const more = new CallRecords({ seed: 99, prefix: 'more', start: Date.now() - RECENTLY_MS }).take(50);
    expect(await send(exporter.url, more)).toMatchObject({ accepted: 50 });
    await exporter.restart();
    await expectCounts(exporter, more, { epoch: second, setAside: 0, known: [...calls, ...more] });
    expect((await verify(exporter)).stdout).toContain('\nintact\n');
  });

  it('goes on from the segments when the only snapshot is damaged and every segment is there', async () => {
    const { exporter, calls, epoch } = await exporterWith(CALLS);
    await exporter.stop();
    const snapshots = await snapshotsIn(exporter.dataDir);
    expect(snapshots).toHaveLength(1);
    await flipByte(snapshots[0]!, 12);

    expect((await verify(exporter)).code).toBe(1);
    await exporter.startAgain();
    expect(exporter.stderr).toContain('the checksum does not match');
    await expectCounts(exporter, calls, { epoch, setAside: 0 });
    expect(await sendInBatches(exporter.url, calls, 100)).toMatchObject({ accepted: 0, duplicates: CALLS });
  });

  it('starts anew when it is gone', async () => {
    const { exporter, epoch } = await exporterWith(CALLS);
    await exporter.stop();
    await rm(exporter.dataDir, { recursive: true });
    expect(await verify(exporter)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is not a data directory'),
    });

    await exporter.startAgain();
    expect((await callValues(exporter)).size).toBe(0);
    const [call] = new CallRecords({ seed: 5, prefix: 'anew', start: Date.now() - RECENTLY_MS }).take(1);
    expect(await send(exporter.url, [call!])).toMatchObject({ accepted: 1 });
    const second = (await epochOf(exporter)) as number;
    // A time: it tells of a loss that nothing in the new directory knows of.
    expect(second).toBeGreaterThanOrEqual(epoch);
    await expectCounts(exporter, [call!], { epoch: second, setAside: 0 });
  });
});

describe('other buckets in the configuration', () => {
  const bounds = [0.5, 1, 10];

  it('begin a new epoch, with a warning', async () => {
    const { exporter, calls, epoch } = await exporterWith(CALLS);
    await exporter.stop();
    await startWithBuckets(exporter, bounds);

    expect(exporter.stderr).toContain('the buckets changed of model_call_duration_seconds');
    expect(exporter.stderr).toContain('All call counters begin again at 0');
    const values = await callValues(exporter);
    expect(countedIn(values)).toEqual([]);
    expect([...new Set([...values.keys()].map((key) => /^model_call_duration.*le="([^"]+)"/.exec(key)?.[1]))]).toEqual(
      expect.arrayContaining(['0.5', '1.0', '10.0', '+Inf']),
    );
    await expectNewEpoch(exporter, epoch);
    // The ids are still known.
    expect(await sendInBatches(exporter.url, calls, 100)).toMatchObject({ accepted: 0, duplicates: CALLS });
  });

  it('begin at 0 after a crash too: calls behind the last snapshot were shown already, and must not be shown again', async () => {
    const { exporter, epoch } = await exporterWith(CALLS);
    await exporter.restart();
    const more = new CallRecords({ seed: 99, prefix: 'more', start: Date.now() - RECENTLY_MS }).take(50);
    await send(exporter.url, more);
    expect(await callsShown(exporter)).toBe(CALLS + more.length);
    await exporter.kill();
    await startWithBuckets(exporter, bounds);
    expect(countedIn(await callValues(exporter))).toEqual([]);
    await expectNewEpoch(exporter, epoch);
    expect(await sendInBatches(exporter.url, more, 25)).toMatchObject({ accepted: 0, duplicates: more.length });
  });

  it('begin one epoch only, whatever comes next', async () => {
    const { exporter, epoch } = await exporterWith(CALLS);
    await exporter.stop();
    await startWithBuckets(exporter, bounds, '1s');
    const more = new CallRecords({ seed: 99, prefix: 'more', start: Date.now() - RECENTLY_MS }).take(50);
    await send(exporter.url, more);
    await until('the calls to be shown', async () => (await callsShown(exporter)) === more.length);
    const second = await expectNewEpoch(exporter, epoch);
    for (const end of ['kill', 'stop'] as const) {
      await exporter[end]();
      await exporter.startAgain();
      // Seen once, they are never held back again.
      expect(await callsShown(exporter), `after ${end}`).toBe(more.length);
      expect(await epochOf(exporter)).toBe(second);
      expect(exporter.stderr).not.toContain('begin again at 0');
    }
  });
});

async function startWithBuckets(exporter: ExporterProcess, bounds: number[], birth_hold = '0s'): Promise<void> {
  await exporter.writeConfig(config({ metrics: { birth_hold, buckets: { duration_seconds: bounds } } }));
  await exporter.startAgain();
}

/** Counters above 0, the first few of them. */
function countedIn(values: SeriesValues): [string, number][] {
  return [...values].filter(([key, value]) => isCounter(key) && value !== 0).slice(0, 5);
}

async function callsShown(exporter: ExporterProcess): Promise<number> {
  const calls = [...(await callValues(exporter))].filter(([key]) => key.startsWith('model_calls_total{'));
  return calls.reduce((sum, [, value]) => sum + value, 0);
}

/** Counters show their values at once; a snapshot is taken only when the exporter stops in order. */
function config(keys: ConfigKeys = {}): ConfigKeys {
  return { pricing_file: prices, metrics: { birth_hold: '0s' }, spool: { snapshot_interval: '1h' }, ...keys };
}

interface Prepared {
  exporter: ExporterProcess;
  calls: TrueCall[];
  /** The epoch in which the calls were counted. */
  epoch: number;
}

async function exporterWith(count: number, spool?: ConfigKeys): Promise<Prepared> {
  const exporter = await ExporterProcess.start({ config: config(spool === undefined ? {} : { spool }) });
  const calls = new CallRecords({ seed: 20_260_801, prefix: 'damage', start: Date.now() - RECENTLY_MS }).take(count);
  await sendInBatches(exporter.url, calls, 70);
  return { exporter, calls, epoch: (await epochOf(exporter)) as number };
}

/** Stopped, with two snapshots, and without the segments that the older one covers. */
async function exporterWithReleasedSegments(): Promise<Prepared> {
  const exporter = await ExporterProcess.start({
    config: config({ spool: { segment_bytes: '64KiB', snapshot_interval: '1s' } }),
  });
  const records = new CallRecords({ seed: 20_260_801, prefix: 'damage', start: Date.now() - RECENTLY_MS });
  const calls: TrueCall[] = [];
  await until(
    'the first segment to be let go',
    async () => {
      const more = records.take(200);
      await send(exporter.url, more);
      calls.push(...more);
      return !(await segmentsIn(exporter.dataDir))[0]?.endsWith('/0000000000000001.seg');
    },
    { timeoutMs: 30_000 },
  );
  const epoch = (await epochOf(exporter)) as number;
  await exporter.stop();
  return { exporter, calls, epoch };
}

async function last(files: Promise<string[]>): Promise<string> {
  return (await files).at(-1) as string;
}

function verify(exporter: ExporterProcess): Promise<Answer> {
  return commandLine(['spool', 'verify', '--config', exporter.configFile]);
}

async function expectDamageFound(exporter: ExporterProcess): Promise<void> {
  const before = await contentsOf(exporter.dataDir);
  const verified = await verify(exporter);
  expect(verified.stdout).toContain('NOT intact');
  expect(verified.stdout).toMatch(/damaged: /);
  expect(verified.code).toBe(1);
  expect(await contentsOf(exporter.dataDir), 'verify changes nothing').toEqual(before);
}

interface Expected {
  epoch: number;
  setAside: number;
  /** Whose series are there, at 0 where they are not counted; default: the counted ones. */
  known?: readonly TrueCall[];
}

/** Every call series shows these calls exactly, and the exporter says what it has done. */
async function expectCounts(exporter: ExporterProcess, calls: readonly TrueCall[], expected: Expected): Promise<void> {
  const { epoch, setAside, known = calls } = expected;
  const counted = new NaiveCounters(calls).values;
  const values = await callValues(exporter);
  for (const key of new NaiveCounters(known).values.keys()) {
    if (counted.has(key)) continue;
    // A series of what was lost need not be there; one that is reads 0.
    if (isCounter(key)) {
      if (values.has(key)) counted.set(key, 0);
    } else values.delete(key);
  }
  // Gauges know of all calls, counted or not.
  for (const key of counted.keys()) if (!isCounter(key)) counted.set(key, values.get(key) ?? Number.NaN);
  expect(differences(values, counted)).toEqual([]);
  expect(await epochOf(exporter)).toBe(epoch);
  expect(await ownValue(exporter, 'model_observation_spool_set_aside_total')).toBe(setAside);
}

/** @returns the new epoch, which is above the old one */
async function expectNewEpoch(exporter: ExporterProcess, old: number): Promise<number> {
  const epoch = await epochOf(exporter);
  expect(epoch).toBeGreaterThan(old);
  return epoch as number;
}

function epochOf(exporter: ExporterProcess): Promise<number | undefined> {
  return ownValue(exporter, 'model_observation_counters_epoch');
}

async function callValues(exporter: ExporterProcess): Promise<SeriesValues> {
  return callSeries(await allValues(exporter));
}

async function ownValue(exporter: ExporterProcess, name: string): Promise<number | undefined> {
  return (await allValues(exporter)).get(`${name}{}`);
}

async function allValues(exporter: ExporterProcess): Promise<SeriesValues> {
  return parseExposition(await (await exporter.fetch('/metrics')).text());
}

function isCounter(key: string): boolean {
  return /^\w+(_total|_bucket|_sum|_count)\{/.test(key);
}
