// Disks that are full, read-only or somebody else's, and a clock that is set back.
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { CallRecords, RECENTLY_MS, type TrueCall } from './call-records.js';
import { commandLine, MAIN } from './harness/command-line.js';
import { until } from './harness/condition.js';
import { type ConfigKeys, ExporterProcess } from './harness/exporter-process.js';
import { freePort } from './harness/free-port.js';
import { temporaryFolder } from './harness/temporary-folder.js';
import { NaiveCounters } from './naive-counters.js';
import { priceFile } from './price-file.js';
import { requestFor, send, sendInBatches } from './sending.js';
import { callSeries, differences, parseExposition, type SeriesValues } from './series.js';
import { SmallDisk, whyNoSmallDisk } from './small-disk.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const PATIENCE = { timeoutMs: 30_000 };

const noDisk = await whyNoSmallDisk();
const why = noDisk === null ? '' : ` (not run: ${noDisk})`;

describe.skipIf(noDisk !== null)(`a full disk${why}`, () => {
  let disk: SmallDisk;

  afterEach(() => disk?.release());

  it('is not filled beyond the reserve: 503 until there is room again, and nothing is lost or counted twice', async () => {
    disk = await SmallDisk.create(8);
    const exporter = await exporterOn(disk, { free_disk_reserve: '2MiB' });
    const records = recordsOf('reserve');
    const calls = records.take(200);
    await sendInBatches(exporter.url, calls, 50);

    await disk.fill(MIB);
    const more = records.take(200);
    const refused = await untilRefused(exporter, more, 'disk-full');
    expect(refused.detail).toContain('spool.free_disk_reserve');
    await expectNotReady(exporter, 'spool.free_disk_reserve');
    // What is there is served all the while; some of the others may have come in before the disk was looked at.
    expect(await callsShown(exporter)).toBeGreaterThanOrEqual(calls.length);

    // A start in that state serves, and goes on refusing.
    await exporter.kill();
    const starting = exporter.startAgain();
    await until('the exporter to be alive again', async () => (await exporter.fetch('/-/healthy')).ok, PATIENCE);
    await expectNotReady(exporter, 'spool.free_disk_reserve');
    expect((await post(exporter, more)).status).toBe(503);

    await disk.empty();
    await starting;
    expect(sumOf(await sendInBatches(exporter.url, [...calls, ...more], 100))).toBe(400);
    await expectExactly(exporter, [...calls, ...more]);
  });

  it('keeps what was acknowledged through ENOSPC and kill -9, and takes the rest under the same ids later', async () => {
    disk = await SmallDisk.create(8);
    const exporter = await exporterOn(disk, { free_disk_reserve: '0B', snapshot_interval: '1s' });
    const records = recordsOf('enospc');
    const acknowledged = records.take(200);
    await sendInBatches(exporter.url, acknowledged, 50);
    await expectExactly(exporter, acknowledged);

    await disk.fill(64 * KIB);
    let refused: TrueCall[] = [];
    while (refused.length === 0) {
      const calls = records.take(50);
      const response = await post(exporter, calls);
      if (response.status === 202) acknowledged.push(...calls);
      else refused = calls;
    }
    await untilRefused(exporter, refused, 'not-durable');
    // Nothing is left for anybody now, and what was acknowledged is still served, exactly.
    await disk.fill(0);
    await expectExactly(exporter, acknowledged);
    await expectNotReady(exporter, 'could not write');
    await until(
      'a snapshot to fail',
      async () => ((await allValues(exporter)).get('model_observation_snapshot_failures_total{}') ?? 0) > 0,
      PATIENCE,
    );
    expect((await exporter.fetch('/-/healthy')).status).toBe(200);

    await exporter.kill();
    const start = await commandLine(['serve', '--config', exporter.configFile]);
    expect(start.code).toBe(1);
    expect(start.stderr).toContain('The disk of the data directory is full');
    expect(start.stderr).toMatch(/Free some space/);

    await disk.empty();
    await exporter.startAgain();
    await expectExactly(exporter, acknowledged);
    expect(sumOf(await send(exporter.url, refused))).toBe(refused.length);
    expect(sumOf(await sendInBatches(exporter.url, acknowledged, 100))).toBe(acknowledged.length);
    await expectExactly(exporter, [...acknowledged, ...refused]);
    await exporter.restart();
    await expectExactly(exporter, [...acknowledged, ...refused]);
    const files = await readdir(disk.dataDir, { recursive: true });
    expect(files.filter((file) => file.endsWith('.tmp'))).toEqual([]);
  });

  it('is scraped all the same when it fills up before anything was shown', async () => {
    disk = await SmallDisk.create(4);
    const exporter = await exporterOn(disk, { free_disk_reserve: '0B' }, '1s');
    const calls = recordsOf('unseen').take(50);
    await send(exporter.url, calls);
    await disk.fill(0);
    await untilExactly(exporter, calls);
  });

  it('comes back by itself once there is room: no restart is needed', async () => {
    disk = await SmallDisk.create(8);
    const exporter = await exporterOn(disk, { free_disk_reserve: '0B', snapshot_interval: '1s' });
    const records = recordsOf('again');
    const calls = records.take(100);
    await send(exporter.url, calls);
    await expectExactly(exporter, calls);

    for (let round = 0; round < 3; round += 1) {
      const more = records.take(100);
      await disk.fill(0);
      // What is left of a page of the open segment may still take some of them.
      await untilRefused(exporter, more, 'not-durable');
      await disk.empty();
      await until('the records to be taken', async () => (await post(exporter, more)).status === 202, PATIENCE);
      calls.push(...more);
      await expectExactly(exporter, calls);
      await until('the exporter to be ready', async () => (await exporter.fetch('/-/ready')).ok, PATIENCE);
    }
    await exporter.kill();
    await exporter.startAgain();
    await expectExactly(exporter, calls);
  });

  it('that is read-only is refused with a clear message', async () => {
    disk = await SmallDisk.create(1);
    await mkdir(disk.dataDir);
    disk.makeReadOnly();
    await expectUnusable(disk.dataDir, 'EROFS');
  });
});

