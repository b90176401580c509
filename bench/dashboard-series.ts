import { DEFAULT_BUCKETS } from '../exporter/call/buckets.js';
import { ALL_TYPES, peakRules } from '../exporter/recording/peaks.js';
import { evaluationSeconds, recordedSeries } from '../exporter/recording/recorded-series.js';
import { WITH_KEYS } from '../grafana/dashboards/src/query/keys.js';

const MODELS = Array.from({ length: 20 }, (_, index) => `model-${index}`);
const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
/** One workspace is stored, and stands for so many. */
export const WORKSPACES = 3;

/** A level of recorded series, and how much of it is stored. */
export interface StoredLevel {
  readonly level: 'minute' | 'hour';
  /** The range that is asked for, as dashboards have it, and the part of it that is stored, with as much before it; seconds. */
  readonly range: number;
  readonly stored: number;
}

export const STORED_LEVELS: readonly StoredLevel[] = [
  { level: 'minute', range: 12 * 3600, stored: 2 * 3600 },
  { level: 'hour', range: 30 * 86_400, stored: 12 * 3600 },
];

const LONGEST_STORED = Math.max(...STORED_LEVELS.map(({ stored }) => stored));
const FAILURES = ['content_moderation', 'rate_limited', 'timeout', 'client_error', 'server_error'];
const USAGE = ['total_tokens', 'input_tokens', 'output_tokens', 'cache_tokens'];
const HISTOGRAMS = [
  ['model_call_duration_seconds', DEFAULT_BUCKETS.durationSeconds],
  ['model_first_token_duration_seconds', DEFAULT_BUCKETS.firstTokenSeconds],
  ['model_generation_duration_per_token_seconds', DEFAULT_BUCKETS.generationPerTokenSeconds],
] as const;

/** By the middle of the name, what else each key's series tell apart. */
const COUNTERS: readonly (readonly [metric: string, kinds: readonly string[]])[] = [
  ['model_calls', ['success', 'failure', 'cancelled'].map((outcome) => `,outcome="${outcome}"`)],
  ['model_call_failures', FAILURES.map((failure) => `,failure="${failure}"`)],
  [
    'model_call_errors',
    ['Throttling', 'Throttling.RateQuota'].map((code) => `,status_code="429",error_code="${code}"`),
  ],
  ['model_call_timeouts', ['first_token', 'generation'].map((stage) => `,stage="${stage}"`)],
  ['model_usage', USAGE.map((type) => `,usage_type="${type}"`)],
  ['model_cost', [',currency="CNY"']],
  ...HISTOGRAMS.flatMap(([name]) => [[`${name}_sum`, ['']] as const, [`${name}_count`, ['']] as const]),
];

/** Recorded series and gauges up to a moment in epoch seconds, as OpenMetrics. */
export function* dashboardSeries(end: number): Generator<string> {
  for (const { level, stored } of STORED_LEVELS) {
    const step = evaluationSeconds(level);
    const start = Math.floor((end - 2 * stored) / step) * step;
    // Peaks are of minutes over any range.
    const startOfAllKeys = Math.min(start, Math.floor((end - 2 * LONGEST_STORED) / step) * step);
    for (const model of MODELS) {
      const labels = `job="model-observation",workspace_id="bench",model="${model}",inference_type="realtime"`;
      for (const [metric, kinds] of COUNTERS)
        for (const kind of kinds) {
          const name = recordedSeries(metric, level);
          for (const key of KEYS) yield samples(`${name}{${labels},apikey_id="${key}"${kind}}`, start, end, step);
          yield samples(`${name.replace(WITH_KEYS, 'workspace_model:')}{${labels}${kind}}`, startOfAllKeys, end, step);
        }
      for (const [name, bounds] of HISTOGRAMS)
        for (const le of [...bounds.map(String), '+Inf'])
          yield samples(`${recordedSeries(`${name}_bucket`, level)}{${labels},le="${le}"}`, start, end, step);
    }
  }
  const step = evaluationSeconds('hour');
  const start = Math.floor((end - 2 * LONGEST_STORED) / step) * step;
  for (const name of new Set(peakRules().map(({ record }) => record)))
    for (const model of MODELS)
      for (const type of ['realtime', ALL_TYPES]) {
        const workspace = name.startsWith('workspace_') ? 'workspace_id="bench",' : '';
        yield samples(`${name}{${workspace}model="${model}",inference_type="${type}"}`, start, end, step);
      }
  for (const model of MODELS) {
    const labels = `workspace_id="bench",model="${model}"`;
    for (const rule of ['failure-rate', 'call-duration', 'idle'])
      yield samples(`model_alert_level{${labels},rule="${rule}"}`, end - 86_400, end, 60);
    yield samples(`model_last_call_timestamp_seconds{${labels}}`, end - 2 * 86_400, end, 15, (at) => at);
  }
  yield samples('model_workspace_info{workspace_id="bench",monitoring="advanced"}', end - 2 * 86_400, end, 15, () => 1);
  yield '# EOF\n';
}

let number = 0;

function samples(name: string, start: number, end: number, step: number, value?: (at: number) => number): string {
  number += 1;
  const base = 0.01 + (number % 97) / 500;
  const of = value ?? ((at: number) => (base * (1.5 + Math.sin(at / 7000 + number))).toFixed(6));
  let text = '';
  for (let at = start; at <= end; at += step) text += `${name} ${of(at)} ${at}\n`;
  return text;
}
