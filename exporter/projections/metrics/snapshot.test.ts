import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NewerSnapshotError } from '../../spool/snapshots.js';
import type { MetricsOptions } from './options.js';
import { MetricsProjection } from './projection.js';
import { SnapshotError } from './snapshot-reader.js';
import { anyCall, callOf, nastyText, OPTIONS, usageOf } from './testdata/calls.js';
import { readSeries } from './testdata/read-series.js';

const NOW = 1_700_000_100_000;
/** Of NOW, since the epoch. */
const HOUR = Math.floor(NOW / 3_600_000);
const LATER = NOW + 10 * OPTIONS.birthHoldMs;

function bytesOf(projection: MetricsProjection): Buffer {
  return Buffer.concat([...projection.encode(projection.freeze())]);
}

function restored(bytes: Uint8Array): MetricsProjection {
  const { projection, newEpoch } = MetricsProjection.restore(bytes, OPTIONS);
  expect(newEpoch).toBe(null);
  return projection;
}

function some(): MetricsProjection {
  const projection = MetricsProjection.create(OPTIONS);
  const cost = { currency: 'CNY', nano: 1_999_999_999 };
  const usage = usageOf({ total_tokens: 9, output_tokens: 5, image_count: 1, duration: 77 });
  projection.apply(callOf({ durationUs: 700_000, firstTokenUs: 90_000, usage, cost, late: true }), NOW);
  projection.apply(callOf({ outcome: 'failure', failure: 'timeout', statusCode: 504, errorCode: 'a:"b"\n' }), NOW + 1);
  return projection;
}

describe('a snapshot', () => {
  it('gives the same state back, byte for byte and at every moment of the hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyCall(fc.oneof(fc.constant('a'), nastyText)), fc.nat(1000)), { maxLength: 30 }),
        (steps) => {
          const projection = MetricsProjection.create(OPTIONS);
          let now = NOW;
          for (const [call, passed] of steps) {
            now += passed;
            projection.apply(call, now);
          }
          const bytes = bytesOf(projection);
          const copy = restored(bytes);
          expect(bytesOf(copy).equals(bytes)).toBe(true);
          expect([copy.epoch, copy.series]).toEqual([projection.epoch, projection.series]);
          for (const at of [NOW, NOW + OPTIONS.birthHoldMs, now + OPTIONS.birthHoldMs]) {
            expect(readSeries(copy.view(at))).toEqual(readSeries(projection.view(at)));
          }
        },
      ),
    );
  });

  it('goes on as if it had never stopped, wherever it stopped', () => {
    fc.assert(
      fc.property(fc.array(anyCall(), { maxLength: 40 }), fc.nat(40), (calls, split) => {
        const whole = MetricsProjection.create(OPTIONS);
        let stopped = MetricsProjection.create(OPTIONS);
        calls.forEach((call, index) => {
          if (index === split) stopped = restored(bytesOf(stopped));
          whole.apply(call, NOW + index);
          stopped.apply(call, NOW + index);
        });
        expect(bytesOf(stopped).equals(bytesOf(whole))).toBe(true);
        expect(readSeries(stopped.view(LATER))).toEqual(readSeries(whole.view(LATER)));
      }),
    );
  });

  it('is of the moment it was frozen, whatever is counted while it is written', () => {
    const projection = some();
    const frozen = projection.freeze();
    const expected = Buffer.concat([...projection.encode(frozen)]);
    for (let model = 0; model < 100; model++) projection.apply(callOf({ model: `m${model}`, durationUs: 1 }), NOW + 2);
    projection.apply(callOf({ durationUs: 1 }), NOW + 2);
    projection.beginEpoch(NOW + 3);
    expect(Buffer.concat([...projection.encode(frozen)]).equals(expected)).toBe(true);
  });

  it('comes in pieces of 64 KB at most', () => {
    const projection = MetricsProjection.create(OPTIONS);
    for (let key = 0; key < 20_000; key++) projection.apply(callOf({ apikey: `模型-${key}` }), NOW);
    const sizes = [...projection.encode(projection.freeze())].map((piece) => piece.byteLength);
    expect(sizes.length).toBeGreaterThan(20);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
  });

  it('carries sums on beyond 2^53', () => {
    const projection = MetricsProjection.create(OPTIONS);
    for (const _ of [1, 2, 3]) projection.apply(callOf({ usage: usageOf({ total_tokens: 2 ** 53 - 1 }) }), NOW);
    expect(readSeries(restored(bytesOf(projection)).view(LATER))).toEqual(readSeries(projection.view(LATER)));
  });

  it('tells of births again after a restart, because only the clock remembers that they were shown', () => {
    const projection = some();
    projection.noteRender(LATER);
    const copy = restored(bytesOf(projection));
    expect(copy.reveals(NOW)).toBe(false);
    expect(copy.reveals(LATER)).toBe(true);
    copy.noteRender(LATER);
    expect(copy.reveals(LATER)).toBe(false);
  });

  it('begins a new epoch when buckets changed, and keeps every series', () => {
    const projection = some();
    projection.beginEpoch(NOW + 5);
    projection.apply(callOf({ durationUs: 5 }), NOW + 6);
    const buckets = { ...OPTIONS.buckets, durationSeconds: [0.5, 2, 10, 60] };
    const { projection: copy, newEpoch } = MetricsProjection.restore(bytesOf(projection), {
      ...OPTIONS,
      buckets,
    });
    copy.beginEpoch(NOW + 1000);
    expect(newEpoch).toBe('the buckets changed of model_call_duration_seconds');
    expect(copy.epoch).toBeGreaterThan(projection.epoch);
    expect([1000, 999].map((after) => copy.reveals(NOW + after + OPTIONS.birthHoldMs))).toEqual([true, false]);
    const series = readSeries(copy.view(LATER));
    const others = (key: string) => !key.startsWith('model_call_duration_seconds_bucket');
    expect(Object.keys(series).filter(others)).toEqual(Object.keys(readSeries(projection.view(LATER))).filter(others));
    expect(Object.keys(series).filter((key) => !others(key))).toHaveLength(5);
    const own = (key: string) => key.startsWith('model_observation_');
    expect(Object.entries(series).filter(([key, value]) => value !== 0 && !own(key))).toEqual([
      ['model_last_call_timestamp_seconds{workspace_id="default",model="qwen-plus"}', 1_700_000_000.7],
      ['model_workspace_info{workspace_id="default",monitoring="advanced"}', 1],
    ]);
    copy.apply(callOf({ durationUs: 5 }), NOW + 2000);
    expect(readSeries(copy.view(LATER))).toMatchObject({
      'model_call_duration_seconds_bucket{workspace_id="default",model="qwen-plus",apikey_id="others",inference_type="realtime",le="2.0"}': 1,
    });
  });
});

