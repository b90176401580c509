// From records to Loki: whatever happens to either, each call is there once, and nothing of that is felt by who sends or scrapes.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CallRecords, RECENTLY_MS, seededRandom, type TrueCall } from './call-records.js';
import { until } from './harness/condition.js';
import { type ConfigKeys, ExporterProcess } from './harness/exporter-process.js';
import { FAULTS } from './harness/loki/faults.js';
import { lokiBinary } from './harness/loki/loki-binary.js';
import { LokiClient } from './harness/loki/loki-client.js';
import { LokiDouble } from './harness/loki/loki-double.js';
import { LokiProcess } from './harness/loki/loki-process.js';
import { sendInBatches, sendUntilTaken } from './sending.js';
import { parseExposition, type SeriesValues, seriesKey } from './series.js';

const SLOW = { timeoutMs: 60_000, intervalMs: 100 };

function calls(prefix: string, count: number): TrueCall[] {
  return new CallRecords({ seed: 7, prefix, start: Date.now() - RECENTLY_MS }).take(count);
}

function exporterFor(
  loki: Pick<LokiDouble, 'url'>,
  config: ConfigKeys = {},
  more: ConfigKeys = {},
): Promise<ExporterProcess> {
  return ExporterProcess.start({
    config: { metrics: { birth_hold: '0s' }, loki: { url: loki.url, ...more }, ...config },
  });
}

async function metrics(exporter: ExporterProcess): Promise<SeriesValues> {
  return parseExposition(await (await exporter.fetch('/metrics')).text());
}

async function metric(exporter: ExporterProcess, name: string, labels: Record<string, string> = {}): Promise<number> {
  return (await metrics(exporter)).get(seriesKey(`model_observation_loki_${name}`, labels)) ?? Number.NaN;
}

async function counted(exporter: ExporterProcess): Promise<number> {
  let sum = 0;
  for (const [key, value] of await metrics(exporter)) if (key.startsWith('model_calls_total{')) sum += value;
  return sum;
}

/** Ids of the calls with an entry in a log; one twice, where it has two entries that differ. */
function idsIn(loki: LokiDouble, log = 'audit', tenant?: string): string[] {
  const lines = loki.entries(tenant).filter(({ labels }) => labels.log === log);
  return lines.map(({ line }) => (JSON.parse(line) as { id: string }).id).sort();
}

function idsOf(sent: readonly TrueCall[]): string[] {
  return sent.map(({ record }) => record.id).sort();
}

async function ready(exporter: ExporterProcess): Promise<{ code: number; detail?: string }> {
  const response = await exporter.fetch('/-/ready');
  return { code: response.status, ...((await response.json()) as { detail?: string }) };
}

describe('a Loki that is away while records come', () => {
  it('has each of them once when it is back', async () => {
    const loki = await LokiDouble.start();
    await loki.goDown();
    const exporter = await exporterFor(loki);
    const sent = calls('down', 2000);
    await sendInBatches(exporter.url, sent, 100);
    const told = await until('the trouble to be told', async () => {
      const answer = await ready(exporter);
      return answer.detail !== undefined && answer;
    });
    expect(told.code).toBe(200);
    expect(told.detail).toMatch(/^Logs wait: Loki does not take them/);
    expect(await metric(exporter, 'backlog_entries')).toBe(2000);
    expect(await metric(exporter, 'backlog_bytes')).toBeGreaterThan(100_000);
    expect(exporter.stderr).toContain('Logs wait for Loki');

    await loki.comeUp();
    await until('all to be in Loki', () => idsIn(loki).length >= 2000, SLOW);
    expect(idsIn(loki)).toEqual(idsOf(sent));
    expect(loki.pushes.filter(({ refused }) => refused > 0)).toEqual([]);
    await until('the backlog to be gone', async () => (await metric(exporter, 'backlog_entries')) === 0);
    await until('nothing in the way', async () => (await ready(exporter)).detail === undefined);
    expect(await metric(exporter, 'entries_total', { result: 'stored' })).toBe(2000);
    expect(await metric(exporter, 'entries_total', { result: 'dead' })).toBe(0);
    expect(await metric(exporter, 'dead_letters')).toBe(0);
    expect(await metric(exporter, 'retries_total')).toBeGreaterThan(0);
    expect(await metric(exporter, 'pushes_total', { answer: 'no_answer' })).toBeGreaterThan(0);
    expect(await metric(exporter, 'push_bytes_total', { stage: 'before' })).toBeGreaterThan(
      await metric(exporter, 'push_bytes_total', { stage: 'after' }),
    );
    expect(await exporter.stop()).toBe(0);
    await loki.stop();
  });

  it('and never answers: records are taken as usual, and a stop is not held up', async () => {
    const loki = await LokiDouble.start();
    loki.fail(FAULTS.stall);
    const exporter = await exporterFor(loki);
    const sent = calls('stalled', 2000);
    const receipt = await sendInBatches(exporter.url, sent, 100);
    expect(receipt.accepted).toBe(2000);
    expect(await counted(exporter)).toBe(2000);
    await until('a push to hang', () => loki.pushes.length > 0);
    expect(await exporter.stop(8000)).toBe(0);
    loki.recover();
    await exporter.startAgain();
    await until('all to be in Loki', () => idsIn(loki).length >= 2000, SLOW);
    expect(idsIn(loki)).toEqual(idsOf(sent));
    await exporter.stop();
    await loki.stop();
  });
});

