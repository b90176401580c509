import { levelOf } from './levels.js';
import { recordedSeries } from './recorded-series.js';
import type { RecordingRule } from './rules.js';

/** Ends the names of the recorded peaks. */
export const PEAK_OPERATION = `max1h_rate${levelOf('minute').window}`;

/** The inference type of a peak of all types together: minutes are added up, peaks can't be. */
export const ALL_TYPES = 'all';

/** What quotas limit, by the middle of the name: the minute-level rate of it. */
const LIMITED = {
  model_calls: withoutKeys('model_calls'),
  model_usage_total_tokens: `${withoutKeys('model_usage')}{usage_type="total_tokens"}`,
} as const;

export type LimitedMetric = keyof typeof LIMITED;

/** Whose peak: of a model in a workspace, or of a model in all workspaces together. */
export type PeakLevel = 'workspace_model' | 'model';

const LEVEL_LABELS = { workspace_model: ['workspace_id', 'model'], model: ['model'] } as const;

/**
 * The busiest minute of the hour before each evaluation: rates a second, of each inference type and of all together. From the minute level,
 * since hours level peaks. A month of minutes takes half a minute to read, a month of these a moment.
 *
 * By these labels alone: a quota is of an account, however many jobs and clusters its exporters have.
 */
export function peakRules(): RecordingRule[] {
  return Object.entries(LIMITED).flatMap(([metric, rates]) =>
    (['workspace_model', 'model'] as const).flatMap((level) => {
      const record = recordedPeak(level, metric as LimitedMetric);
      const identity = LEVEL_LABELS[level];
      const labels = [...identity, 'inference_type'] as const;
      return [
        { record, expr: busiest(rates, labels), labels },
        {
          record,
          expr: `label_replace(${busiest(rates, identity)}, "inference_type", "${ALL_TYPES}", "", "")`,
          labels,
        },
      ];
    }),
  );
}

/** `workspace_model:model_calls:max1h_rate2m`. */
export function recordedPeak(level: PeakLevel, metric: LimitedMetric): string {
  return `${level}:${metric}:${PEAK_OPERATION}`;
}

function busiest(rates: string, by: readonly string[]): string {
  return `max_over_time((sum by (${by.join(', ')}) (${rates}))[1h:1m])`;
}

function withoutKeys(metric: string): string {
  return recordedSeries(metric, 'minute', 'all keys');
}
