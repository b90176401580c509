import { type Call, FAILURES, OUTCOMES } from '../../../call/call.js';
import type { MetricsOptions } from '../../../projections/metrics/options.js';
import { seriesKey } from './parse-text.js';

/** An exact decimal: whole parts of 10^-digits. */
interface Amount {
  parts: bigint;
  digits: number;
}

/**
 * What the call families must say of these calls, which all arrived at one moment, by the words of the catalogue and with no thought of
 * speed: series → value as text. To hold the real projection and renderer against.
 */
export function countNaively(calls: readonly Call[], arrivalMs: number, options: MetricsOptions) {
  const counters = new Map<string, Amount>();
  const gauges = new Map<string, string>();
  const ends = new Map<string, bigint>();
  const count = (name: string, labels: Record<string, string>, amount: number, digits = 0): void => {
    const key = seriesKey(name, labels);
    const sum = counters.get(key) ?? { parts: 0n, digits };
    counters.set(key, { parts: sum.parts + BigInt(amount), digits });
  };
  const observe = (name: string, labels: Record<string, string>, bounds: readonly number[], us: number): void => {
    for (const bound of [...bounds, Number.POSITIVE_INFINITY]) {
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : Number.isInteger(bound) ? `${bound}.0` : String(bound);
      count(`${name}_bucket`, { ...labels, le }, us <= bound * 1e6 ? 1 : 0);
    }
    count(`${name}_sum`, labels, us, 6);
    count(`${name}_count`, labels, 1);
  };

  for (const call of calls) {
    const place = { workspace_id: call.workspace, model: call.model };
    const base = { ...place, apikey_id: call.apikey, inference_type: call.inferenceType };
    for (const outcome of OUTCOMES) {
      count('model_calls_total', { ...base, protocol: call.protocol, outcome }, outcome === call.outcome ? 1 : 0);
    }
    if (call.outcome === 'failure') {
      for (const failure of FAILURES) {
        count('model_call_failures_total', { ...base, failure }, failure === call.failure ? 1 : 0);
      }
      const error = { status_code: String(call.statusCode), error_code: call.errorCode };
      count('model_call_errors_total', { ...base, ...error }, 1);
      if (call.failure === 'timeout') {
        const stood = call.firstTokenUs === null ? 'first_token' : 'generation';
        for (const stage of ['first_token', 'generation']) {
          count('model_call_timeouts_total', { ...base, stage }, stage === stood ? 1 : 0);
        }
      }
    }
    for (const [usage_type, amount] of Object.entries(call.usage ?? {})) {
      const basic = ['total_tokens', 'input_tokens', 'output_tokens'].includes(usage_type);
      if (!basic && amount === 0) continue;
      count('model_usage_total', { ...base, usage_type }, amount, usage_type === 'duration' ? 6 : 0);
    }
    if (call.cost) count('model_cost_total', { ...base, currency: call.cost.currency }, call.cost.nano, 9);
    if (call.outcome === 'success') {
      const { durationUs, firstTokenUs } = call;
      const { durationSeconds, firstTokenSeconds, generationPerTokenSeconds } = options.buckets;
      if (durationUs !== null) observe('model_call_duration_seconds', base, durationSeconds, durationUs);
      if (firstTokenUs !== null) observe('model_first_token_duration_seconds', base, firstTokenSeconds, firstTokenUs);
      const outputs = call.usage?.output_tokens ?? 0;
      if (durationUs !== null && firstTokenUs !== null && outputs >= 2) {
        const each = Math.round((durationUs - firstTokenUs) / (outputs - 1));
        observe('model_generation_duration_per_token_seconds', base, generationPerTokenSeconds, each);
      }
    }
    if (call.late) count('model_observation_late_calls_total', place, 1);
    if (call.unpriced) count('model_observation_unpriced_calls_total', place, 1);

    const end = BigInt(call.time) * 1000n + BigInt(call.durationUs ?? 0);
    const lastCall = seriesKey('model_last_call_timestamp_seconds', place);
    const arrival = BigInt(arrivalMs) * 1000n;
    const passed = end > arrival ? arrival : end;
    const latest = ends.get(lastCall) ?? 0n;
    ends.set(lastCall, passed > latest ? passed : latest);
    gauges.set(seriesKey('model_workspace_info', { workspace_id: call.workspace, monitoring: 'advanced' }), '1');
  }
  for (const [key, end] of ends) gauges.set(key, decimal({ parts: end, digits: 6 }));
  for (const workspace_id of new Set(calls.map(({ workspace }) => workspace))) {
    const own = [...counters.keys(), ...gauges.keys()].filter((key) => isOf(key, workspace_id)).length;
    // This series is one of them.
    gauges.set(seriesKey('model_observation_workspace_series', { workspace_id }), String(own + 1));
  }
  for (const [scope, limit] of [
    ['workspace', options.series.workspace],
    ['all', options.series.total],
  ] as const) {
    gauges.set(seriesKey('model_observation_series_limit', { scope }), String(limit));
  }
  return { counters: new Map([...counters].map(([key, amount]) => [key, decimal(amount)])), gauges };
}

function isOf(key: string, workspace: string): boolean {
  const [, ...labels] = JSON.parse(key) as [string, ...[string, string][]];
  return labels.some(([name, value]) => name === 'workspace_id' && value === workspace);
}

function decimal({ parts, digits }: Amount): string {
  const text = String(parts).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  const fraction = text.slice(text.length - digits).replace(/0+$/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
