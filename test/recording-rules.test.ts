// The recorded series, evaluated by a real Prometheus over hours of scrapes of two exporters, say what the raw counters
// say: within 1 % in totals, exactly in quantiles, and without a hole.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Call } from '../exporter/call/call.js';
import { callOf, usageOf } from '../exporter/projections/metrics/testdata/calls.js';
import { RECORDED_LEVELS } from '../exporter/recording/levels.js';
import { seededRandom } from './call-records.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import type { PrometheusProcess } from './harness/prometheus-process.js';
import { type Arrival, recordedHistory, someHoursAgo } from './recorded-history.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Every record arrives in here; before it and after it an hour's window finds nothing. */
const START = someHoursAgo(6);
const TRAFFIC = { from: START + 5 * MINUTE, to: START + 3 * HOUR };
const END = START + 4 * HOUR + 10 * MINUTE;

/** The levels, by the end of their series' names, with the seconds between evaluations and the range of a rate. */
const LEVELS = [
  ['rate2m', 60, '2m15s'],
  ['rate5m', 60, '5m15s'],
  ['rate1h', 120, '1h15s'],
  ['rate30m', 1800, '30m15s'],
] as const;
/** Not there between its evaluations. */
const FOR_TOTALS = 'rate30m';

/** Its keys come with one burst of calls each, and are not seen again. */
const NEWCOMERS = 'newcomers';
const OTHERS = `workspace_id!="${NEWCOMERS}"`;

const arrivals = traffic();
const newcomers = bursts();
let server: PrometheusProcess;

