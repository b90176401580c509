import { FAILURES, type TrueCall, USAGE_TYPES, type UsageCounts } from './call-records.js';
import { type SeriesValues, seriesKey } from './series.js';

/**
 * The price list of the end-to-end tests, per million tokens, as the user would write it. At most three decimals, so
 * that a token costs whole nano-units.
 */
export const PRICES = {
  currency: 'USD',
  models: {
    'qwen-plus': [
      {
        from: '2025-01-01',
        input: 0.4,
        cached_input: 0.16,
        cache_write: 0.5,
        output: 1.2,
        reasoning: 4,
        batch_factor: 0.5,
      },
    ],
    'qwen-max': [{ from: '2025-01-01', currency: 'CNY', input: 1.601, output: 6.403, batch_factor: 0.5 }],
    'claude-*': [{ from: '2025-01-01', input: 3, cached_input: 0.3, cache_write: 3.75, output: 15, batch_factor: 0.5 }],
  },
};

interface Rates {
  currency: string;
  input: number;
  output: number;
  cached_input?: number;
  cache_write?: number;
  reasoning?: number;
  batch_factor: number;
}

/** The bounds that the reference page names, in the spelling of OpenMetrics. */
export const BOUNDS = {
  model_call_duration_seconds:
    '0.01 0.02 0.04 0.08 0.16 0.32 0.64 1.28 2.56 5.12 10.24 20.48 40.96 81.92 163.84 327.68 655.36 +Inf',
  model_first_token_duration_seconds:
    '0.001 0.005 0.01 0.02 0.04 0.06 0.08 0.1 0.25 0.5 0.75 1.0 2.5 5.0 7.5 10.0 15.0 30.0 60.0 +Inf',
  model_generation_duration_per_token_seconds: '0.01 0.025 0.05 0.075 0.1 0.15 0.2 0.3 0.4 0.5 0.75 1.0 2.5 +Inf',
} as const;
type HistogramName = keyof typeof BOUNDS;

type Labels = Record<string, string>;

/**
 * What the exporter has to show for some calls, counted in the plainest way there is: one big integer a series, in
 * whole pieces, µs or nano-units.
 */
export class NaiveCounters {
  readonly #sums = new Map<string, { sum: bigint; perUnit: number }>();
  readonly #last = new Map<string, number>();

  constructor(calls: Iterable<TrueCall> = []) {
    this.count(calls);
  }

  count(calls: Iterable<TrueCall>): this {
    for (const call of calls) this.#count(call);
    return this;
  }

