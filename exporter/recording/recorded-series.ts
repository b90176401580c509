import { LEVELS, type LevelName, levelOf } from './levels.js';
import { rulesOf } from './rules.js';

const NAMES: ReadonlyMap<string, string> = new Map(
  LEVELS.flatMap((level) => {
    const { counters, buckets } = rulesOf(level);
    return [...counters, ...buckets].map(
      ({ record }) =>
        [`${level.name} ${record.slice(record.indexOf(':') + 1, record.lastIndexOf(':'))}`, record] as const,
    );
    // Those with the key come first, and are meant where nothing else is said.
  }).toReversed(),
);

/**
 * The name under which a metric is recorded at a level.
 *
 * @param metric as in the middle of the name: `model_calls`, `model_call_duration_seconds_bucket`
 * @throws when it is not recorded: whoever writes an expression on it has drifted from the catalogue
 */
export function recordedSeries(metric: string, level: LevelName): string {
  const name = NAMES.get(`${level} ${metric}`);
  if (name === undefined) throw new Error(`${metric} is not recorded at the ${level} level`);
  return name;
}

/** Seconds between two evaluations of a level: a total is `sum_over_time(series[range])` times this. */
export function evaluationSeconds(level: LevelName): number {
  const { interval } = levelOf(level);
  return Number.parseInt(interval, 10) * (interval.endsWith('m') ? 60 : 1);
}