describe.runIf(hasPrograms('prometheus', 'promtool'))('recorded series', () => {
  beforeAll(async () => {
    server = await recordedHistory({
      start: START,
      end: END,
      exporters: [
        { instance: 'a:9490', phaseMs: 4_300 },
        // Restarts for a minute in the middle.
        { instance: 'b:9490', phaseMs: 11_900, away: { from: START + 90 * MINUTE, to: START + 91 * MINUTE } },
      ],
      arrivals: [...arrivals, ...newcomers].sort((one, other) => one.at - other.at),
      ruleFiles: RECORDED_LEVELS.map(({ name }) => `prometheus/rules/recording-${name}.yml`),
    });
  }, 120_000);

  describe.each(LEVELS)('of %s', (rate, step, window) => {
    /** The total of a recorded series over everything, by a label. */
    const total = (series: string, by: string, matcher = OTHERS) =>
      values(`sum by (${by}) (sum_over_time(${series}:${rate}{${matcher}}[${seconds(END - START)}s])) * ${step}`, by);

    it('add up to the calls that there were, within 1 %', async () => {
      const found = await total('workspace_model_apikey:model_calls', 'outcome');
      expectNear(
        found,
        counts(({ outcome }) => ({ [outcome]: 1 })),
        0.01,
      );
      expectNear(
        await total('workspace_model_apikey:model_calls', 'workspace_id'),
        counts(({ workspace }) => ({ [workspace]: 1 })),
        0.01,
      );
    });

    it('add up to what the calls used and cost', async () => {
      const tokens = counts(({ usage }) =>
        usage === null ? {} : { input_tokens: usage.input_tokens, output_tokens: usage.output_tokens },
      );
      const found = await total('workspace_model_apikey:model_usage', 'usage_type');
      found.delete('total_tokens');
      expectNear(found, tokens, 0.01);
      expectNear(
        await total('workspace_model_apikey:model_cost', 'currency'),
        counts(({ cost }) => (cost === null ? {} : { [cost.currency]: cost.nano / 1e9 })),
        0.01,
      );
    });

    it('agree with increase() of the raw counters', async () => {
      for (const [series, raw] of [
        ['workspace_model_apikey:model_calls', 'model_calls_total'],
        ['workspace_model_apikey:model_call_failures', 'model_call_failures_total'],
        ['workspace_model_apikey:model_call_duration_seconds_sum', 'model_call_duration_seconds_sum'],
        ['workspace_model_apikey:model_call_duration_seconds_count', 'model_call_duration_seconds_count'],
        ['workspace_model:model_first_token_duration_seconds_bucket', 'model_first_token_duration_seconds_bucket'],
      ] as const) {
        const recorded = await total(series, 'job');
        const increase = await values(`sum by (job) (increase(${raw}{${OTHERS}}[${seconds(END - START)}s]))`, 'job');
        expectNear(recorded, increase, 0.01, series);
      }
    });

    it('count the first calls of a key, within a tenth', async () => {
      const found = await total('workspace_model_apikey:model_calls', 'workspace_id', `workspace_id="${NEWCOMERS}"`);
      expectNear(found, new Map([[NEWCOMERS, newcomers.length]]), 0.1);
    });

    it('give the quantiles that the raw buckets give', async () => {
      for (const share of [0.3, 0.5, 0.9]) {
        const asked = TRAFFIC.from + share * (TRAFFIC.to - TRAFFIC.from);
        const series = `workspace_model:model_call_duration_seconds_bucket:${rate}`;
        const evaluated = await lastEvaluation(series, asked);
        const recorded = await server.value(`histogram_quantile(0.95, sum by (le) (${series}))`, evaluated);
        const raw = `histogram_quantile(0.95, sum by (le) (rate(model_call_duration_seconds_bucket[${window}])))`;
        expect(recorded).toBeCloseTo((await server.value(raw, evaluated)) as number, 9);
      }
    });

    it('have means, but no buckets, of a workspace with basic monitoring', async () => {
      const count = `workspace_model_apikey:model_call_duration_seconds_count:${rate}`;
      const at = await lastEvaluation(count, START + 2 * HOUR);
      const mean =
        `sum(workspace_model_apikey:model_call_duration_seconds_sum:${rate}{workspace_id="basic"})` +
        ` / sum(${count}{workspace_id="basic"})`;
      expect(await server.value(mean, at)).toBeGreaterThan(0.5);
      const series = `workspace_model:model_call_duration_seconds_bucket:${rate}`;
      const buckets = await server.query(
        `count by (workspace_id) (${series})`,
        await lastEvaluation(series, START + 2 * HOUR),
      );
      expect(buckets.map(({ metric }) => metric.workspace_id)).toEqual(['search']);
    });

    // Series for totals are not.
    if (rate === FOR_TOTALS) return;

    it('are there at every moment from the first call on, once they are there', async () => {
      for (const series of [
        'workspace_model_apikey:model_calls',
        'workspace_model:model_call_duration_seconds_bucket',
      ]) {
        const start = TRAFFIC.from + 5 * MINUTE;
        const [range, ...others] = await server.queryRange(`count(${series}:${rate})`, {
          start: start / 1000,
          end: END / 1000,
          stepSeconds: 5,
        });
        expect(others).toEqual([]);
        expect(range?.values.length, `${series}: moments with a value`).toBe(seconds(END - start) / 5 + 1);
        const fewer = range?.values.filter(([, value], at, all) => value < (all[at - 1]?.[1] ?? 0));
        expect(fewer, `${series}: moments at which some are missing`).toEqual([]);
      }
    });
  });

  it('as a mean over a range, times the range, are the increase too, where the series were there all the time', async () => {
    const range = 2 * HOUR;
    const at = (START + 2 * HOUR + 40 * MINUTE) / 1000;
    const increase = (await server.value(
      `sum(increase(model_calls_total{${OTHERS}}[${seconds(range)}s]))`,
      at,
    )) as number;
    for (const rate of ['rate2m', 'rate5m']) {
      const mean = await server.value(
        `sum(avg_over_time(workspace_model_apikey:model_calls:${rate}{${OTHERS}}[${seconds(range)}s])) * ${seconds(range)}`,
        at,
      );
      expect(Math.abs((mean as number) / increase - 1), rate).toBeLessThan(0.01);
    }
  });

  it('tell late records from others', async () => {
    const found = await values(
      `sum by (model) (sum_over_time(workspace_model:model_observation_late_calls:rate1h[${seconds(END - START)}s])) * 120`,
      'model',
    );
    expectNear(
      found,
      counts(({ late, model }) => (late ? { [model]: 1 } : {})),
      0.01,
    );
  });
});

