import { describe, expect, it } from 'vitest';
import type { Call } from '../../call/call.js';
import { MetricsProjection } from './projection.js';
import { callOf, OPTIONS, usageOf } from './testdata/calls.js';
import { readSeries } from './testdata/read-series.js';

const NOW = 1_700_000_100_000;
const HOLD = OPTIONS.birthHoldMs;
const BASE = 'workspace_id="default",model="qwen-plus",apikey_id="others",inference_type="realtime"';

const streamed = callOf({
  protocol: 'SSE',
  durationUs: 700_000,
  firstTokenUs: 90_000,
  usage: usageOf({ total_tokens: 12, input_tokens: 10, output_tokens: 2 }),
});
const failed = callOf({ outcome: 'failure', failure: 'rate_limited', statusCode: 429, errorCode: 'Throttling' });
const basic = (call: Call): Call => ({ ...call, monitoring: 'basic' });

function projectionOf(...calls: Call[]): MetricsProjection {
  const projection = MetricsProjection.create(OPTIONS);
  for (const call of calls) projection.apply(call, NOW);
  return projection;
}

function about(projection: MetricsProjection, pattern: RegExp, now = NOW + HOLD): [string, number][] {
  return Object.entries(readSeries(projection.view(now))).filter(([key]) => pattern.test(key));
}

describe('a workspace in basic mode', () => {
  it('has sums and counts of its histograms, no buckets, and no error codes', () => {
    const projection = projectionOf(basic(streamed), basic(streamed), basic(failed));
    expect(about(projection, /_bucket|model_call_errors_total/)).toEqual([]);
    expect(Object.fromEntries(about(projection, /_(sum|count){/))).toEqual({
      [`model_call_duration_seconds_sum{${BASE}}`]: 1.4,
      [`model_call_duration_seconds_count{${BASE}}`]: 2,
      [`model_first_token_duration_seconds_sum{${BASE}}`]: 0.18,
      [`model_first_token_duration_seconds_count{${BASE}}`]: 2,
      [`model_generation_duration_per_token_seconds_sum{${BASE}}`]: 1.22,
      [`model_generation_duration_per_token_seconds_count{${BASE}}`]: 2,
    });
    expect(about(projection, /workspace_info/)).toEqual([
      ['model_workspace_info{workspace_id="default",monitoring="basic"}', 1],
    ]);
  });

  it('counts calls, failures, usage and the rest as always', () => {
    const others = /^model_(calls|call_failures|call_timeouts|usage|cost|last)/;
    expect(about(projectionOf(basic(streamed), basic(failed)), others)).toEqual(
      about(projectionOf(streamed, failed), others),
    );
  });
});

describe('a workspace that is watched otherwise from now on', () => {
  it('to basic: buckets and error codes leave, sums and counts go on exactly, without a hold', () => {
    const projection = projectionOf(streamed, failed, streamed);
    projection.apply(basic(streamed), NOW + HOLD);
    expect(about(projection, /_bucket|model_call_errors_total/)).toEqual([]);
    const series = readSeries(projection.view(NOW + HOLD));
    expect(series[`model_call_duration_seconds_count{${BASE}}`]).toBe(3);
    expect(series[`model_call_duration_seconds_sum{${BASE}}`]).toBe(2.1);
    expect(about(projection, /workspace_info/).map(([key]) => key)).toEqual([
      'model_workspace_info{workspace_id="default",monitoring="basic"}',
    ]);
    expect(projection.series).toBe(Object.keys(series).length);
  });

  it('to advanced: histograms begin again at 0 with all their buckets, and other counters go on', () => {
    const projection = projectionOf(basic(streamed), basic(streamed));
    projection.apply(streamed, NOW + HOLD);
    const at = (now: number) => readSeries(projection.view(now));
    expect(at(NOW + HOLD)[`model_call_duration_seconds_count{${BASE}}`]).toBe(0);
    expect(at(NOW + 2 * HOLD)[`model_call_duration_seconds_count{${BASE}}`]).toBe(1);
    expect(at(NOW + 2 * HOLD)[`model_call_duration_seconds_bucket{${BASE},le="1.0"}`]).toBe(1);
    expect(at(NOW + HOLD)[`model_calls_total{${BASE},protocol="SSE",outcome="success"}`]).toBe(3);
  });

  it('there and back, over a restart in between, no line stands twice', () => {
    let projection = projectionOf(streamed, failed);
    for (const call of [basic(failed), streamed, basic(streamed), failed]) {
      projection.apply(call, NOW + HOLD);
      const bytes = Buffer.concat([...projection.encode(projection.freeze())]);
      const copy = MetricsProjection.restore(bytes, OPTIONS).projection;
      expect(readSeries(copy.view(NOW + 2 * HOLD))).toEqual(readSeries(projection.view(NOW + 2 * HOLD)));
      projection = copy;
      // readSeries would show one line for two of the same name and labels; the table counts both.
      expect(projection.series).toBe(Object.keys(readSeries(projection.view(NOW))).length);
    }
  });

  it('leaves the others as they are', () => {
    const projection = projectionOf(streamed, { ...streamed, workspace: 'other' });
    projection.apply(basic(streamed), NOW);
    expect(about(projection, /_bucket.*/).every(([key]) => key.includes('workspace_id="other"'))).toBe(true);
    expect(about(projection, /_bucket/).length).toBeGreaterThan(0);
  });
});
