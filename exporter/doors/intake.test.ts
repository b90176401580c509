import { beforeEach, describe, expect, test } from 'vitest';
import type { Call } from '../call/call.js';
import { decodeMeta } from '../call/meta.js';
import { type Price, Pricing } from '../call/pricing.js';
import { ArrivalClock } from '../spool/arrival-clock.js';
import type { MetaSource } from '../spool/frame.js';
import type { Group } from '../spool/group.js';
import { IdHash } from '../spool/id-hash.js';
import type { Spool } from '../spool/spool.js';
import { Callers } from './caller.js';
import { ContentIntake } from './content/content-intake.js';
import { type Admission, Intake, type Receipt } from './intake.js';

const NOW = Date.UTC(2026, 10, 24, 3, 24, 41, 870);
const LATE_AFTER_MS = 600_000;
const MONITORING = { default: 'advanced', workspaces: new Map([['sandbox', 'basic' as const]]) } as const;
const PRICE: Price = {
  from: 0,
  currency: 'CNY',
  input: 2,
  output: 8,
  cachedInput: null,
  cacheWrite: null,
  reasoning: null,
  batchFactor: 0.5,
};

const CONTENT = new ContentIntake({
  logs: { default: 'metadata', workspaces: new Map(), models: [], sampleRate: 1 },
  redaction: { detectors: new Map(), patterns: [], keepMedia: false },
  hasLoki: true,
  hashKey: Buffer.alloc(32),
});

/** What was appended: the call as it stands in the frame, and its arrival. */
interface Appended {
  call: Call;
  arrival: number;
  /** What the projection is given, without the detour. */
  payload: Call;
}

let now: number;
let appended: Appended[];
let intake: Intake;

beforeEach(() => {
  now = NOW;
  appended = [];
  const ids = new Set<string>();
  // Durable at once: how records become so is the spool's own business.
  const spool = {
    pending: () => null,
    remembers: (low: number, high: number) => ids.has(`${low}:${high}`),
    append(_kind: number, arrival: number, low: number, high: number, meta: MetaSource, _content: null, payload: Call) {
      ids.add(`${low}:${high}`);
      const buffer = Buffer.alloc(meta.bound);
      const end = meta.write(buffer, 0);
      appended.push({ call: decodeMeta(buffer.toString('utf8', 0, end)), arrival, payload: { ...payload } });
      return { durable: Promise.resolve() } as Group<Call>;
    },
  };
  const idHash = new IdHash(Buffer.alloc(8, 1));
  const wall = (): number => now;
  intake = new Intake({
    spool: spool as unknown as Spool<Call>,
    clock: new ArrivalClock(0, wall),
    wall,
    idHash,
    callers: new Callers({
      idHash,
      secretKey: Buffer.alloc(32),
      apikeyAliases: new Map([['k1', 'checkout']]),
      monitoring: MONITORING,
    }),
    pricing: new Pricing({ models: new Map([['priced', [PRICE]]]) }),
    lateAfterMs: LATE_AFTER_MS,
    content: CONTENT,
  });
});

/** Offers records to one request. */
function offer(records: unknown[], workspace: string | null = null, key: string | null = null): Promise<Receipt> {
  const admission = intake.begin(workspace);
  for (const record of records) admission.offer(record, null, key);
  return admission.settle();
}

test('what stands in the frame is what the projection is given', async () => {
  const record = {
    id: 'a',
    model: 'priced',
    apikey_id: 'k1',
    protocol: 'SSE',
    duration_ms: 1840.25,
    first_token_ms: 300,
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    error_message: 'ä "quoted"\n',
    tags: ['x'],
  };
  await offer([record, { model: 'm' }, { model: 'm', status_code: 429, error_code: 'Throttling' }]);
  expect(appended).toHaveLength(3);
  for (const { call, payload } of appended) expect(call).toEqual(payload);
  expect(appended[0]!.call).toMatchObject({
    workspace: 'default',
    apikey: 'checkout',
    cost: { currency: 'CNY', nano: 2_800_000 },
    unpriced: false,
  });
});

