import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { DurableSequence } from './durable-sequence.js';

const LONG_MS = 60_000;

test('what is published is seen by all that share the memory, beyond 32 bits too', () => {
  const main = new DurableSequence();
  const other = new DurableSequence(main.buffer);
  expect(other.value).toBe(0);
  main.publish(Number.MAX_SAFE_INTEGER);
  expect(other.value).toBe(Number.MAX_SAFE_INTEGER);
});

test('whoever waits is woken at once, by another thread', async () => {
  const main = new DurableSequence();
  const started = performance.now();
  const waiting = [main.changed(0, LONG_MS), main.changed(0, LONG_MS)];
  const code = `
    const { workerData } = require('node:worker_threads');
    const word = new BigInt64Array(workerData);
    Atomics.store(word, 0, 7n);
    Atomics.notify(word, 0);`;
  const worker = new Worker(code, { eval: true, workerData: main.buffer });
  await Promise.all(waiting);
  expect(main.value).toBe(7);
  expect(performance.now() - started).toBeLessThan(LONG_MS / 2);
  await worker.terminate();
});

test('no waiting for what has changed already, beyond the time, or after an abort', async () => {
  const durable = new DurableSequence();
  durable.publish(1);
  await durable.changed(0, LONG_MS);
  const started = performance.now();
  await durable.changed(1, 30);
  expect(performance.now() - started).toBeGreaterThan(20);
  const abort = new AbortController();
  const waiting = durable.changed(1, LONG_MS, abort.signal);
  abort.abort();
  await waiting;
  await durable.changed(1, LONG_MS, abort.signal);
  expect(performance.now() - started).toBeLessThan(LONG_MS / 2);
});