const nobody = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
/** Root writes everywhere, so another user has to try; who may not be able to read this checkout. */
const canTry = !isRoot || spawnSync(process.execPath, [MAIN, '--version'], nobody).status === 0;
const whyNot = canTry ? '' : ' (not run: user 65534 may not read this checkout)';

describe('a data directory', () => {
  it.runIf(canTry)(`that may not be written is refused with a clear message${whyNot}`, async () => {
    const folder = await temporaryFolder('not-ours');
    await chmod(folder, 0o555);
    await expectUnusable(folder, 'EACCES');
    await expectUnusable(join(folder, 'data'), 'EACCES');
  });

  it('belongs to one process: a second one refuses and names the first', async () => {
    const first = await ExporterProcess.start({ config: await config({}) });
    const calls = recordsOf('two').take(50);
    await send(first.url, calls);

    const env = { MODEL_OBSERVATION_LISTEN: `127.0.0.1:${await freePort()}` };
    const second = () => commandLine(['serve', '--config', first.configFile], { env });
    const refused = await second();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`The data directory ${first.dataDir} is in use by process ${first.pid}.`);
    expect(refused.stderr).toContain('MODEL_OBSERVATION_DATA_DIR');

    // A process that is stopped holds it all the same.
    await first.kill('SIGSTOP');
    expect(await second()).toMatchObject({ code: 1, stderr: expect.stringContaining('is in use by') });
    await first.kill('SIGCONT');
    await expectExactly(first, calls);

    await first.kill();
    const heir = await ExporterProcess.start({ config: await config({}), dataDir: first.dataDir });
    await expectExactly(heir, calls);
    // Started again where another one lives now, the first is the one to go.
    await expect(first.startAgain()).rejects.toThrow(`is in use by process ${heir.pid}`);
    await expectExactly(heir, calls);
  });
});

