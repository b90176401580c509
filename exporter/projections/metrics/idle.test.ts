import { describe, expect, it } from 'vitest';
import { MetricsProjection } from './projection.js';
import { callOf, OPTIONS } from './testdata/calls.js';
import { readSeries } from './testdata/read-series.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 10, 30);
const HOLD = OPTIONS.birthHoldMs;

function calls(projection: MetricsProjection, now: number): Record<string, number> {
  const entries = Object.entries(readSeries(projection.view(now))).filter(([key]) => key.includes('success'));
  return Object.fromEntries(entries.map(([key, value]) => [/model="([^"]*)"/.exec(key)?.[1] ?? '', value]));
}

function restored(projection: MetricsProjection): MetricsProjection {
  return MetricsProjection.restore(Buffer.concat([...projection.encode(projection.freeze())]), OPTIONS).projection;
}

describe('a tuple without a call for seven days', () => {
  it('leaves within the next hour with all its series, and takes its model and workspace along', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(callOf({ workspace: 'gone', model: 'gone', late: true, durationUs: 5 }), NOW);
    projection.apply(callOf({ model: 'busy' }), NOW);
    for (let hour = 1; hour <= 7 * 24; hour++) projection.apply(callOf({ model: 'busy' }), NOW + hour * HOUR);
    expect(Object.keys(calls(projection, NOW + 7 * DAY))).toEqual(['gone', 'busy']);
    const all = readSeries(projection.view(NOW + 7 * DAY + HOUR));
    expect(Object.keys(all).some((key) => key.includes('gone'))).toBe(false);
    expect(projection.series).toBe(Object.keys(all).length);
    expect(all['model_observation_workspace_series{workspace_id="default"}']).toBe(
      Object.keys(all).filter((key) => key.includes('workspace_id="default"')).length,
    );
  });

  it('leaves although nobody calls any more', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(callOf(), NOW);
    expect(Object.keys(calls(projection, NOW + 7 * DAY))).toHaveLength(1);
    expect(calls(projection, NOW + 8 * DAY)).toEqual({});
  });

  it('comes back born at 0, and shows its value after the hold', () => {
    const projection = MetricsProjection.create(OPTIONS);
    for (let count = 0; count < 5; count++) projection.apply(callOf({ model: 'back' }), NOW);
    const back = NOW + 9 * DAY;
    expect(calls(projection, back)).toEqual({});
    projection.apply(callOf({ model: 'back' }), back);
    projection.apply(callOf({ model: 'back' }), back + 1);
    expect(calls(projection, back + HOLD - 1)).toEqual({ back: 0 });
    expect(calls(projection, back + HOLD)).toEqual({ back: 2 });
  });

  it('is forgotten at the same place among the calls after a crash', () => {
    const whole = MetricsProjection.create(OPTIONS);
    whole.apply(callOf({ model: 'a' }), NOW);
    whole.apply(callOf({ model: 'b' }), NOW + DAY);
    const copy = restored(whole);
    for (const projection of [whole, copy]) {
      projection.apply(callOf({ model: 'b' }), NOW + 7 * DAY + 2 * HOUR);
      projection.apply(callOf({ model: 'a' }), NOW + 7 * DAY + 2 * HOUR);
    }
    expect(calls(copy, NOW + 8 * DAY)).toEqual({ a: 1, b: 2 });
    expect(readSeries(copy.view(NOW + 8 * DAY))).toEqual(readSeries(whole.view(NOW + 8 * DAY)));
  });

  it('gives its room to others: series that come and go need no more memory than at their most', () => {
    const projection = MetricsProjection.create(OPTIONS);
    const pagesAfter = [1, 2, 3, 4].map((round) => {
      for (let key = 0; key < 5000; key++) {
        projection.apply(callOf({ apikey: `${round}-${key}`, durationUs: 5 }), NOW + round * 8 * DAY);
      }
      return projection.view(NOW + round * 8 * DAY).numbers.pages.length;
    });
    expect(new Set(pagesAfter).size).toBe(1);
  });

  it('does not change what was being rendered or saved when it left', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(callOf({ model: 'old' }), NOW);
    const frozen = projection.freeze();
    const saved = Buffer.concat([...projection.encode(frozen)]);
    projection.apply(callOf({ model: 'new' }), NOW + 9 * DAY);
    expect(Buffer.concat([...projection.encode(frozen)]).equals(saved)).toBe(true);
  });
});
