import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestApp } from './doors/calls/testdata/test-app.js';
import { FAMILIES } from './projections/metrics/catalogue.js';
import { EXPORTER_FAMILIES } from './projections/metrics/exporter-families.js';
import { parseText } from './readers/scrape/testdata/parse-text.js';
import { FaultyFiles } from './spool/testdata/faulty-files.js';

let folder: string;
let dataDir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'health-'));
  dataDir = join(folder, 'data');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Sum of the samples of each family; of a histogram its count. */
async function sums(app: TestApp): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const [key, value] of parseText(await app.metrics())) {
    const [name] = JSON.parse(key) as [string];
    const family = name.replace(/_count$/, '');
    sums.set(family, (sums.get(family) ?? 0) + Number(value));
  }
  return sums;
}

/** These move where there is a Loki, or an Alertmanager: the tests of logs and of the notify doors have them. */
function isOfOthers(name: string): boolean {
  return /_loki_|_contents_withheld_|_redactions_|_notifications_|_alerts_recorded_|_dingtalk_/.test(name);
}

/** Damages the record in the only segment that has one, and takes away the snapshots that cover it. */
function damage(): void {
  rmSync(join(dataDir, 'snapshots'), { recursive: true });
  const segments = readdirSync(join(dataDir, 'segments')).map((name) => join(dataDir, 'segments', name));
  const file = segments.find((segment) => readFileSync(segment).includes('"good"'))!;
  const bytes = readFileSync(file);
  bytes[bytes.indexOf('"good"') + 1]! ^= 1;
  writeFileSync(file, bytes);
}

test('every family of the catalogue about the exporter is exposed, and nothing that the catalogue does not know', async () => {
  const app = await TestApp.start({ dataDir });
  await app.post({ model: 'good' });
  const known = new Set<string>(FAMILIES.map(({ name }) => name));
  const exposed = new Set<string>();
  for (const line of (await app.metrics()).split('\n')) {
    const name = /^# TYPE (\S+)/.exec(line)?.[1];
    if (name?.startsWith('model_')) exposed.add(name);
  }
  expect([...exposed].filter((name) => !known.has(name))).toEqual([]);
  expect(EXPORTER_FAMILIES.map(({ name }) => name).filter((name) => !exposed.has(name))).toEqual([]);
  await app.remove();
});

test('each of them moves with what it is about: good and bad senders, a failing disk, damage, scrapes', async () => {
  const before = await TestApp.start({ dataDir });
  await before.post({ model: 'good' });
  await before.stop();
  damage();

  const files = new FaultyFiles();
  files.free = 1e12;
  files.fail('sync', 'EIO', '.snap');
  const spool = { snapshot_interval: '1s', free_disk_reserve: '1MiB' };
  const app = await TestApp.start({ dataDir, surroundings: { files }, config: { spool } });
  files.fail('sync', 'EIO', '.seg');
  expect((await app.post({ model: 'good', id: 'failed' })).status).toBe(503);
  const trouble = await sums(app);
  for (const name of [
    'model_observation_commit_failures_total',
    'model_observation_snapshot_failures_total',
    'model_observation_spool_set_aside_total',
    'model_observation_spool_set_aside_bytes_total',
  ]) {
    expect(trouble.get(name), name).toBeGreaterThan(0);
  }
  expect(trouble.has('model_observation_snapshot_timestamp_seconds')).toBe(false);

  await expect
    .poll(
      async () => {
        await app.post([{ model: 'good' }, { model: 'good', id: 'again' }, { model: '' }]);
        const now = await sums(app);
        return EXPORTER_FAMILIES.map(({ name }) => name).filter(
          (name) => !isOfOthers(name) && !(Number(now.get(name)) > 0),
        );
      },
      { timeout: 20_000, interval: 100 },
    )
    // Nothing is in flight while nothing is sent.
    .toEqual(['model_observation_in_flight_bytes']);
  await app.remove();
}, 30_000);