describe('a clock that is set back by an hour', () => {
  const HOUR = 3_600_000;

  it.each(['stop', 'kill'] as const)('does not take back what was shown, after a %s', async (end) => {
    const keys = await config({}, '1s');
    const first = await ExporterProcess.start({ config: keys });
    const calls = recordsOf('clock').take(150);
    await send(first.url, calls);
    await untilExactly(first, calls);
    await first[end]();

    const { dataDir, port } = first;
    const back = await ExporterProcess.start({ config: keys, dataDir, port, ...shiftedBy(-HOUR) });
    await expectExactly(back, calls);

    // Of its own time, and with series that are born under it.
    const more = recordsOf('clock-back', Date.now() - HOUR).take(150);
    expect(await send(back.url, more)).toMatchObject({ accepted: more.length });
    const both = [...calls, ...more];
    await untilExactly(back, both);
    await back[end]();

    const right = await ExporterProcess.start({ config: keys, dataDir, port });
    await expectExactly(right, both);
  });

  /** For the exporter: `Date.now` goes wrong by so many ms, before anything else is loaded. */
  function shiftedBy(ms: number) {
    const script = 'const now = Date.now; Date.now = () => now() + Number(process.env.CLOCK_OFFSET_MS);';
    return {
      nodeFlags: [`--import=data:text/javascript,${encodeURIComponent(script)}`],
      env: { CLOCK_OFFSET_MS: String(ms) },
    };
  }
});

async function config(spool: ConfigKeys, birth_hold = '0s'): Promise<ConfigKeys> {
  return { pricing_file: await priceFile(), metrics: { birth_hold }, spool: { snapshot_interval: '1h', ...spool } };
}

async function exporterOn(disk: SmallDisk, spool: ConfigKeys, birth_hold?: string): Promise<ExporterProcess> {
  return ExporterProcess.start({ config: await config(spool, birth_hold), dataDir: disk.dataDir });
}

function recordsOf(prefix: string, now = Date.now()): CallRecords {
  return new CallRecords({ seed: 20_260_801, prefix, start: now - RECENTLY_MS });
}

function post(exporter: ExporterProcess, calls: readonly TrueCall[]): Promise<Response> {
  return exporter.fetch('/v1/calls', requestFor(calls));
}

/** Sends the same again and again until it is refused, and checks that the refusal says all that it should. */
async function untilRefused(
  exporter: ExporterProcess,
  calls: TrueCall[],
  problem: string,
): Promise<{ detail: string }> {
  const response = await until(
    `503 ${problem}`,
    async () => {
      const answer = await post(exporter, calls);
      return answer.status !== 202 && answer;
    },
    PATIENCE,
  );
  const body = (await response.json()) as { type: string; title: string; status: number; detail: string };
  expect(body).toMatchObject({ type: `urn:model-observation:problem:${problem}`, status: 503 });
  expect(response.status).toBe(503);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  return body;
}

async function expectNotReady(exporter: ExporterProcess, reason: string): Promise<void> {
  const response = await exporter.fetch('/-/ready');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: 'not ready', reason: expect.stringContaining(reason) });
}

async function expectUnusable(dataDir: string, code: string): Promise<void> {
  const user = isRoot && code === 'EACCES' ? nobody : undefined;
  const refused = await commandLine(['serve'], {
    cwd: await temporaryFolder('empty', user?.uid, user?.gid),
    env: { MODEL_OBSERVATION_DATA_DIR: dataDir, MODEL_OBSERVATION_LISTEN: `127.0.0.1:${await freePort()}` },
    ...user,
  });
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain(`The data directory ${dataDir} cannot be used (${code})`);
  expect(refused.stderr).toContain('MODEL_OBSERVATION_DATA_DIR');
  expect(refused.stderr).not.toContain('    at ');
}

async function allValues(exporter: ExporterProcess): Promise<SeriesValues> {
  const response = await exporter.fetch('/metrics');
  expect(response.status).toBe(200);
  return parseExposition(await response.text());
}

/** Waits until the holds of the births are over. */
async function untilExactly(exporter: ExporterProcess, calls: readonly TrueCall[]): Promise<void> {
  const { values } = new NaiveCounters(calls);
  await expect
    .poll(async () => differences(callSeries(await allValues(exporter)), values), { timeout: 10_000, interval: 100 })
    .toEqual([]);
}

async function expectExactly(exporter: ExporterProcess, calls: readonly TrueCall[]): Promise<void> {
  expect(differences(callSeries(await allValues(exporter)), new NaiveCounters(calls).values)).toEqual([]);
}

async function callsShown(exporter: ExporterProcess): Promise<number> {
  const counts = [...(await allValues(exporter))].filter(([key]) => key.startsWith('model_calls_total{'));
  return counts.reduce((sum, [, value]) => sum + value, 0);
}

function sumOf({ accepted, duplicates }: { accepted: number; duplicates: number }): number {
  return accepted + duplicates;
}
