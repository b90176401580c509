import { describe, expect, test } from 'vitest';
import { Batch, type BatchLimits } from './batch.js';
import { Delivery } from './delivery.js';
import type { Answer } from './exporter-client.js';
import { Stop } from './stop.js';
import { Tally } from './tally.js';
import { SkippingClock } from './testdata/skipping-clock.js';

type Step = { status: number; retryAfter?: string; body?: unknown } | { code: string } | 'taken' | 'duplicates';

const batchOf = (count: number) =>
  new Batch(Array.from({ length: count }, (_, i) => ({ line: i + 1, bytes: Buffer.from(`{"id":"${i}"}`), due: null })));

/** A delivery to an exporter that takes each step once and the last for ever. */
function delivery(steps: Step[], giveUpAfterMs = 60_000) {
  const clock = new SkippingClock();
  const bodies: string[] = [];
  const told: string[] = [];
  const stop = new Stop();
  const tally = new Tally();
  const limits: BatchLimits = { records: 500, bytes: 1e6 };
  const post = async (body: Buffer): Promise<Answer> => {
    bodies.push(body.toString());
    const step = steps.length > 1 ? steps.shift()! : steps[0]!;
    if (typeof step === 'object' && 'code' in step) throw Object.assign(new Error(step.code), { code: step.code });
    if (typeof step === 'object') {
      return { status: step.status, retryAfter: step.retryAfter, body: JSON.stringify(step.body ?? {}) };
    }
    const count = body.toString().split('\n').length;
    const receipt = { accepted: step === 'taken' ? count : 0, duplicates: step === 'taken' ? 0 : count };
    return { status: 202, retryAfter: undefined, body: JSON.stringify({ ...receipt, late: 0, rejected: [] }) };
  };
  const options = { post, where: 'http://x', clock, random: () => 0.5, giveUpAfterMs, limits, tally, stop };
  const onTrouble = (reason: string): void => void told.push(reason);
  return { delivery: new Delivery({ ...options, onTrouble }), clock, bodies, told, stop, tally, limits };
}

test.each([408, 429, 500, 502, 503, 504])('%i: the same bytes again, after a growing wait', async (status) => {
  const it = delivery([{ status }, { status }, { status }, 'taken']);
  await it.delivery.deliver(batchOf(2));
  expect(it.bodies).toEqual(Array(4).fill('{"id":"0"}\n{"id":"1"}'));
  expect(it.clock.slept).toEqual([100, 200, 400]);
  expect(it.tally).toMatchObject({ accepted: 2, retries: 3, unconfirmed: 0 });
});

test('connections that break: likewise; a lost answer shows as duplicates', async () => {
  const it = delivery([{ code: 'ECONNRESET' }, { code: 'EPIPE' }, 'duplicates']);
  await it.delivery.deliver(batchOf(3));
  expect(it.tally).toMatchObject({ accepted: 0, duplicates: 3, duplicatesSentAgain: 3, retries: 2 });
});

test('Retry-After: never sooner', async () => {
  const it = delivery([{ status: 503, retryAfter: '7' }, 'taken']);
  await it.delivery.deliver(batchOf(1));
  expect(it.clock.slept).toEqual([7100]);
});