it('an exporter that is killed five times on the way: nothing is missing in Loki, and nothing is there twice', async () => {
  const random = seededRandom(11);
  const loki = await LokiDouble.start();
  // Stored, and nobody was told.
  loki.failAsPlanned((push) => (push % 5 === 0 ? FAULTS.answerLost : undefined));
  const exporter = await exporterFor(loki, { spool: { segment_bytes: '64KiB', snapshot_interval: '1s' } });
  const sent = calls('killed', 3000);
  for (let round = 0; round < 5; round += 1) {
    const part = sent.slice(round * 600, (round + 1) * 600);
    const sending = (async () => {
      for (let at = 0; at < part.length; at += 60) {
        await sendUntilTaken(exporter.url, part.slice(at, at + 60), 'ndjson');
        await sleep(20);
      }
    })();
    await sleep(200 + random() * 600);
    await exporter.kill();
    await exporter.startAgain();
    await sending;
  }
  await until('all to be in Loki', () => new Set(idsIn(loki)).size >= 3000, SLOW);
  await until('the backlog to be gone', async () => (await metric(exporter, 'backlog_entries')) === 0, SLOW);
  expect(idsIn(loki)).toEqual(idsOf(sent));
  expect(loki.pushes.some(({ duplicates }) => duplicates > 0)).toBe(true);
  expect(await metric(exporter, 'skipped_records_total', { reason: 'missing' })).toBe(0);
  await exporter.stop();
  await loki.stop();
});

it('a backlog that outgrows its budget: what is skipped is counted to the record, and the metrics have all', async () => {
  const loki = await LokiDouble.start();
  await loki.goDown();
  const exporter = await exporterFor(
    loki,
    { spool: { segment_bytes: '64KiB', snapshot_interval: '1s' } },
    { backlog_bytes: '1MiB' },
  );
  // More than the thread holds in memory: what it has read is not skipped.
  const sent = calls('budget', 30_000);
  await sendInBatches(exporter.url, sent, 500);
  const skipped = () => metric(exporter, 'skipped_records_total', { reason: 'bytes' });
  await until('records to be skipped', async () => (await skipped()) > 0, SLOW);
  await loki.comeUp();
  await until('the backlog to be gone', async () => (await metric(exporter, 'backlog_entries')) === 0, SLOW);
  const ids = idsIn(loki);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length + (await skipped())).toBe(30_000);
  expect(await counted(exporter)).toBe(30_000);
  await exporter.restart();
  expect(ids.length + (await skipped())).toBe(30_000);
  await exporter.stop();
  await loki.stop();
});

