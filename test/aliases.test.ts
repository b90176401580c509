// Model Studio's documented queries, asked of a real Prometheus that evaluated the alias rules over hours of scrapes: the
// values are those that the calls had.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../exporter/call/call.js';
import { callOf, usageOf } from '../exporter/projections/metrics/testdata/calls.js';
import { seededRandom } from './call-records.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import type { Labels, PrometheusProcess, Range } from './harness/prometheus-process.js';
import { type Arrival, recordedHistory, someHoursAgo } from './recorded-history.js';

const MINUTE = 60_000;
const START = someHoursAgo(3);
const END = START + 90 * MINUTE;
/** A call each 3 s, and three failed ones a minute, for as long as the history is. */
const STEADY = 'llm-nymssti2mzww';
/** Calls as they come, in the middle of the history. */
const LIVELY = 'llm-lively';
const LIVELY_FROM = START + 5 * MINUTE;
const LIVELY_TO = START + 80 * MINUTE;
const BASIC = 'llm-basic';

const lively = livelyCalls();
let server: PrometheusProcess;

describe.runIf(hasPrograms('prometheus', 'promtool'))("Model Studio's documented queries", () => {
  beforeAll(async () => {
    server = await recordedHistory({
      start: START,
      end: END,
      exporters: [
        { instance: 'a:9490', phaseMs: 4_300 },
        { instance: 'b:9490', phaseMs: 11_900 },
      ],
      arrivals: [...steadyCalls(), ...lively].sort((one, other) => one.at - other.at),
      ruleFiles: ['prometheus/aliases/model-studio.yml'],
    });
  }, 120_000);

  it('example 1: the usage of all models and workspaces, minute by minute', async () => {
    const found = await documented('model_usage');
    const workspaces = new Set(found.map(({ metric }) => metric.workspace_id));
    expect([...workspaces].sort()).toEqual([BASIC, LIVELY, STEADY]);
    for (const { metric } of found) {
      expect(Object.keys(metric)).toEqual(
        expect.arrayContaining(['user_id', 'apikey_id', 'workspace_id', 'model', 'sub_protocol', 'usage_type']),
      );
    }
  });

  it('example 2: that of a model in a workspace', async () => {
    const found = await documented(`model_usage{workspace_id="${STEADY}",model="qwen-plus"}`);
    // 20 calls a minute, of 3,019 and 104 tokens; 2,048 from cache.
    expect(everyMinute(found, 'usage_type')).toEqual({
      cache_tokens: 40_960,
      input_tokens: 60_380,
      output_tokens: 2_080,
      total_tokens: 62_460,
    });
    expect(await documented(`model_usage{workspace_id="${STEADY}",model="qwen-max"}`)).toEqual([]);
  });

  it('the count of calls, by every label that is documented for it', async () => {
    const of = `workspace_id="${STEADY}",model="qwen-plus"`;
    expect(everyMinute(await documented(`model_call_count{${of}}`), 'status_code')).toEqual({
      '200': 20,
      '429': 2,
      '499': 0,
      '500': 1,
    });
    expect(everyMinute(await documented(`model_call_count{${of},status_code="429"}`), 'error_code')).toEqual({
      'Throttling.RateQuota': 2,
    });
    expect(everyMinute(await documented(`model_call_count{${of},error_code="InternalError"}`), 'status_code')).toEqual({
      '500': 1,
    });
    expect(
      everyMinute(
        await documented(
          `model_call_count{${of},apikey_id="1001",protocol="SSE",sub_protocol="DEFAULT",user_id="default"}`,
        ),
        'status_code',
      ),
    ).toEqual({ '200': 20, '499': 0 });
    expect(await documented(`model_call_count{${of},apikey_id="1002"}`)).toEqual([]);
  });

  it('durations, in ms: mean and sum of a minute, percentiles within their bucket', async () => {
    const mean = async (name: string) =>
      everyMinute(await documented(`${name}{workspace_id="${STEADY}"}`), 'model')['qwen-plus'];
    expect(await mean('model_call_duration')).toBe(2_370);
    expect(await mean('model_call_duration_total')).toBe(47_400);
    expect(await mean('model_first_token_duration')).toBe(310);
    expect(await mean('model_first_token_duration_total')).toBe(6_200);
    // (2,370 − 310) ms for 103 tokens after the first.
    expect(await mean('model_generation_duration_per_token')).toBe(20);
    expect(await mean('model_generation_duration_per_token_total')).toBe(400);
    expect(await mean('model_tps_per_request')).toBe(50);

    for (const [name, low, high] of [
      ['model_call_duration', 1_000, 10_000],
      ['model_first_token_duration', 100, 1_000],
      ['model_generation_duration_per_token', 0, 25],
    ] as const) {
      const p50 = (await mean(`${name}_p50`)) as number;
      const p99 = (await mean(`${name}_p99`)) as number;
      expect(p50, name).toBeGreaterThan(low);
      expect(p99, name).toBeGreaterThan(p50);
      expect(p99, name).toBeLessThanOrEqual(high);
    }
  });

  it('minutes add up to all that there was, within 1 %', async () => {
    const ok = lively.filter(({ call }) => call.outcome === 'success');
    for (const [query, truth] of [
      ['model_call_count', lively.length],
      ['model_call_count{status_code="200"}', ok.length],
      ['model_call_count{status_code!="200"}', lively.length - ok.length],
      ['model_usage{usage_type="total_tokens"}', sum(ok, ({ usage }) => usage?.total_tokens ?? 0)],
      ['model_usage{usage_type="output_tokens"}', sum(ok, ({ usage }) => usage?.output_tokens ?? 0)],
      ['model_call_duration_total', sum(ok, ({ durationUs }) => (durationUs ?? 0) / 1000)],
    ] as const) {
      const selector = query.includes('{')
        ? query.replace('{', `{workspace_id="${LIVELY}",`)
        : `${query}{workspace_id="${LIVELY}"}`;
      const found = (await server.value(`sum(sum_over_time(${selector}[90m]))`, END / 1000)) as number;
      expect(Math.abs(found / truth - 1), `${query}: ${found}, not ${truth}`).toBeLessThan(0.01);
    }
  });

  it('of a workspace with basic monitoring there is all but percentiles, and failures have no status', async () => {
    const of = `workspace_id="${BASIC}"`;
    expect(everyMinute(await documented(`model_call_count{${of}}`), 'status_code')).toEqual({
      '': 3,
      '200': 20,
      '499': 0,
    });
    expect(everyMinute(await documented(`model_call_duration{${of}}`), 'model')).toEqual({ 'qwen-plus': 2_370 });
    expect(everyMinute(await documented(`model_tps_per_request{${of}}`), 'model')).toEqual({ 'qwen-plus': 50 });
    expect(await documented(`model_call_duration_p99{${of}}`)).toEqual([]);
  });
});