describe('time', () => {
  test('none given: the call ended when its record arrived', async () => {
    await offer([{ model: 'm', duration_ms: 1500.5 }, { model: 'm' }]);
    expect(appended.map(({ call }) => call.time)).toEqual([NOW - 1501, NOW]);
    expect(appended.every(({ call }) => !call.late)).toBe(true);
  });

  test('late: it ended longer ago than the limit, not one ms sooner', async () => {
    const ended = NOW - LATE_AFTER_MS;
    const receipt = await offer([
      { model: 'm', time: ended },
      { model: 'm', time: ended - 1 },
      { model: 'm', time: ended - 5000, duration_ms: 5000 },
      { model: 'm', time: ended - 5001, duration_ms: 5000 },
    ]);
    expect(appended.map(({ call }) => call.late)).toEqual([false, true, false, true]);
    expect(receipt).toMatchObject({ accepted: 4, late: 2 });
  });

  test('the clock is there from the first record on, and goes on, also behind records that were refused unread', async () => {
    const admission: Admission = intake.begin(null);
    admission.reject(1, null, '', 'is not valid JSON');
    for (let i = 1; i < 100; i += 1) {
      now += 1000;
      if (i % 32 === 0) admission.reject(i, null, '', 'is not valid JSON');
      else admission.offer({ model: 'm', time: now - 60_000 }, i, null);
    }
    expect(await admission.settle()).toMatchObject({ accepted: 96, late: 0 });
    // Read once in so many records, and never older than these.
    for (const { call, arrival } of appended) expect(Math.abs(arrival - (call.time + 60_000))).toBeLessThan(33_000);
  });

  test('a clock set back: arrivals do not follow it', async () => {
    await offer([{ model: 'm' }]);
    now -= 3_600_000;
    await offer([{ model: 'm', time: now }]);
    expect(appended[1]!.arrival).toBeGreaterThanOrEqual(appended[0]!.arrival);
    expect(appended[1]!.call.time).toBe(now);
  });
});

describe('ids', () => {
  test('its own, else of key and position, else made up', async () => {
    await offer([{ model: 'm', id: 'mine' }, { model: 'm' }], null, 'key');
    await offer([{ model: 'm' }, { model: 'm' }]);
    const ids = appended.map(({ call }) => call.id);
    expect(ids.slice(0, 2)).toEqual(['mine', 'key:1']);
    expect(ids[2]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[3]).not.toBe(ids[2]);
  });

  test('a duplicate is neither priced nor written, and not called late', async () => {
    const old = { model: 'm', id: 'a', time: NOW - LATE_AFTER_MS - 1 };
    expect(await offer([old])).toMatchObject({ accepted: 1, late: 1 });
    expect(await offer([old])).toEqual({ accepted: 0, duplicates: 1, late: 0, rejected: [] });
    expect(appended).toHaveLength(1);
  });
});

test("a token's workspace is that of every record; another one is refused, with its place", async () => {
  const receipt = await offer([{ model: 'm' }, { model: 'm', workspace_id: 'b', id: 'x' }, { model: 'm' }], 'a');
  expect(receipt).toMatchObject({ accepted: 2 });
  expect(receipt.rejected).toEqual([
    { index: 1, id: 'x', field: 'workspace_id', message: 'is not the workspace of this token' },
  ]);
  expect(appended.map(({ call }) => call.workspace)).toEqual(['a', 'a']);
});

test('a model without a price is counted and said to be unpriced; one without usage costs nothing', async () => {
  await offer([
    { model: 'other', usage: { prompt_tokens: 1 } },
    { model: 'priced' },
    { model: 'priced', inference_type: 'batch', usage: { prompt_tokens: 1_000_000 } },
  ]);
  expect(appended.map(({ call }) => [call.cost, call.unpriced])).toEqual([
    [null, true],
    [null, false],
    [{ currency: 'CNY', nano: 1_000_000_000 }, false],
  ]);
});

test('a group that fails makes the whole request fail, and every other one was waited for', async () => {
  const failed = Promise.reject(new Error('disk'));
  failed.catch(() => {});
  let count = 0;
  const spool = {
    pending: () => null,
    remembers: () => false,
    append: () => ({ durable: count++ === 0 ? Promise.resolve() : failed }),
  };
  const idHash = new IdHash(Buffer.alloc(8, 1));
  const failing = new Intake({
    spool: spool as unknown as Spool<Call>,
    clock: new ArrivalClock(),
    wall: Date.now,
    idHash,
    callers: new Callers({ idHash, secretKey: Buffer.alloc(32), apikeyAliases: new Map(), monitoring: MONITORING }),
    pricing: new Pricing({ models: new Map() }),
    lateAfterMs: LATE_AFTER_MS,
    content: CONTENT,
  });
  const admission = failing.begin(null);
  for (let i = 0; i < 3; i += 1) admission.offer({ model: 'm' }, null, null);
  await expect(admission.settle()).rejects.toThrow('disk');
});
