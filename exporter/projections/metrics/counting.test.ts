import { describe, expect, it } from 'vitest';
import type { Call } from '../../call/call.js';
import { USAGE_TYPES } from '../../call/call.js';
import type { MetricsOptions } from './options.js';
import { MetricsProjection } from './projection.js';
import { callOf, OPTIONS, usageOf } from './testdata/calls.js';
import { readSeries } from './testdata/read-series.js';

/** After the time of `callOf`. */
const ARRIVAL = 1_700_000_100_000;

/** Series after these calls, hold over, that are not 0; the labels of `callOf` left out. */
function counted(calls: Partial<Call>[], options: Partial<MetricsOptions> = {}): Record<string, number> {
  const projection = MetricsProjection.create({ ...OPTIONS, birthHoldMs: 0, ...options });
  for (const call of calls) projection.apply(callOf(call), ARRIVAL);
  const entries = Object.entries(readSeries(projection.view(ARRIVAL))).filter(([, value]) => value !== 0);
  return Object.fromEntries(entries.map(([key, value]) => [key.replace(BASE, ''), value]));
}
const BASE = /workspace_id="default",model="qwen-plus",?(apikey_id="others",inference_type="realtime",?)?/;

function family(series: Record<string, number>, name: string): Record<string, number> {
  const own = Object.entries(series).filter(([key]) => key.startsWith(name));
  return Object.fromEntries(own.map(([key, value]) => [key.slice(name.length), value]));
}