/** About 2 calls a second that swell and ebb, on two exporters; a batch job of late records near the end. */
function traffic(): Arrival[] {
  const random = seededRandom(20_261_124);
  const made: Arrival[] = [];
  let at = TRAFFIC.from;
  for (;;) {
    const swell = 1 + 0.8 * Math.sin(((at - TRAFFIC.from) / HOUR) * 2 * Math.PI);
    at += Math.max(1, Math.round((-Math.log(1 - random()) * 500) / swell));
    if (at >= TRAFFIC.to) break;
    const late = at > TRAFFIC.to - 20 * MINUTE && random() < 0.5;
    made.push({ at, instance: random() < 0.5 ? 'a:9490' : 'b:9490', call: someCall(random, at, late) });
  }
  return made;
}

/** 30 keys with 20 calls each, within their first 10 s. */
function bursts(): Arrival[] {
  const random = seededRandom(7);
  return Array.from(
    { length: 30 },
    (_, key) => TRAFFIC.from + key * 5 * MINUTE + Math.round(random() * MINUTE),
  ).flatMap((at, key) =>
    Array.from({ length: 20 }, (_unused, call) => ({
      at: at + call * 500,
      instance: 'a:9490',
      call: callOf({ time: at, workspace: NEWCOMERS, apikey: `key-${key}` }),
    })),
  );
}

function someCall(random: () => number, at: number, late: boolean): Call {
  const workspace = random() < 0.5 ? 'search' : 'basic';
  const common = {
    time: at,
    workspace,
    model: random() < 0.7 ? 'qwen-plus' : 'qwen-max',
    apikey: random() < 0.5 ? 'checkout' : 'others',
    inferenceType: late ? ('batch' as const) : ('realtime' as const),
    protocol: 'SSE' as const,
    monitoring: workspace === 'basic' ? ('basic' as const) : ('advanced' as const),
    late,
  };
  const ending = random();
  if (ending < 0.2) {
    return callOf({
      ...common,
      outcome: 'failure',
      failure: 'rate_limited',
      statusCode: 429,
      errorCode: 'Throttling',
      durationUs: 90_000,
    });
  }
  if (ending < 0.4) return callOf({ ...common, outcome: 'cancelled', statusCode: 499 });
  const input = 100 + Math.floor(random() * 2000);
  const output = 20 + Math.floor(random() * 200);
  const firstTokenUs = Math.round(50_000 + random() * 900_000);
  return callOf({
    ...common,
    firstTokenUs,
    durationUs: firstTokenUs + output * Math.round(5_000 + random() * 20_000),
    usage: usageOf({ total_tokens: input + output, input_tokens: input, output_tokens: output }),
    cost: { currency: 'CNY', nano: input * 800 + output * 2000 },
  });
}

/** What all calls add up to. */
function counts(of: (call: Call) => Readonly<Record<string, number>>): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { call } of arrivals) {
    for (const [name, amount] of Object.entries(of(call))) sums.set(name, (sums.get(name) ?? 0) + amount);
  }
  return sums;
}

/** The moment of the last evaluation before a moment in ms; in seconds. */
async function lastEvaluation(series: string, before: number): Promise<number> {
  return (await server.value(`max_over_time(max(timestamp(${series}))[31m:15s])`, seconds(before))) as number;
}

async function values(promql: string, label: string): Promise<Map<string, number>> {
  const samples = await server.query(promql, END / 1000);
  return new Map(samples.map(({ metric, value }) => [metric[label] ?? '', value]));
}

function expectNear(found: Map<string, number>, expected: Map<string, number>, share: number, what = ''): void {
  expect([...found.keys()].sort(), what).toEqual([...expected.keys()].sort());
  for (const [name, value] of expected) {
    const off = Math.abs((found.get(name) as number) / value - 1);
    expect(off, `${what} ${name}: ${found.get(name)}, not ${value}`).toBeLessThan(share);
  }
}

function seconds(ms: number): number {
  return ms / 1000;
}