  /** Every series of the call families, and its value. */
  get values(): SeriesValues {
    const values: SeriesValues = new Map(this.#last);
    for (const [key, { sum, perUnit }] of this.#sums) values.set(key, Number(sum) / perUnit);
    return values;
  }

  /** The sum over every series of a family that has these labels, in the family's unit. */
  total(name: string, labels: Labels = {}): number {
    const wanted = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`);
    let total = 0n;
    let unit = 1;
    for (const [key, { sum, perUnit }] of this.#sums) {
      if (!key.startsWith(`${name}{`) || !wanted.every((pair) => key.includes(pair))) continue;
      total += sum;
      unit = perUnit;
    }
    return Number(total) / unit;
  }

  #count(call: TrueCall): void {
    const { workspace_id, model } = call.record;
    const base = { workspace_id, model, apikey_id: call.apikey, inference_type: call.inferenceType };
    for (const outcome of ['success', 'failure', 'cancelled']) {
      this.#add('model_calls_total', { ...base, protocol: call.protocol, outcome }, outcome === call.outcome ? 1 : 0);
    }
    if (call.failure !== null) this.#countFailure(call, base);
    if (call.usage !== null) this.#countUsage(call, base, call.usage);
    if (call.outcome === 'success') this.#observeAll(call, base);
    if (call.late) this.#add('model_observation_late_calls_total', { workspace_id, model }, 1);

    const ended = seriesKey('model_last_call_timestamp_seconds', { workspace_id, model });
    const end = (call.time * 1000 + (call.durationUs ?? 0)) / 1e6;
    this.#last.set(ended, Math.max(this.#last.get(ended) ?? 0, end));
    this.#last.set(seriesKey('model_workspace_info', { workspace_id, monitoring: 'advanced' }), 1);
  }

  #countFailure(call: TrueCall, base: Labels): void {
    for (const failure of FAILURES) {
      this.#add('model_call_failures_total', { ...base, failure }, failure === call.failure ? 1 : 0);
    }
    const error = { status_code: String(call.statusCode), error_code: call.errorCode };
    this.#add('model_call_errors_total', { ...base, ...error }, 1);
    if (call.failure !== 'timeout') return;
    const stage = call.firstTokenUs === null ? 'first_token' : 'generation';
    for (const each of ['first_token', 'generation']) {
      this.#add('model_call_timeouts_total', { ...base, stage: each }, each === stage ? 1 : 0);
    }
  }

  #countUsage(call: TrueCall, base: Labels, usage: UsageCounts): void {
    for (const [index, usage_type] of USAGE_TYPES.entries()) {
      const amount = usage[usage_type] ?? 0;
      // The first three are born together, each of the others when it is first above 0.
      if (amount === 0 && index > 2) continue;
      this.#add('model_usage_total', { ...base, usage_type }, amount, usage_type === 'duration' ? 1e6 : 1);
    }
    const { workspace_id, model } = call.record;
    const rates = ratesOf(model);
    if (rates === null || usage.total_tokens === undefined) {
      this.#add('model_observation_unpriced_calls_total', { workspace_id, model }, 1);
      return;
    }
    this.#add('model_cost_total', { ...base, currency: rates.currency }, nanosOf(call, usage, rates), 1e9);
  }

  #observeAll({ durationUs, firstTokenUs, usage }: TrueCall, base: Labels): void {
    if (durationUs !== null) this.#observe('model_call_duration_seconds', base, durationUs);
    if (firstTokenUs === null) return;
    this.#observe('model_first_token_duration_seconds', base, firstTokenUs);
    const outputs = usage?.output_tokens ?? 0;
    if (durationUs === null || outputs < 2) return;
    const perToken = Math.round((durationUs - firstTokenUs) / (outputs - 1));
    this.#observe('model_generation_duration_per_token_seconds', base, perToken);
  }

  #observe(name: HistogramName, base: Labels, us: number): void {
    for (const le of BOUNDS[name].split(' ')) {
      const within = le === '+Inf' || us <= Math.round(Number(le) * 1e6);
      this.#add(`${name}_bucket`, { ...base, le }, within ? 1 : 0);
    }
    this.#add(`${name}_sum`, base, us, 1e6);
    this.#add(`${name}_count`, base, 1);
  }

  #add(name: string, labels: Labels, amount: number, perUnit = 1): void {
    const key = seriesKey(name, labels);
    const before = this.#sums.get(key)?.sum ?? 0n;
    this.#sums.set(key, { sum: before + BigInt(amount), perUnit });
  }
}

function ratesOf(model: string): Rates | null {
  for (const [name, [price]] of Object.entries(PRICES.models)) {
    const fits = name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name;
    if (fits && price !== undefined) return { currency: PRICES.currency, ...price };
  }
  return null;
}

/** In whole nano-units, half of one rounded up. */
function nanosOf({ inferenceType }: TrueCall, usage: UsageCounts, rates: Rates): number {
  const { input_tokens: input = 0, output_tokens: output = 0, cache_tokens: cached = 0 } = usage;
  const { cache_write_tokens: written = 0, reasoning_tokens: reasoning = 0 } = usage;
  // A price for a million tokens in units is a thousand times that for one token in nano-units.
  const nanos = (price: number) => Math.round(price * 1000);
  const sum =
    (input - cached - written) * nanos(rates.input) +
    cached * nanos(rates.cached_input ?? rates.input) +
    written * nanos(rates.cache_write ?? rates.input) +
    (output - reasoning) * nanos(rates.output) +
    reasoning * nanos(rates.reasoning ?? rates.output);
  return inferenceType === 'batch' ? Math.round(sum * rates.batch_factor) : sum;
}
