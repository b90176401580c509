import { levelOf } from './levels.js';
import { recordedSeries } from './recorded-series.js';
import type { RecordingRule } from './rules.js';

/** How much time a peak is of, and how often it is recorded: each minute is in three of them, so that one may be missed. */
const WINDOW = '30m';
export const PEAK_INTERVAL = '10m';

/** Ends the names of the recorded peaks. */
export const PEAK_OPERATION = `max${WINDOW}_rate${levelOf('minute').window}`;

/** What quotas limit, by the middle of the name: the metric of the minute level, and which of its series. */
const LIMITED = {
  model_calls: ['model_calls', ''],
  model_usage_total_tokens: ['model_usage', '{usage_type="total_tokens"}'],
} as const;

export type LimitedMetric = keyof typeof LIMITED;

const LEVEL_LABELS = {
  workspace_model_apikey: ['workspace_id', 'model', 'apikey_id'],
  workspace_model: ['workspace_id', 'model'],
  model: ['model'],
} as const;

/** Whose peak: of a key, of a model in a workspace, or of a model in all workspaces together. */
export type PeakLevel = keyof typeof LEVEL_LABELS;
const PEAK_LEVELS = Object.keys(LEVEL_LABELS) as PeakLevel[];

/**
 * The busiest minute of the half-hour before each evaluation: rates a second, of each inference type: quotas are of realtime calls. From the minute
 * level, since longer ones level peaks. A month of minutes takes half a minute to read, a month of these a moment.
 *
 * By these labels alone: a quota is of an account, however many jobs and clusters its exporters have.
 */
export function peakRules(): RecordingRule[] {
  return Object.entries(LIMITED).flatMap(([metric, [counter, matchers]]) =>
    PEAK_LEVELS.map((level) => {
      const record = recordedPeak(level, metric as LimitedMetric);
      const identity = LEVEL_LABELS[level];
      const labels = [...identity, 'inference_type'] as const;
      const keys = level === 'workspace_model_apikey' ? 'each key' : 'all keys';
      const rates = `${recordedSeries(counter, 'minute', keys)}${matchers}`;
      return { record, expr: busiest(rates, labels), labels };
    }),
  );
}

/** `workspace_model:model_calls:max30m_rate2m`. */
export function recordedPeak(level: PeakLevel, metric: LimitedMetric): string {
  return `${level}:${metric}:${PEAK_OPERATION}`;
}

function busiest(rates: string, by: readonly string[]): string {
  return `max_over_time((sum by (${by.join(', ')}) (${rates}))[${WINDOW}:${levelOf('minute').interval}])`;
}
