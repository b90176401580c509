/**
 * A varied hour of calls and more, the same at every run: each way to end, each kind of failure, both stages of timeouts, every type of
 * usage, costs, late and unpriced calls. It swells, so that rates are not all the same, and one workspace is watched in `basic` mode.
 */
import { type Call, USAGE_TYPES, type Usage } from '../../exporter/call/call.js';
import { callOf, usageOf } from '../../exporter/projections/metrics/testdata/calls.js';
import { seededRandom } from '../call-records.js';
import type { Arrival } from '../recorded-history.js';

export const INSTANCES = ['a:9490', 'b:9490'] as const;
export const CURRENCY = 'CNY';
export const BASIC = 'archive';
const WORKSPACES = ['checkout', 'search', BASIC] as const;
/** A dot and a slash are what regular expressions and links trip over. */
export const MODELS = ['qwen3.5-plus', 'openai/gpt-4.1'] as const;
const KEYS = ['web', 'jobs', 'others'] as const;

/** In turn, as often as they stand here. */
const ENDINGS: readonly Partial<Call>[] = [
  ...Array.from({ length: 10 }, () => ({ outcome: 'success' as const })),
  { outcome: 'cancelled', statusCode: 499 },
  failed('rate_limited', 429, 'Throttling.RateQuota'),
  failed('content_moderation', 400, 'data_inspection_failed'),
  failed('timeout', 504, 'RequestTimeOut'),
  { ...failed('timeout', 504, 'RequestTimeOut'), protocol: 'SSE', firstTokenUs: 900_000 },
  failed('client_error', 400, 'InvalidParameter'),
  failed('server_error', 500, ''),
];

/** Calls from a moment to another; ms since the epoch. */
export function sampleTraffic(from: number, to: number): Arrival[] {
  const random = seededRandom(20_261_124);
  const arrivals: Arrival[] = [];
  let number = 0;
  for (let at = from; at < to; ) {
    const swell = 1 + 0.8 * Math.sin(((at - from) / 1_800_000) * 2 * Math.PI);
    at += 100 + Math.round((random() * 800) / swell);
    arrivals.push({ at, instance: INSTANCES[number % 2]!, call: sampleCall(random, at) });
    number += 1;
  }
  return arrivals;
}

function sampleCall(random: () => number, at: number): Call {
  const of = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const workspace = of(WORKSPACES);
  const isStreamed = random() < 0.7;
  const firstTokenUs = Math.round(100_000 + random() * 900_000);
  const output = 20 + Math.floor(random() * 300);
  const usage = usageSample(random, output);
  const ending = of(ENDINGS);
  return callOf({
    time: at,
    workspace,
    monitoring: workspace === BASIC ? 'basic' : 'advanced',
    model: of(MODELS),
    apikey: of(KEYS),
    inferenceType: random() < 0.15 ? 'batch' : 'realtime',
    protocol: isStreamed ? 'SSE' : 'HTTP',
    firstTokenUs: isStreamed ? firstTokenUs : null,
    durationUs: firstTokenUs + output * Math.round(5_000 + random() * 20_000),
    usage,
    cost: { currency: CURRENCY, nano: usage.input_tokens * 800 + output * 2000 },
    late: random() < 0.02,
    unpriced: random() < 0.03,
    ...ending,
  });
}

/** Now and then every type at once: no call is like that, but each type has its series. */
function usageSample(random: () => number, output: number): Usage {
  const input = 100 + Math.floor(random() * 2000);
  const tokens = { total_tokens: input + output, input_tokens: input, output_tokens: output };
  if (random() < 0.8) return usageOf({ ...tokens, cache_tokens: Math.floor(input / 2) });
  return usageOf({
    ...Object.fromEntries(USAGE_TYPES.map((type) => [type, 1 + Math.floor(random() * 20)])),
    ...tokens,
  });
}

function failed(failure: NonNullable<Call['failure']>, statusCode: number, errorCode: string): Partial<Call> {
  return { outcome: 'failure', failure, statusCode, errorCode, firstTokenUs: null };
}