describe('what a call counts', () => {
  it('counts calls by protocol and outcome', () => {
    const calls = counted([
      {},
      { protocol: 'SSE' },
      { protocol: 'SSE', outcome: 'cancelled', statusCode: 499 },
      { protocol: 'WS', outcome: 'failure', failure: 'server_error', statusCode: 500 },
    ]);
    expect(family(calls, 'model_calls_total')).toEqual({
      '{protocol="HTTP",outcome="success"}': 1,
      '{protocol="SSE",outcome="success"}': 1,
      '{protocol="SSE",outcome="cancelled"}': 1,
      '{protocol="WS",outcome="failure"}': 1,
    });
  });

  it('bears all outcomes of a protocol together, and no other protocol', () => {
    const projection = MetricsProjection.create(OPTIONS);
    projection.apply(callOf(), 0);
    const calls = Object.keys(readSeries(projection.view(0))).filter((key) => key.startsWith('model_calls_total'));
    expect(calls.map((key) => /protocol=.*/.exec(key)?.[0])).toEqual([
      'protocol="HTTP",outcome="success"}',
      'protocol="HTTP",outcome="failure"}',
      'protocol="HTTP",outcome="cancelled"}',
    ]);
  });

  it('counts failures by kind, and their codes apart however they are cut', () => {
    const failed = { outcome: 'failure', failure: 'rate_limited' } as const;
    const calls = counted([
      { ...failed, statusCode: 429, errorCode: 'Throttling' },
      { ...failed, statusCode: 429, errorCode: 'Throttling' },
      { ...failed, statusCode: 429, errorCode: '' },
      { ...failed, statusCode: 429, errorCode: '4:Throttling' },
    ]);
    expect(family(calls, 'model_call_failures_total')).toEqual({ '{failure="rate_limited"}': 4 });
    expect(family(calls, 'model_call_errors_total')).toEqual({
      '{status_code="429",error_code="Throttling"}': 2,
      '{status_code="429",error_code=""}': 1,
      '{status_code="429",error_code="4:Throttling"}': 1,
    });
  });

  it('tells timeouts without a first token from those cut while generating', () => {
    const timeout = { outcome: 'failure', failure: 'timeout', statusCode: 504 } as const;
    const calls = counted([timeout, { ...timeout, firstTokenUs: 0 }, { ...timeout, firstTokenUs: 5 }]);
    expect(family(calls, 'model_call_timeouts_total')).toEqual({
      '{stage="first_token"}': 1,
      '{stage="generation"}': 2,
    });
  });

  it('counts every type of usage, the duration in seconds', () => {
    const usage = usageOf(Object.fromEntries(USAGE_TYPES.map((type, index) => [type, (index + 1) * 1_000_000])));
    const series = family(counted([{ usage }]), 'model_usage_total');
    expect(series).toEqual(
      Object.fromEntries(
        USAGE_TYPES.map((type, index) => [
          `{usage_type="${type}"}`,
          type === 'duration' ? index + 1 : (index + 1) * 1_000_000,
        ]),
      ),
    );
  });

  it('bears the basic usage types together and every other one when it is first above 0', () => {
    const projection = MetricsProjection.create(OPTIONS);
    const types = () => {
      const keys = Object.keys(readSeries(projection.view(0))).filter((key) => key.startsWith('model_usage_total'));
      return keys.map((key) => /usage_type="(.*)"/.exec(key)?.[1]);
    };
    projection.apply(callOf(), 0);
    expect(types()).toEqual([]);
    projection.apply(callOf({ usage: usageOf({}) }), 0);
    expect(types()).toEqual(['total_tokens', 'input_tokens', 'output_tokens']);
    projection.apply(callOf({ usage: usageOf({ cache_tokens: 3 }) }), 0);
    expect(types()).toEqual(['total_tokens', 'input_tokens', 'output_tokens', 'cache_tokens']);
  });

  it.each(['cancelled', 'failure'] as const)('counts usage and cost of a call that ended in %s', (outcome) => {
    const failure = outcome === 'failure' ? ('timeout' as const) : null;
    const call = { outcome, failure, usage: usageOf({ total_tokens: 7 }), cost: { currency: 'CNY', nano: 5e8 } };
    const series = counted([call]);
    expect(family(series, 'model_usage_total')).toEqual({ '{usage_type="total_tokens"}': 7 });
    expect(family(series, 'model_cost_total')).toEqual({ '{currency="CNY"}': 0.5 });
  });

  it('puts a duration on a bound into the bucket of that bound, and what is over all bounds into +Inf', () => {
    const series = counted([0, 500_000, 500_001, 10_000_000, 10_000_001].map((durationUs) => ({ durationUs })));
    expect(family(series, 'model_call_duration_seconds')).toEqual({
      '_bucket{le="0.5"}': 2,
      '_bucket{le="1.0"}': 3,
      '_bucket{le="10.0"}': 4,
      '_bucket{le="+Inf"}': 5,
      '_sum{}': 21.000002,
      '_count{}': 5,
    });
  });

  it('observes durations of successes only, and first tokens of streamed ones only', () => {
    const timed = { durationUs: 1_000_000, firstTokenUs: 250_000 };
    const series = counted([
      timed,
      { durationUs: 2_000_000 },
      { ...timed, outcome: 'cancelled' },
      { ...timed, outcome: 'failure', failure: 'timeout' },
    ]);
    expect(family(series, 'model_call_duration_seconds_count')).toEqual({ '{}': 2 });
    expect(family(series, 'model_first_token_duration_seconds_count')).toEqual({ '{}': 1 });
    expect(family(series, 'model_first_token_duration_seconds_sum')).toEqual({ '{}': 0.25 });
  });

  it.each([
    { output: 0, sum: undefined },
    { output: 1, sum: undefined },
    { output: 2, sum: 1 },
    { output: 4, sum: 0.333333 },
    { output: 101, sum: 0.01 },
  ])('spreads generation over the tokens after the first: $output output tokens', ({ output, sum }) => {
    const usage = usageOf({ output_tokens: output });
    const series = counted([{ durationUs: 1_500_000, firstTokenUs: 500_000, usage }]);
    expect(family(series, 'model_generation_duration_per_token_seconds_sum')['{}']).toBe(sum);
  });

  it('adds up cost exactly, with the carry', () => {
    const calls = [0.1, 0.2, 0.7, 1.9, 5000].map((units) => ({
      cost: { currency: 'CNY', nano: Math.round(units * 1e9) },
    }));
    expect(family(counted(calls), 'model_cost_total')).toEqual({ '{currency="CNY"}': 5002.9 });
  });

  it('keeps the latest end of all calls of a model, whatever their order', () => {
    const series = counted([
      { time: 1_700_000_000_000, durationUs: 1_500_000 },
      { time: 1_600_000_000_000, apikey: 'k2' },
      { time: 1_700_000_000_001 },
    ]);
    expect(family(series, 'model_last_call_timestamp_seconds')).toEqual({ '{}': 1_700_000_001.5 });
  });

  it('does not believe that a call ended after its record arrived', () => {
    const ahead = counted([{ time: ARRIVAL - 1000 }, { time: ARRIVAL + 300_000, durationUs: 60_000_000 }]);
    expect(family(ahead, 'model_last_call_timestamp_seconds')).toEqual({ '{}': ARRIVAL / 1000 });
  });

  it('counts late and unpriced calls by workspace and model', () => {
    const series = counted([{ late: true }, { late: true, apikey: 'k2' }, { unpriced: true }]);
    expect(family(series, 'model_observation_late_calls_total')).toEqual({ '{}': 2 });
    expect(family(series, 'model_observation_unpriced_calls_total')).toEqual({ '{}': 1 });
  });

  it('shows the configured quotas and every workspace seen', () => {
    const quotas = [
      { workspace: '*', model: 'qwen-plus', rpm: 60, tpm: null },
      { workspace: 'search', model: 'qwen-max', rpm: null, tpm: 1e6 },
    ];
    const series = counted([{ workspace: 'search' }], { quotas });
    expect(family(series, 'model_quota')).toEqual({
      '{workspace_id="*",model="qwen-plus",limit="rpm"}': 60,
      '{workspace_id="search",model="qwen-max",limit="tpm"}': 1e6,
    });
    expect(family(series, 'model_workspace_info')).toEqual({ '{workspace_id="search",monitoring="advanced"}': 1 });
  });

  it('knows how many series it exposes', () => {
    const projection = MetricsProjection.create({
      ...OPTIONS,
      quotas: [{ workspace: '*', model: 'qwen-plus', rpm: 60, tpm: 1000 }],
    });
    // The limits of series are two, too.
    expect(projection.series).toBe(4);
    projection.apply(callOf({ durationUs: 1, usage: usageOf({ times: 1 }) }), 0);
    expect(projection.series).toBe(Object.keys(readSeries(projection.view(0))).length);
  });

  it('puts values with lone surrogates together, which the wire cannot tell apart', () => {
    const series = counted([{ model: 'a\ud800' }, { model: 'a\udfff' }, { model: 'a\ufffd' }]);
    expect(Object.entries(family(series, 'model_calls_total'))).toEqual([
      [
        '{workspace_id="default",model="a\ufffd",apikey_id="others",inference_type="realtime",protocol="HTTP",outcome="success"}',
        3,
      ],
    ]);
  });

  it.each([[[1, 0.5]], [[0, 1]], [[-1, 1]], [[Number.NaN]], [[1, 1.0000001]], [[Number.POSITIVE_INFINITY]]])(
    'refuses the buckets %j',
    (durationSeconds) => {
      const buckets = { ...OPTIONS.buckets, durationSeconds };
      expect(() => MetricsProjection.create({ ...OPTIONS, buckets })).toThrow(RangeError);
    },
  );
});
