import { describe, expect, it } from 'vitest';
import { MetricsProjection } from './projection.js';
import { callOf, OPTIONS, usageOf } from './testdata/calls.js';
import { readSeries } from './testdata/read-series.js';

const BORN = 1_700_000_100_000;
const HOLD = OPTIONS.birthHoldMs;

const everything = callOf({
  durationUs: 2_000_000,
  firstTokenUs: 500_000,
  usage: usageOf({ total_tokens: 30, output_tokens: 20, cache_tokens: 10, duration: 5 }),
  cost: { currency: 'CNY', nano: 1_500_000_000 },
  late: true,
  unpriced: true,
});
const failure = callOf({ outcome: 'failure', failure: 'timeout', statusCode: 504, errorCode: 'Timeout' });

function counters(projection: MetricsProjection, now: number): number[] {
  const gauges =
    /^model_(last_call_timestamp_seconds|workspace_info|quota|observation_(workspace_series|series_limit))/;
  const series = Object.entries(readSeries(projection.view(now)));
  return series.filter(([key]) => !gauges.test(key)).map(([, value]) => value);
}

describe('birth hold', () => {
  it.each([
    { after: 0, shown: false },
    { after: 1, shown: false },
    { after: HOLD - 1, shown: false },
    { after: HOLD, shown: true },
    { after: HOLD + 1, shown: true },
    { after: 10 * HOLD, shown: true },
  ])('$after ms after the first record the counters are shown: $shown', ({ after, shown }) => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(everything, BORN);
    projection.apply(failure, BORN);
    const values = counters(projection, BORN + after);
    expect(values.length).toBeGreaterThan(30);
    expect(values.some((value) => value !== 0)).toBe(shown);
  });

  it('holds from the first record, not from the last, and then shows all of them', () => {
    const projection = MetricsProjection.create(OPTIONS);
    for (let at = 0; at <= HOLD; at += 1000) projection.apply(callOf(), BORN + at);
    expect(Math.max(...counters(projection, BORN + HOLD - 1))).toBe(0);
    expect(Math.max(...counters(projection, BORN + HOLD))).toBe(HOLD / 1000 + 1);
  });

  it('holds series of a known tuple that are born later by themselves', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(callOf({ protocol: 'HTTP' }), BORN);
    projection.apply(callOf({ protocol: 'SSE' }), BORN + HOLD);
    const calls = (now: number) => counters(projection, now).filter((value) => value > 0).length;
    expect(calls(BORN + HOLD)).toBe(1);
    expect(calls(BORN + 2 * HOLD - 1)).toBe(1);
    expect(calls(BORN + 2 * HOLD)).toBe(2);
  });

  it('does not hold gauges', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(everything, BORN);
    expect(readSeries(projection.view(BORN))).toMatchObject({
      'model_last_call_timestamp_seconds{workspace_id="default",model="qwen-plus"}': 1_700_000_002,
      'model_workspace_info{workspace_id="default",monitoring="advanced"}': 1,
    });
  });

  it('says once that a render shows something new', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(callOf({ model: 'one' }), BORN);
    projection.apply(callOf({ model: 'two' }), BORN + 10);
    const revealsOnce = (nowMs: number): boolean => {
      const reveals = projection.reveals(nowMs);
      expect(projection.reveals(nowMs), 'asking changes nothing').toBe(reveals);
      projection.noteRender(nowMs);
      expect(projection.reveals(nowMs)).toBe(false);
      return reveals;
    };
    expect(revealsOnce(BORN + HOLD - 1)).toBe(false);
    expect(revealsOnce(BORN + HOLD)).toBe(true);
    projection.apply(callOf({ model: 'one' }), BORN + HOLD);
    expect(revealsOnce(BORN + HOLD + 9)).toBe(false);
    expect(revealsOnce(BORN + HOLD + 10)).toBe(true);
    expect(revealsOnce(BORN + 50 * HOLD)).toBe(false);
  });

  it('tells of every birth of a long run', () => {
    const projection = MetricsProjection.create({ ...OPTIONS, birthHoldMs: 5000 });
    for (let at = 1; at <= 20_000; at++) {
      projection.apply(callOf({ model: `model-${at}` }), at);
      expect(projection.reveals(at)).toBe(at > 5000);
      projection.noteRender(at);
    }
  });

  it('never lets a birth go back behind an earlier one', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(callOf({ model: 'one' }), BORN);
    projection.apply(callOf({ model: 'two' }), BORN - HOLD);
    expect(Math.max(...counters(projection, BORN + HOLD - 1))).toBe(0);
  });
});

describe('a new epoch', () => {
  it('is told from the one before by a higher number, however soon it comes', () => {
    const projection = MetricsProjection.create(OPTIONS);
    expect(projection.epoch).toBe(0);
    projection.apply(everything, 5_000);
    expect(projection.epoch).toBe(5);
    projection.apply(everything, 9_000);
    projection.beginEpoch(5_001);
    projection.beginEpoch(5_002);
    expect(projection.epoch).toBe(7);
    projection.beginEpoch(90_000);
    expect(projection.epoch).toBe(90);
  });

  it('bears all counters again at 0, keeps series and gauges, and holds what comes next', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(everything, BORN);
    projection.apply(failure, BORN);
    const before = readSeries(projection.view(BORN + HOLD));
    const second = BORN + 10 * HOLD;
    expect(projection.epoch).toBe(Math.floor(BORN / 1000));
    projection.beginEpoch(second);
    expect(projection.epoch).toBe(Math.max(Math.floor(BORN / 1000) + 1, Math.floor(second / 1000)));
    const after = readSeries(projection.view(second + HOLD));
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(counters(projection, second + HOLD).every((value) => value === 0)).toBe(true);
    expect(after).toMatchObject({
      'model_last_call_timestamp_seconds{workspace_id="default",model="qwen-plus"}': 1_700_000_002,
    });

    projection.apply(everything, second + 1);
    projection.apply(failure, second + 1);
    expect(counters(projection, second + HOLD - 1).every((value) => value === 0)).toBe(true);
    expect(readSeries(projection.view(second + HOLD))).toEqual(before);
    expect(projection.reveals(second + HOLD)).toBe(true);
  });
});
