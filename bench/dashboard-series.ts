import { DEFAULT_BUCKETS } from '../exporter/call/buckets.js';
import { type LevelName, type MomentLevelName, TOTALS_LEVEL } from '../exporter/recording/levels.js';
import { PEAK_INTERVAL, peakRules } from '../exporter/recording/peaks.js';
import { evaluationSeconds, recordedSeries } from '../exporter/recording/recorded-series.js';
import { durationMs } from '../grafana/dashboards/src/reading/time-range.js';

/** One workspace with half of its models is stored, and stands for three with all of theirs. */
export const MODELS_STORED = 10;
export const SHARE_STORED = MODELS_STORED / (3 * 20);

const MODELS = Array.from({ length: MODELS_STORED }, (_, index) => `model-${index}`);
const KEYS = Array.from({ length: 20 }, (_, index) => `key-${index}`);
/** The key that is chosen where one is. */
export const ONE_KEY = KEYS[0]!;

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What dashboards draw over a range, and how much of it is stored. */
export interface StoredLevel {
  readonly level: MomentLevelName;
  /** The widest range that is read at this level, in seconds. */
  readonly range: number;
  /** The part of it that is stored, with as much before it; seconds. */
  readonly stored: number;
}

/** Finest first. */
export const STORED_LEVELS: readonly StoredLevel[] = [
  { level: 'minute', range: 12 * HOUR, stored: 4 * HOUR },
  { level: '5-minute', range: 48 * HOUR, stored: 16 * HOUR },
  { level: 'hour', range: 30 * DAY, stored: 10 * DAY },
];
const [, NEXT] = STORED_LEVELS as readonly [StoredLevel, StoredLevel, StoredLevel];
const LONGEST = STORED_LEVELS.at(-1)!;

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

/** What quotas limit. */
const LIMITED = ['model_calls', 'model_usage'];

/** By the middle of the name, what is drawn by key whatever is chosen: of the hour level nothing else is read by every key. */
const DRAWN_BY_KEY = ['model_cost'];

/** Recorded series and gauges up to a moment in epoch seconds, as OpenMetrics. */
export function* dashboardSeries(end: number): Generator<string> {
  for (const { level, stored } of STORED_LEVELS) {
    const keysOf = (metric: string) => (level === 'hour' && !DRAWN_BY_KEY.includes(metric) ? [ONE_KEY] : KEYS);
    yield* seriesOfLevel(level, 2 * stored, end, keysOf);
  }
  yield* seriesOfLevel(TOTALS_LEVEL.name, 2 * LONGEST.stored, end, () => KEYS);
  yield* peaks(end);
  yield* gauges(end);
  yield '# EOF\n';
}

function* seriesOfLevel(
  level: LevelName,
  seconds: number,
  end: number,
  keysOf: (metric: string) => readonly string[],
): Generator<string> {
  const step = evaluationSeconds(level);
  const start = Math.floor((end - seconds) / step) * step;
  for (const model of MODELS) {
    const labels = labelsOf(model);
    for (const [metric, kinds] of COUNTERS)
      for (const kind of kinds) {
        const name = recordedSeries(metric, level);
        // Peaks are looked for among minutes over the ranges of the next level, too: of all keys, or of one.
        const longer = level === 'minute' && LIMITED.includes(metric) ? end - NEXT.stored : start;
        for (const key of keysOf(metric))
          yield samples(`${name}{${labels},apikey_id="${key}"${kind}}`, key === ONE_KEY ? longer : start, end, step);
        yield samples(`${recordedSeries(metric, level, 'all keys')}{${labels}${kind}}`, longer, end, step);
      }
    for (const [name, bounds] of HISTOGRAMS)
      for (const le of [...bounds.map(String), '+Inf'])
        yield samples(`${recordedSeries(`${name}_bucket`, level)}{${labels},le="${le}"}`, start, end, step);
  }
}

function* peaks(end: number): Generator<string> {
  const step = durationMs(PEAK_INTERVAL) / 1000;
  const start = Math.floor((end - 2 * LONGEST.stored) / step) * step;
  for (const [name, labels] of new Map(peakRules().map(({ record, labels }) => [record, labels])))
    for (const model of MODELS)
      for (const key of labels.includes('apikey_id') ? KEYS : [null]) {
        const workspace = labels.includes('workspace_id') ? `workspace_id="${WORKSPACE}",` : '';
        const apikey = key === null ? '' : `apikey_id="${key}",`;
        yield samples(`${name}{${workspace}${apikey}model="${model}",inference_type="realtime"}`, start, end, step);
      }
}

function* gauges(end: number): Generator<string> {
  const start = end - 2 * LONGEST.stored;
  for (const model of MODELS) {
    const labels = `workspace_id="${WORKSPACE}",model="${model}"`;
    for (const rule of ['failure-rate', 'call-duration', 'idle'])
      yield samples(`model_alert_level{${labels},rule="${rule}"}`, start, end, 60);
    // Seen at moments alone, so it does not matter that they are scraped more often.
    for (const limit of ['rpm', 'tpm']) yield samples(`model_quota{${labels},limit="${limit}"}`, start, end, 60);
    yield samples(`model_last_call_timestamp_seconds{${labels}}`, start, end, 60, (at) => at);
  }
  yield samples(`model_workspace_info{workspace_id="${WORKSPACE}",monitoring="advanced"}`, start, end, 60, () => 1);
}

const WORKSPACE = 'bench';

function labelsOf(model: string): string {
  return `job="model-observation",workspace_id="${WORKSPACE}",model="${model}",inference_type="realtime"`;
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