it('a snapshot of version 1 goes on, with what it did not know yet', () => {
  const saved = readFileSync(new URL('testdata/series-v1.snapshot', import.meta.url));
  const copy = restored(saved);
  expect(readSeries(copy.view(LATER))).toEqual(readSeries(some().view(LATER)));
  copy.apply(callOf(), LATER);
  expect(copy.series).toBe(some().series);
  // When it was last called is not known, so the seven days begin now.
  expect(Object.keys(readSeries(copy.view(LATER + 6 * 86_400_000)))).toHaveLength(copy.series);
});

describe('a snapshot under another birth hold', () => {
  const shown = some();
  const bytes = bytesOf(shown);
  const reopened = (changes: Partial<MetricsOptions>) => MetricsProjection.restore(bytes, { ...OPTIONS, ...changes });
  const birthHoldMs = OPTIONS.birthHoldMs + 1;

  it('begins a new epoch when it was raised: counters that were shown would read 0 for a while and come back', () => {
    const { projection, newEpoch } = reopened({ birthHoldMs });
    expect(newEpoch).toBe('metrics.birth_hold was raised');
    projection.beginEpoch(NOW + OPTIONS.birthHoldMs);
    expect(projection.epoch).toBeGreaterThan(shown.epoch);
    const calls = Object.entries(readSeries(projection.view(LATER))).filter(([key]) => key.startsWith('model_calls'));
    expect(calls.map(([, value]) => value)).toEqual(calls.map(() => 0));
  });

  it('goes on when it was lowered, or is not known', () => {
    expect(reopened({ birthHoldMs: OPTIONS.birthHoldMs - 1 }).newEpoch).toBe(null);
    const unsaid = Buffer.from(bytes.toString('latin1').replace(/"birthHoldMs":\d+,/, ''), 'latin1');
    expect(unsaid.length).toBeLessThan(bytes.length);
    expect(MetricsProjection.restore(unsaid, { ...OPTIONS, birthHoldMs }).newEpoch).toBe(null);
  });

  it('is judged by the hold of the last run, not of the first', () => {
    const lowered = reopened({ birthHoldMs: 0 }).projection;
    const { newEpoch } = MetricsProjection.restore(bytesOf(lowered), OPTIONS);
    expect(newEpoch).toBe('metrics.birth_hold was raised');
  });

  it('says so beside changed buckets', () => {
    const buckets = { ...OPTIONS.buckets, durationSeconds: [1] };
    expect(reopened({ birthHoldMs, buckets }).newEpoch).toBe(
      'the buckets changed of model_call_duration_seconds; metrics.birth_hold was raised',
    );
  });
});