/** As the documentation asks: `GET /api/v1/query_range?query=…&start=…&end=…&step=60s`; the middle hour. */
function documented(query: string): Promise<Range[]> {
  const start = (START + 15 * MINUTE) / 1000;
  return server.queryRange(query, { start, end: start + 3600, stepSeconds: 60 });
}

/** The value that a series has in each of the minutes, by a label; rounded to what floating point leaves. */
function everyMinute(ranges: readonly Range[], label: keyof Labels): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { metric, values } of ranges) {
    const rounded = new Set(values.map(([, value]) => Math.round(value * 1e6) / 1e6));
    expect(values, `minutes of ${JSON.stringify(metric)}`).toHaveLength(61);
    expect([...rounded], `values of ${JSON.stringify(metric)}`).toHaveLength(1);
    found[metric[label] ?? ''] = (found[metric[label] ?? ''] ?? 0) + (values[0]?.[1] ?? 0);
  }
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, Math.round(value * 1e6) / 1e6]));
}

/** Evenly in time, so that each minute has the same; on exporter a, whose scrapes see 5 calls each. */
function steadyCalls(): Arrival[] {
  const made: Arrival[] = [];
  for (const [workspace, monitoring] of [
    [STEADY, 'advanced'],
    [BASIC, 'basic'],
  ] as const) {
    const common = { workspace, monitoring, apikey: '1001' };
    for (let at = START; at < END; at += 3_000) {
      const call = callOf({
        ...common,
        time: at,
        protocol: 'SSE',
        durationUs: 2_370_000,
        firstTokenUs: 310_000,
        usage: usageOf({ total_tokens: 3_123, input_tokens: 3_019, output_tokens: 104, cache_tokens: 2_048 }),
      });
      made.push({ at, instance: 'a:9490', call });
    }
    const failed = { ...common, outcome: 'failure' as const };
    const limited = { ...failed, failure: 'rate_limited' as const, statusCode: 429, errorCode: 'Throttling.RateQuota' };
    const broken = { ...failed, failure: 'server_error' as const, statusCode: 500, errorCode: 'InternalError' };
    for (let at = START; at < END; at += 30_000)
      made.push({ at, instance: 'a:9490', call: callOf({ ...limited, time: at }) });
    for (let at = START; at < END; at += 60_000)
      made.push({ at, instance: 'a:9490', call: callOf({ ...broken, time: at }) });
  }
  return made;
}

/** About two a second, on both exporters, one in five failed. */
function livelyCalls(): Arrival[] {
  const random = seededRandom(20_260_923);
  const made: Arrival[] = [];
  for (let at = LIVELY_FROM; at < LIVELY_TO; at += Math.max(1, Math.round(-Math.log(1 - random()) * 500))) {
    const instance = random() < 0.5 ? 'a:9490' : 'b:9490';
    const common = { time: at, workspace: LIVELY, apikey: '2001', protocol: 'SSE' as const };
    const output = 20 + Math.floor(random() * 300);
    const call =
      random() < 0.2
        ? callOf({ ...common, outcome: 'failure', failure: 'rate_limited', statusCode: 429, errorCode: 'Throttling' })
        : callOf({
            ...common,
            firstTokenUs: 200_000,
            durationUs: 200_000 + output * 20_000,
            usage: usageOf({ total_tokens: 1_000 + output, input_tokens: 1_000, output_tokens: output }),
          });
    made.push({ at, instance, call });
  }
  return made;
}

function sum(arrivals: readonly Arrival[], of: (call: Call) => number): number {
  return arrivals.reduce((total, { call }) => total + of(call), 0);
}