describe('giving up', () => {
  test('after so long, the last attempt at the very end', async () => {
    const it = delivery([{ status: 503, body: { detail: 'The disk is full' } }], 5000);
    const start = it.clock.now();
    await it.delivery.deliver(batchOf(4));
    expect(it.clock.now() - start).toBe(5000);
    expect(it.tally).toMatchObject({ unconfirmed: 4, unconfirmedFrom: 1, unconfirmedTo: 4 });
    expect(it.stop.reason).toEqual({
      kind: 'exporter',
      message: 'http://x answered 503: The disk is full. Given up; --give-up-after says how long to try.',
    });
  });

  test('at once where the exporter asks for more time than there is', async () => {
    const it = delivery([{ status: 429, retryAfter: '3600' }], 5000);
    await it.delivery.deliver(batchOf(1));
    expect(it.clock.slept).toEqual([]);
    expect(it.stop.reason).toMatchObject({ message: expect.stringContaining('It asks to wait 3600 s. Given up') });
  });

  test('without a second attempt where none is wanted', async () => {
    const it = delivery([{ code: 'ECONNRESET' }], 0);
    await it.delivery.deliver(batchOf(1));
    expect(it.bodies).toHaveLength(1);
    expect(it.stop.reason).toMatchObject({ message: expect.stringMatching(/broke the connection off\. Given up/) });
  });

  test('counts from the first failure of a row: between, nothing was lost', async () => {
    const it = delivery([{ status: 503, retryAfter: '4' }, 'taken', { status: 503, retryAfter: '4' }, 'taken'], 5000);
    await it.delivery.deliver(batchOf(1));
    await it.delivery.deliver(batchOf(1));
    expect(it.tally).toMatchObject({ accepted: 2, unconfirmed: 0 });
  });
});

describe('too large', () => {
  const tooLarge = { status: 413, body: { detail: 'too much' } };

  test('split, until it fits', async () => {
    const it = delivery([tooLarge, tooLarge, 'taken']);
    await it.delivery.deliver(batchOf(4));
    expect(it.bodies.map((body) => body.split('\n').length)).toEqual([4, 2, 1, 1, 2]);
    expect(it.tally).toMatchObject({ accepted: 4, retries: 0 });
  });

  test('one record alone: rejected with its line', async () => {
    const it = delivery([tooLarge, tooLarge, 'taken']);
    await it.delivery.deliver(batchOf(2));
    expect(it.tally.rejections).toEqual([{ line: 1, field: '', message: 'is too large: too much' }]);
    expect(it.tally).toMatchObject({ accepted: 1, rejected: 1 });
  });

  test('a limit that is named holds for what comes', async () => {
    const type = 'urn:model-observation:problem:body-too-large';
    const it = delivery([{ status: 413, body: { type, detail: 'limits.batch_records (10)' } }, 'taken']);
    await it.delivery.deliver(batchOf(20));
    expect(it.limits).toEqual({ records: 10, bytes: 1e6 });
  });
});

test.each([401, 403, 404])('%i: stops at once, and nothing is tried again', async (status) => {
  const it = delivery([{ status }]);
  await it.delivery.deliver(batchOf(2));
  await it.delivery.deliver(batchOf(3));
  expect(it.bodies).toHaveLength(1);
  expect(it.tally).toMatchObject({ unconfirmed: 5, retries: 0 });
});

test.each([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'NODE_EXTRA_CA_CERTS'],
  ['CERT_HAS_EXPIRED', 'NODE_EXTRA_CA_CERTS'],
  ['EPROTO', 'does not speak TLS'],
])('%s: stops at once', async (code, words) => {
  const it = delivery([{ code }]);
  await it.delivery.deliver(batchOf(1));
  expect(it.stop.reason).toMatchObject({ message: expect.stringContaining(words) });
});

describe('what is told of trouble', () => {
  test('nothing of a request that failed once', async () => {
    const it = delivery([{ code: 'ECONNRESET' }, 'taken']);
    await it.delivery.deliver(batchOf(1));
    expect(it.told).toEqual([]);
  });

  test.each([
    ['ECONNREFUSED', /npm start, or give its address with --url/],
    ['ENOTFOUND', /host of http:\/\/x is not known/],
  ])('at once that nobody is there: %s', async (code, words) => {
    const it = delivery([{ code }, 'taken']);
    await it.delivery.deliver(batchOf(1));
    expect(it.told).toEqual([expect.stringMatching(words)]);
  });
});

test('told to stop while it waits: the wait ends, and the records are unconfirmed', async () => {
  const it = delivery([{ status: 503 }]);
  const delivering = it.delivery.deliver(batchOf(2));
  it.stop.request({ kind: 'signal', signal: 'SIGINT' });
  await delivering;
  expect(it.bodies).toHaveLength(1);
  expect(it.tally).toMatchObject({ unconfirmed: 2 });
});