it('a snapshot of a newer version is not taken for a damaged one, which would be replaced', () => {
  const newer = bytesOf(some()).toString('latin1').replace('"version":2', '"version":3');
  const restore = () => restored(Buffer.from(newer, 'latin1'));
  expect(restore).toThrow(NewerSnapshotError);
  expect(restore).toThrow(/^The metrics section of a snapshot has version 3; this program reads up to 2\./);
});

describe('a damaged snapshot', () => {
  const bytes = bytesOf(some());
  const text = bytes.toString('latin1');

  it('is refused wherever it is cut', () => {
    for (let end = 0; end < bytes.length; end++) {
      expect(() => restored(bytes.subarray(0, end)), `cut at ${end}`).toThrow(SnapshotError);
    }
  });

  it('is refused, or read as numbers that could be, whichever byte is changed', () => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      try {
        MetricsProjection.restore(changed, OPTIONS);
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(SnapshotError);
      }
    }
  });

  it.each([
    ['nothing', '', 'line 1: ends before'],
    ['no JSON', 'hello\n', 'line 1: is not JSON'],
    ['another format', '{"format":"x"}\n', 'line 1: is no model-observation-series header'],
    ['no version', text.replace('"version":2', '"version":"2"'), 'line 1: has no version'],
    ['a birth hold in words', text.replace(/"birthHoldMs":\d+/, '"birthHoldMs":"35s"'), 'line 1: has no birth hold'],
    ['no epoch', text.replace(/"epoch":\d+/, '"epoch":-1'), 'line 1: is incomplete'],
    ['buckets that fall', text.replace('[500000,1000000', '[500000,100000'), 'duration buckets are not ascending'],
    ['a workspace twice', twice('workspaces', '["default","advanced"]'), 'has the workspace "default" again'],
    [
      'a workspace watched in no mode',
      text.replace('["default","advanced"]', '["default","closely"]'),
      'is no workspace',
    ],
    ['a model twice', twice('models', '[0,"qwen-plus"]'), 'has the model "qwen-plus" again'],
    ['a model of no workspace', text.replace('[0,"qwen-plus"]', '[9,"qwen-plus"]'), 'is no model'],
    ['a tuple twice', twice('tuples', `[0,"others","realtime",${HOUR}]`), 'has the key "others" again'],
    ['a tuple of no sort', text.replace('"realtime",', '"whenever",'), 'is no tuple'],
    ['a tuple of no hour', text.replace(`"realtime",${HOUR}]`, '"realtime",-1]'), 'has no hour'],
    ['no limits', text.replace('"limits":{"workspace":', '"limits":{"workspaces":'), 'line 1: has no limits'],
    ['a block twice', twice('calls', '[0,"HTTP"]'), 'has a calls block again'],
    ['a block of no protocol', text.replace('[0,"HTTP"]', '[0,"SMTP"]'), 'a tuple has no calls block'],
    ['an error of no status', text.replace('"504:', '"0504:'), 'a tuple has no errors block'],
    ['a number too many', `${text}12345678`, 'bytes of numbers where its blocks need'],
  ])('is refused with %s', (_what, damaged, message) => {
    expect(() => restored(Buffer.from(damaged, 'latin1'))).toThrow(SnapshotError);
    expect(() => restored(Buffer.from(damaged, 'latin1'))).toThrow(message);
  });

  it.each([Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY])('is refused with the count %d', (count) => {
    const damaged = Buffer.from(bytes);
    damaged.writeDoubleLE(count, numbersFrom(damaged) + 8);
    expect(() => restored(damaged)).toThrow(/begins no calls block/);
  });

  /** The text with a line doubled and the header's count raised. */
  function twice(what: string, line: string): string {
    const raised = text.replace(new RegExp(`"${what}":(\\d+)`), (_, count) => `"${what}":${Number(count) + 1}`);
    return raised.replace(`${line}\n`, `${line}\n${line}\n`);
  }

  /** Where the numbers begin: after as many lines as the header counts. */
  function numbersFrom(snapshot: Buffer): number {
    const header = JSON.parse(snapshot.subarray(0, snapshot.indexOf(10)).toString()) as Record<string, number> & {
      blocks: Record<string, number>;
    };
    const blocks = Object.values(header.blocks).reduce((sum, count) => sum + count, 0);
    let lines = 1 + (header.workspaces ?? 0) + (header.models ?? 0) + (header.tuples ?? 0) + blocks;
    let at = 0;
    for (; lines > 0; lines--) at = snapshot.indexOf(10, at) + 1;
    return at;
  }
});
