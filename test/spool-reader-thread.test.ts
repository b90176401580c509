import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import type { CursorPort } from '../exporter/spool/cursors/frame-reader.js';
import { cleanUp, ToySpool } from '../exporter/spool/testdata/toy-spool.js';
import { PROJECT_ROOT } from './harness/project-root.js';

afterEach(cleanUp);

const READER = pathToFileURL(join(PROJECT_ROOT, 'dist/exporter/spool/cursors/frame-reader.js')).href;

/** Reads as a projection does: a batch at a time, acknowledged when it is done with; says what it has seen. */
const READING = `
  import { parentPort, workerData } from 'node:worker_threads';
  import { setTimeout as delay } from 'node:timers/promises';
  import { FrameReader } from '${READER}';
  const reader = new FrameReader(workerData.port);
  const abort = new AbortController();
  let stopping = false;
  // Nothing but the waiting keeps this thread alive.
  parentPort.on('message', () => { stopping = true; abort.abort(); });
  parentPort.unref();
  const seen = [];
  let wakes = 0;
  for (;;) {
    const batch = await reader.read();
    if (batch === null) {
      if (stopping) break;
      await reader.wait(60_000, abort.signal);
      wakes += 1;
      continue;
    }
    for (const { sequence, meta, content } of batch.frames) {
      seen.push([sequence, JSON.parse(meta).id, content.length, content[content.length - 1]]);
    }
    if (workerData.slow) await delay(100);
    reader.advance(batch.upTo);
  }
  await reader.close();
  parentPort.postMessage({ seen, wakes });
`;

interface Told {
  seen: [sequence: number, id: string, bytes: number, last: number][];
  wakes: number;
}

class Reading {
  readonly #worker: Worker;
  readonly #told: Promise<Told>;

  constructor(port: CursorPort, slow = false) {
    const code = new URL(`data:text/javascript,${encodeURIComponent(READING)}`);
    this.#worker = new Worker(code, { workerData: { port, slow } });
    this.#told = new Promise((resolve, reject) => {
      this.#worker.on('message', resolve);
      this.#worker.on('error', reject);
      this.#worker.on('exit', () => reject(new Error('the thread ended without a word')));
    });
    this.#told.catch(() => {});
  }

  async stop(): Promise<Told> {
    this.#worker.postMessage('stop');
    return this.#told;
  }
}

const UNLIMITED = { name: 'logs', budgetBytes: Number.POSITIVE_INFINITY, budgetAgeMs: Number.POSITIVE_INFINITY };

/** Records of 1,000 bytes and more, by their number, so many to a commit. */
async function send(toy: ToySpool, first: number, count: number): Promise<void> {
  for (let sent = first; sent < first + count; sent += 500) {
    const numbers = Array.from({ length: 500 }, (_, index) => sent + index);
    await Promise.all(numbers.map((number) => toy.send(`r${number}`, Buffer.alloc(1000 + (number % 500), number))));
  }
}

test('a thread of its own reads each frame while the log is written, rotated and let go', async () => {
  const toy = await ToySpool.open(undefined, { segmentBytes: 1 << 20, cursors: [UNLIMITED] });
  const cursor = toy.spool.cursor('logs');
  const reading = new Reading(cursor.attach());
  for (let round = 0; round < 4; round += 1) {
    await delay(50);
    await send(toy, round * 2500, 2500);
    await toy.spool.snapshot();
  }
  await expect.poll(() => cursor.lag.frames, { timeout: 10_000 }).toBe(0);
  await toy.spool.snapshot();
  await expect.poll(() => toy.list('segments').length, { timeout: 10_000 }).toBeLessThan(6);
  const { seen, wakes } = await reading.stop();
  expect(seen.map(([, id]) => id)).toEqual(toy.projection.order);
  expect(
    seen.every(
      ([sequence, , bytes, last]) => bytes === 1000 + ((sequence - 1) % 500) && last === ((sequence - 1) & 255),
    ),
  ).toBe(true);
  expect(wakes).toBeGreaterThan(3);
  expect(toy.cursorNews).toEqual([]);
});

test('a slow thread and a budget that is too small: each frame is delivered or counted as skipped, never both', async () => {
  const cursors = [{ ...UNLIMITED, budgetBytes: 1 << 20 }];
  const toy = await ToySpool.open(undefined, { segmentBytes: 1 << 18, cursors });
  const cursor = toy.spool.cursor('logs');
  const reading = new Reading(cursor.attach(), true);
  let sent = 0;
  // However fast this machine is: until the budget was too small three times.
  while (toy.skips.length < 3) {
    await send(toy, sent, 1000);
    sent += 1000;
    await delay(100);
    if (sent % 5000 === 0) await toy.spool.snapshot();
  }
  await expect.poll(() => cursor.lag.frames, { timeout: 20_000 }).toBe(0);
  const { seen } = await reading.stop();
  const { records, segments } = cursor.skipped.bytes;
  expect(seen.length + records).toBe(sent);
  expect(segments).toBeGreaterThan(2);
  expect(seen.length).toBeGreaterThan(100);
  expect(seen.every(([sequence], index) => index === 0 || sequence > seen[index - 1]![0])).toBe(true);
  expect(toy.skips.reduce((sum, skip) => sum + skip.records, 0)).toBe(records);
  expect(toy.cursorNews).toEqual([]);
});
