import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { type Answer, TestApp } from './testdata/test-app.js';

const MIB = 1024 * 1024;
const SENDERS = 24;
const RECORDS = 40;

/** A batch of some 4 MiB whose records have content, with ids of their own. */
function batch(sender: number): string {
  const content = 'x'.repeat(100_000);
  return Array.from(
    { length: RECORDS },
    (_, i) => `{"model":"good","id":"${sender}-${i}","request":"${content}"}\n`,
  ).join('');
}

test('more than in_flight_bytes at once: some are told to wait, memory is bounded, and in the end all are counted', async () => {
  const limit = 16 * MIB;
  const app = await TestApp.start({
    config: {
      limits: { body_bytes: '8MiB', decompressed_bytes: '8MiB', record_bytes: '8MiB', in_flight_bytes: limit },
    },
  });
  try {
    let peak = 0;
    let looks: Promise<void> = Promise.resolve();
    const watch = setInterval(() => {
      const look = app.metric('model_observation_in_flight_bytes').then((bytes) => {
        peak = Math.max(peak, bytes);
      });
      looks = Promise.all([looks, look]).then(() => {});
    }, 10);
    let refused = 0;
    async function sendUntilTaken(sender: number): Promise<Answer> {
      const body = batch(sender);
      for (;;) {
        const answer = await app.ndjson(body);
        if (answer.status !== 503) return answer;
        refused += 1;
        expect(answer.problem).toBe('overloaded');
        expect(answer.json.detail).toContain('limits.in_flight_bytes');
        expect(answer.headers.get('retry-after')).toBe('1');
        // Sooner than it asks for, so that the test is over sooner.
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 100));
      }
    }
    const answers = await Promise.all(Array.from({ length: SENDERS }, (_, sender) => sendUntilTaken(sender)));
    clearInterval(watch);
    // Whoever scrapes while another scrape is answered gets the numbers of its beginning.
    await looks;
    expect(refused).toBeGreaterThan(0);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 202, json: { accepted: RECORDS, duplicates: 0, rejected: [] } });
    }
    expect(await app.calls('good')).toBe(SENDERS * RECORDS);
    // Frames that wait for the disk come on top; without content they are small.
    expect(peak).toBeLessThan(limit + MIB);
    expect(await app.metric('model_observation_in_flight_bytes')).toBe(0);
    expect(await app.metric('model_observation_requests_total', 'code="503"')).toBe(refused);
  } finally {
    await app.remove();
  }
}, 60_000);

test('what a compressed body grows to counts as well', async () => {
  const limits = { body_bytes: '1MiB', decompressed_bytes: '1MiB', record_bytes: '1MiB', in_flight_bytes: '2MiB' };
  const app = await TestApp.start({ config: { limits } });
  // Two senders that stop in the middle hold most of what there is.
  const half = 900_000;
  const held = [1, 2].map(() => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': MIB };
    const sent = request(`${app.url}/v1/calls`, { method: 'POST', headers });
    sent.on('error', () => {});
    sent.write(Buffer.alloc(half, ' '));
    return sent;
  });
  try {
    await vi.waitFor(async () => expect(await app.metric('model_observation_in_flight_bytes')).toBe(2 * half), 10_000);
    const small = gzipSync(`{"model":"m","request":"${'x'.repeat(MIB / 2)}"}`);
    expect(await app.post(small, { 'content-encoding': 'gzip' })).toMatchObject({ status: 503, problem: 'overloaded' });
    for (const sent of held) sent.destroy();
    await vi.waitFor(async () => expect(await app.metric('model_observation_in_flight_bytes')).toBe(0), 10_000);
    expect(await app.post(small, { 'content-encoding': 'gzip' })).toMatchObject({ status: 202 });
  } finally {
    for (const sent of held) sent.destroy();
    await app.remove();
  }
}, 30_000);
