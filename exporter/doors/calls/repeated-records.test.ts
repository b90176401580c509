import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeFiles } from '../../spool/files.js';
import { SlowDisk } from './testdata/slow-disk.js';
import { TestApp } from './testdata/test-app.js';

const GOOD = { model: 'good' };

let app: TestApp;
let disk: SlowDisk;

beforeEach(async () => {
  disk = new SlowDisk();
  app = await TestApp.start({ surroundings: { files: disk.files } });
});
afterEach(() => app.remove());

test('an Idempotency-Key makes ids by position: the same request again is all duplicates', async () => {
  const batch = [GOOD, { model: '' }, GOOD, GOOD];
  const key = { 'idempotency-key': 'order-17' };
  expect((await app.post(batch, key)).json).toMatchObject({ accepted: 3, duplicates: 0, rejected: [{ index: 1 }] });
  expect((await app.post(batch, key)).json).toMatchObject({ accepted: 0, duplicates: 3, rejected: [{ index: 1 }] });
  expect(await app.calls('good')).toBe(3);
  // The position counts, and so does the key.
  expect((await app.post([GOOD, GOOD], key)).json).toMatchObject({ accepted: 1, duplicates: 1 });
  expect((await app.post(batch, { 'idempotency-key': 'order-18' })).json).toMatchObject({ accepted: 3, duplicates: 0 });
});

test('the position is that of the record, not of its line', async () => {
  const key = { 'idempotency-key': 'k' };
  expect((await app.ndjson(`${JSON.stringify(GOOD)}\n\n\n${JSON.stringify(GOOD)}`, key)).json.accepted).toBe(2);
  expect((await app.post([GOOD, GOOD], key)).json).toMatchObject({ accepted: 0, duplicates: 2 });
});

test("a record's own id stands over the key", async () => {
  const key = { 'idempotency-key': 'k' };
  await app.post([{ ...GOOD, id: 'a' }], key);
  expect((await app.post([{ ...GOOD, id: 'a' }], { 'idempotency-key': 'other' })).json).toMatchObject({
    duplicates: 1,
  });
  expect((await app.post([GOOD], key)).json).toMatchObject({ accepted: 1 });
  // What the key would make can also be said outright.
  expect((await app.post([{ ...GOOD, id: 'k:0' }])).json).toMatchObject({ duplicates: 1 });
});

test('without id and key a record is new each time', async () => {
  await app.post(GOOD);
  expect((await app.post(GOOD)).json).toMatchObject({ accepted: 1, duplicates: 0 });
});

test('an id is unique within its workspace only', async () => {
  const record = { ...GOOD, id: 'a' };
  expect(
    (
      await app.post([
        { ...record, workspace_id: 'one' },
        { ...record, workspace_id: 'two' },
      ])
    ).json,
  ).toMatchObject({
    accepted: 2,
    duplicates: 0,
  });
  // No workspace is the workspace `default`.
  expect((await app.post([record, { ...record, workspace_id: 'default' }])).json).toMatchObject({
    accepted: 1,
    duplicates: 1,
  });
  expect(await app.calls('good')).toBe(3);
});

test('an id twice in one batch: one is new, one is not, whatever else they say', async () => {
  const answer = await app.post([
    { ...GOOD, id: 'a' },
    { model: 'other', id: 'a', apikey_id: 'k' },
  ]);
  expect(answer.json).toMatchObject({ accepted: 1, duplicates: 1, rejected: [] });
  expect([await app.calls('good'), await app.calls('other')]).toEqual([1, 0]);
});

test('a record of a refused id may come again, mended', async () => {
  expect((await app.post({ model: '', id: 'a' })).status).toBe(400);
  expect((await app.post({ model: 'good', id: 'a' })).json).toMatchObject({ accepted: 1 });
});

test('duplicates alone are an answer of 202', async () => {
  await app.post({ ...GOOD, id: 'a' });
  expect(await app.post({ ...GOOD, id: 'a' })).toMatchObject({ status: 202, json: { accepted: 0, duplicates: 1 } });
});

test('a duplicate of a record that is not durable yet is answered when that one is', async () => {
  let release = (): void => {};
  disk.sync = new Promise((resolve) => {
    release = resolve;
  });
  let answered = 0;
  const requests = Array.from({ length: 20 }, async () => {
    const answer = await app.post({ ...GOOD, id: 'a' });
    answered += 1;
    return answer;
  });
  await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBeGreaterThan(20 * 20);
  expect(answered).toBe(0);
  release();
  const answers = await Promise.all(requests);
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(202));
  expect(answers.reduce((sum, { json }) => sum + json.accepted, 0)).toBe(1);
  expect(answers.reduce((sum, { json }) => sum + json.duplicates, 0)).toBe(19);
  expect(await app.calls('good')).toBe(1);
});

test('a duplicate of a record that could not be written shares its fate, and both may come again', async () => {
  let fail = (_error: Error): void => {};
  disk.sync = new Promise((_resolve, reject) => {
    fail = reject;
  });
  disk.sync.catch(() => {});
  const requests = [1, 2, 3].map(() => app.post({ ...GOOD, id: 'a' }));
  await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBeGreaterThan(3 * 20);
  fail(new Error('EIO: i/o error, fdatasync'));
  for (const answer of await Promise.all(requests)) {
    expect(answer).toMatchObject({ status: 503, problem: 'not-durable' });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.json.detail).toContain('Send the same request again, with the same ids.');
  }
  expect(await app.metric('model_observation_records_total', 'answer="unavailable"')).toBe(3);
  disk.sync = null;
  // The disk is left alone for a moment after a failure.
  await expect.poll(async () => (await app.post({ ...GOOD, id: 'a' })).status, { timeout: 5000 }).toBe(202);
  expect((await app.post({ ...GOOD, id: 'a' })).json).toMatchObject({ duplicates: 1 });
  expect(await app.calls('good')).toBe(1);
});

test('the disk comes to its reserve: 503 before anything is read, and readiness says why', async () => {
  const full = await TestApp.start({ surroundings: { files: { ...nodeFiles, freeBytes: async () => 1000 } } });
  try {
    const answer = await full.post(GOOD);
    expect(answer).toMatchObject({ status: 503, problem: 'disk-full' });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.json.detail).toMatch(/^Only 1000 bytes of disk are free; spool.free_disk_reserve keeps \d+ MiB\./);
    expect(await full.fetch('/-/ready')).toMatchObject({ status: 503, json: { status: 'not ready' } });
    expect(await full.fetch('/-/healthy')).toMatchObject({ status: 200 });
  } finally {
    await full.remove();
  }
});

test('an Idempotency-Key has 1 to 100 characters', async () => {
  const answer = await app.post(GOOD, { 'idempotency-key': 'k'.repeat(101) });
  expect(answer).toMatchObject({ status: 400, problem: 'bad-header' });
  expect(answer.json.detail).toBe('Idempotency-Key must have 1 to 100 characters.');
  expect(await app.post(GOOD, { 'idempotency-key': '' })).toMatchObject({ status: 400, problem: 'bad-header' });
  expect(await app.calls('good')).toBe(0);
  expect(await app.post(GOOD, { 'idempotency-key': 'k'.repeat(100) })).toMatchObject({ status: 202 });
});