it('workspaces that are tenants of their own: each finds its calls, whatever its id looks like', async () => {
  const loki = await LokiDouble.start({ config: { auth_enabled: true } });
  const exporter = await exporterFor(loki, {}, { tenant_per_workspace: true });
  const records = new CallRecords({
    seed: 3,
    prefix: 'tenant',
    start: Date.now() - RECENTLY_MS,
    workspaces: ['a', 'b', 'no/tenant'],
  });
  const sent = records.take(300);
  await sendInBatches(exporter.url, sent, 100);
  const of = (workspace: string) => idsOf(sent.filter(({ record }) => record.workspace_id === workspace));
  await until('all of a to be in Loki', () => idsIn(loki, 'audit', 'a').length >= of('a').length, SLOW);
  await until('the backlog to be gone', async () => (await metric(exporter, 'backlog_entries')) === 0, SLOW);
  expect(idsIn(loki, 'audit', 'a')).toEqual(of('a'));
  expect(idsIn(loki, 'audit', 'b')).toEqual(of('b'));
  const encoded = loki.pushes.find(({ tenant }) => tenant.startsWith('ws-'))?.tenant ?? '';
  expect(encoded).toMatch(/^ws-[0-9a-f]{32}$/);
  expect(idsIn(loki, 'audit', encoded)).toEqual(of('no/tenant'));
  await exporter.stop();
  await loki.stop();
});

it('a Loki with room for few streams: the others fold, nothing is lost, and the true model stands in the metadata', async () => {
  const limits = { max_global_streams_per_user: 4 };
  const loki = await LokiDouble.start({ config: { limits_config: limits } });
  const exporter = await exporterFor(loki);
  const sent = calls('streams', 500);
  await sendInBatches(exporter.url, sent, 100);
  await until('what waits to be told', () => exporter.stderr.includes('what is for new ones waits'));
  const room = idsIn(loki).length;
  expect(room).toBeGreaterThan(0);
  // Streams that are there go on.
  const more = calls('more', 500);
  await sendInBatches(exporter.url, more, 100);
  await until('the others to go on', () => idsIn(loki).length > room);
  loki.change({ maxStreams: 1000 });
  await until('all to be in Loki', () => idsIn(loki).length >= 1000, SLOW);
  expect(idsIn(loki)).toEqual(idsOf([...sent, ...more]));
  const folded = loki.entries().filter(({ labels }) => labels.model === '__overflow__');
  expect(folded.length).toBeGreaterThan(0);
  expect(folded.every(({ metadata }) => metadata.some(([name]) => name === 'model_name'))).toBe(true);
  await exporter.stop();
  await loki.stop();
});

it('a thread that cannot start is started again, and records are taken meanwhile', async () => {
  const loki = await LokiDouble.start();
  const exporter = await exporterFor(loki);
  await exporter.stop();
  const letters = join(exporter.dataDir, 'loki', 'dead-letters');
  rmSync(letters, { recursive: true });
  writeFileSync(letters, 'in the way');
  await exporter.startAgain();
  await until('the thread to die', () => exporter.stderr.includes('The thread that writes to Loki died'));
  const sent = calls('thread', 100);
  await sendInBatches(exporter.url, sent, 100);
  expect(await counted(exporter)).toBe(100);
  expect((await ready(exporter)).code).toBe(200);
  rmSync(letters);
  await until('all to be in Loki', () => idsIn(loki).length >= 100, SLOW);
  expect(idsIn(loki)).toEqual(idsOf(sent));
  expect(await exporter.stop()).toBe(0);
  await loki.stop();
});

describe.runIf(lokiBinary() !== undefined)('real Loki', () => {
  it('has each call once after both were killed on the way', async () => {
    const loki = await LokiProcess.start();
    const exporter = await exporterFor(loki);
    const sent = calls('real', 2000);
    await sendInBatches(exporter.url, sent.slice(0, 700), 100);
    await loki.kill();
    await sendInBatches(exporter.url, sent.slice(700, 1400), 100);
    await exporter.kill();
    await exporter.startAgain();
    await loki.startAgain();
    await sendInBatches(exporter.url, sent.slice(1400), 100);
    await until('the backlog to be gone', async () => (await metric(exporter, 'backlog_entries')) === 0, SLOW);
    const startNs = BigInt(Date.now() - 3_600_000) * 1_000_000n;
    const endNs = BigInt(Date.now() + 60_000) * 1_000_000n;
    const range = { query: '{log="audit"}', startNs, endNs, limit: 5000 };
    const ids = async () =>
      (await new LokiClient(loki.url).query(range)).map(({ line }) => (JSON.parse(line) as { id: string }).id).sort();
    await until('all to be found', async () => (await ids()).length >= 2000, SLOW);
    expect(await ids()).toEqual(idsOf(sent));
    expect(await metric(exporter, 'entries_total', { result: 'dead' })).toBe(0);
    await exporter.stop();
    await loki.kill();
  });
});
