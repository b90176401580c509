import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Files, nodeFiles } from '../../spool/files.js';
import { TestApp } from '../calls/testdata/test-app.js';
import { END, posted, postedAlert } from './testdata/notifications.js';

let folder: string;
let dataDir: string;
let app: TestApp;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'history-'));
  dataDir = join(folder, 'data');
  app = await TestApp.start({ dataDir });
});
afterEach(async () => {
  await app.remove();
  rmSync(folder, { recursive: true, force: true });
});

const tell = (payload: unknown, headers: Record<string, string> = {}) =>
  app.fetch('/notify/history', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof payload === 'string' ? payload : JSON.stringify(payload),
  });
/** Frames of notifications on the disk. */
const frames = () =>
  app.filesText().split('"status":"firing"').length + app.filesText().split('"status":"resolved"').length - 2;
const firing = postedAlert();
const resolved = postedAlert({ status: 'resolved', endsAt: END });

async function restart(config: Record<string, unknown> = {}): Promise<void> {
  await app.stop();
  app = await TestApp.start({ dataDir, config });
}

test('each start and each end is recorded once, however often it is told', async () => {
  expect(await tell(posted([firing]))).toMatchObject({ status: 200, json: { status: 'delivered', recorded: 1 } });
  expect(await tell(posted([firing]))).toMatchObject({ status: 200, json: { status: 'repeated', recorded: 0 } });
  expect(await tell(posted([firing, resolved]))).toMatchObject({ json: { recorded: 1 } });
  const again = postedAlert({ startsAt: '2026-11-24T05:00:00Z' });
  const other = postedAlert({ fingerprint: 'ffff' });
  expect(await tell(posted([again, other, again]))).toMatchObject({ json: { recorded: 2 } });
  expect(frames()).toBe(4);
  expect(await app.metric('model_observation_alerts_recorded_total')).toBe(4);
  expect(await app.metric('model_observation_notifications_total', 'channel="history"', 'answer="delivered"')).toBe(3);
  expect(await app.metric('model_observation_notifications_total', 'channel="history"', 'answer="repeated"')).toBe(1);
});

test('told by several at once it is recorded once', async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => tell(posted([firing, resolved]))));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  expect(answers.reduce((sum, { json }) => sum + json.recorded, 0)).toBe(2);
  expect(frames()).toBe(2);
});

test('without a fingerprint the labels tell alerts apart, in whatever order they stand', async () => {
  const { fingerprint: _, ...bare } = postedAlert();
  const turned = { ...bare, labels: Object.fromEntries(Object.entries(bare.labels).toReversed()) };
  const another = { ...bare, labels: { ...bare.labels, model: 'other' } };
  expect(await tell(posted([bare, turned, another]))).toMatchObject({ json: { recorded: 2 } });
});

test('over a restart, and where the duplicate window is long over, it is known', async () => {
  await tell(posted([firing]));
  await restart({ spool: { duplicate_window: '1s', duplicate_window_entries: 1024 } });
  // Push the id out of the window.
  for (let round = 0; round < 3; round += 1) {
    await app.post(Array.from({ length: 1000 }, (_, index) => ({ model: 'm', id: `${round}-${index}` })));
  }
  expect(await app.metric('model_observation_duplicate_window_ids')).toBeLessThan(3000);
  expect(await tell(posted([firing]))).toMatchObject({ json: { status: 'repeated' } });
  expect(await tell(posted([resolved]))).toMatchObject({ json: { recorded: 1 } });
});

test('a crash between spool and memory: the duplicate window knows it', async () => {
  await tell(posted([firing]));
  await app.stop();
  rmSync(join(dataDir, 'notify'), { recursive: true });
  app = await TestApp.start({ dataDir });
  expect(await tell(posted([firing]))).toMatchObject({ json: { status: 'repeated' } });
  expect(frames()).toBe(1);
});

test('notifications among calls move no call counter, over a restart with and without a snapshot', async () => {
  await app.post([{ model: 'good' }, { model: 'good' }]);
  await tell(posted([firing]));
  await app.post({ model: 'good' });
  const epoch = await app.metric('model_observation_counters_epoch');
  expect(await app.calls('good')).toBe(3);
  await restart();
  expect(await app.calls('good')).toBe(3);
  await app.stop();
  rmSync(join(dataDir, 'snapshots'), { recursive: true });
  app = await TestApp.start({ dataDir });
  expect(await app.calls('good')).toBe(3);
  expect(epoch).toBeGreaterThan(0);
  expect(await tell(posted([firing]))).toMatchObject({ json: { status: 'repeated' } });
});

test('a disk that refuses: 503 with Retry-After, and the same told again is recorded', async () => {
  await app.stop();
  let failing = false;
  const files: Files = {
    ...nodeFiles,
    sync: (fd) => (failing ? Promise.reject(new Error('EIO')) : nodeFiles.sync(fd)),
  };
  app = await TestApp.start({ dataDir, surroundings: { files } });
  failing = true;
  const refused = await tell(posted([firing]));
  expect(refused).toMatchObject({ status: 503, problem: 'not-durable' });
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await app.metric('model_observation_notifications_total', 'channel="history"', 'answer="unavailable"')).toBe(
    1,
  );
  failing = false;
  await expect.poll(async () => (await tell(posted([firing]))).status, { timeout: 5000 }).toBe(200);
  expect(await tell(posted([firing]))).toMatchObject({ json: { status: 'repeated' } });
});

test('a full disk: 503, and never a 4xx', async () => {
  await app.stop();
  const files: Files = { ...nodeFiles, freeBytes: async () => 1000 };
  app = await TestApp.start({ dataDir, surroundings: { files } });
  expect(await tell(posted([firing]))).toMatchObject({ status: 503, problem: 'disk-full' });
});

describe('what is refused', () => {
  test.each([
    ['a broken payload', '{"version":"4"', {}, 400, 'malformed-notification'],
    ['another content type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['one that is no notification', '{}', {}, 400, 'malformed-notification'],
  ])('%s', async (_what, body, headers, status, problem) => {
    expect(await tell(body, headers)).toMatchObject({ status, problem });
    expect(await app.metric('model_observation_notifications_total', 'channel="history"', 'answer="invalid"')).toBe(1);
    expect(frames()).toBe(0);
  });

  test('GET', async () => {
    expect(await app.fetch('/notify/history')).toMatchObject({ status: 405 });
  });

  test('whoever has no token of scope notify', async () => {
    const [good, other] = ['a-token-of-alertmanager-1', 'a-token-of-some-sender-1'];
    const entry = (name: string, text: string, scope: string) => ({
      name,
      scopes: [scope],
      token_sha256: createHash('sha256').update(text).digest('hex'),
    });
    await restart({ auth: { tokens: [entry('am', good, 'notify'), entry('gw', other, 'ingest')] } });
    for (const path of ['/notify/history', '/notify/dingtalk?robot=x']) {
      const statusOf = async (token: string | null) => {
        const headers = {
          'content-type': 'application/json',
          ...(token !== null && { authorization: `Bearer ${token}` }),
        };
        return (await app.fetch(path, { method: 'POST', headers, body: JSON.stringify(posted([firing])) })).status;
      };
      expect([await statusOf(null), await statusOf(other)]).toEqual([401, 403]);
      expect(await statusOf(good)).toBe(path === '/notify/history' ? 200 : 404);
    }
    // Alertmanager's token sends no calls.
    expect(await app.post({ model: 'm' }, { authorization: `Bearer ${good}` })).toMatchObject({ status: 403 });
  });
});
