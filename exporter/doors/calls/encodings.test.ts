import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, TestApp } from './testdata/test-app.js';

const GOOD = { model: 'good' };

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({
    config: { limits: { body_bytes: '1MiB', decompressed_bytes: '4MiB', record_bytes: '64KiB' } },
  });
});
afterAll(() => app.remove());

/** Runs it, and says how many good calls were counted meanwhile. */
async function counting(run: () => Promise<Answer>): Promise<{ answer: Answer; counted: number }> {
  const before = await app.calls('good');
  const answer = await run();
  return { answer, counted: (await app.calls('good')) - before };
}

test.each([
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': 'application/json', 'content-encoding': 'br' },
  { 'content-type': 'application/json', 'content-encoding': 'gzip, gzip' },
])('%j: 415', async (headers) => {
  const { answer, counted } = await counting(() => app.post(GOOD, headers as Record<string, string>));
  expect(answer).toMatchObject({ status: 415, problem: 'unsupported-media-type' });
  expect(answer.json.detail).toMatch(/^Content-(Type|Encoding) must be/);
  expect(counted).toBe(0);
});

test('no content type: 415', async () => {
  const body = JSON.stringify(GOOD);
  const said = await app.raw(
    `POST /v1/calls HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
  expect(said).toMatch(/^HTTP\/1\.1 415 /);
  expect(said).toContain('problem:unsupported-media-type');
});

const gzip = { 'content-encoding': 'gzip' };

test('gzip: good, cut off, garbage, in two members', async () => {
  const whole = gzipSync(JSON.stringify([GOOD, GOOD]));
  expect((await counting(() => app.post(whole, gzip))).counted).toBe(2);
  for (const bad of [whole.subarray(0, whole.length - 9), Buffer.from(JSON.stringify(GOOD)), Buffer.alloc(0)]) {
    const { answer, counted } = await counting(() => app.post(bad, gzip));
    expect(answer).toMatchObject({ status: 400, problem: 'malformed-body' });
    expect(answer.json.detail).toMatch(/^The body is not valid gzip: /);
    expect(counted).toBe(0);
  }
  const members = Buffer.concat([gzipSync('['), gzipSync(`${JSON.stringify(GOOD)}]`)]);
  expect((await counting(() => app.post(members, gzip))).counted).toBe(1);
});

test('a bomb of 1 GB of zeros: 413, and memory stays bounded', async () => {
  // 16 members of 64 MB each: one gzip stream of 1 GB in about 1 MB.
  const bomb = Buffer.concat(Array(16).fill(gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 })));
  expect(bomb.length).toBeLessThan(1024 * 1024 + 100_000);
  const before = process.memoryUsage();
  let peak = 0;
  const watch = setInterval(() => {
    const { rss } = process.memoryUsage();
    peak = Math.max(peak, rss);
  }, 5);
  const { answer, counted } = await counting(() => app.post(bomb.subarray(0, 1024 * 1024), gzip));
  clearInterval(watch);
  expect(answer).toMatchObject({ status: 413, problem: 'body-too-large' });
  expect(answer.json.detail).toContain('limits.decompressed_bytes (4194304 bytes)');
  expect(counted).toBe(0);
  expect(peak - before.rss).toBeLessThan(128 * 1024 * 1024);
}, 30_000);
