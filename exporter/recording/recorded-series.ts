import { type LevelName, levelOf, RECORDED_LEVELS } from './levels.js';
import { rulesOf } from './rules.js';

/** For each level and metric its series: with the key first, where it has one, then without. */
const NAMES = new Map<string, string[]>();
for (const level of RECORDED_LEVELS) {
  const { counters, buckets } = rulesOf(level);
  for (const { record } of [...counters, ...buckets]) {
    const metric = record.slice(record.indexOf(':') + 1, record.lastIndexOf(':'));
    const known = `${level.name} ${metric}`;
    NAMES.set(known, [...(NAMES.get(known) ?? []), record]);
  }
}

/**
 * The name under which a metric is recorded at a level.
 *
 * @param metric as in the middle of the name: `model_calls`, `model_call_duration_seconds_bucket`
 * @param keys `all keys`: of all API keys together, which is a part of the series to read; `each key`: by key, where it is recorded so
 * @throws when it is not recorded: whoever writes an expression on it has drifted from the catalogue
 */
export function recordedSeries(metric: string, level: LevelName, keys: 'each key' | 'all keys' = 'each key'): string {
  const name = NAMES.get(`${level} ${metric}`)?.at(keys === 'each key' ? 0 : -1);
  if (name === undefined) throw new Error(`${metric} is not recorded at the ${level} level`);
  return name;
}

/** Seconds between two evaluations of a level: a total is `sum_over_time(series[range])` times this. */
export function evaluationSeconds(level: LevelName): number {
  const { interval } = levelOf(level);
  return Number.parseInt(interval, 10) * (interval.endsWith('m') ? 60 : 1);
}
