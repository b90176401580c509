import { CALL_FAMILIES, type Family, type LabelName } from '../projections/metrics/catalogue.js';
import { levelText, roleOf } from './labels.js';
import type { Level } from './levels.js';

/** One Prometheus recording rule. */
export interface RecordingRule {
  /** `level:metric:operations`, by the conventions of Prometheus. */
  readonly record: string;
  readonly expr: string;
  /** The labels of the catalogue that its series carry; further labels of the scrape configuration stay, too. */
  readonly labels: readonly (LabelName | 'le')[];
}

/** The rules of one level. Those of buckets are apart: they are many, and nothing is divided by them. */
export interface RulesOfLevel {
  readonly counters: readonly RecordingRule[];
  readonly buckets: readonly RecordingRule[];
}

/** Why no series are recorded from a family. */
export type NotRecorded = 'a gauge' | 'details only' | 'not by model';

/**
 * Whether a family is recorded: a counter or histogram of a model's calls that has more to say than details.
 *
 * @returns null for one that is recorded, else why it is not
 */
export function whyNotRecorded(family: Family): NotRecorded | null {
  if (family.type === 'gauge') return 'a gauge';
  if (!family.labels.includes('model')) return 'not by model';
  const details = family.labels.filter((label) => roleOf(label) === 'detail');
  const kinds = family.labels.filter((label) => label !== 'inference_type' && roleOf(label) === 'kind');
  return details.length > 0 && kinds.length === 0 ? 'details only' : null;
}

/** The rules of a level for every family that is recorded, in the order of the catalogue. */
export function rulesOf(level: Level, families: readonly Family[] = CALL_FAMILIES): RulesOfLevel {
  const recorded = families.filter((family) => whyNotRecorded(family) === null);
  return {
    counters: recorded.flatMap((family) => countersOf(family, level)),
    buckets: recorded
      .filter((family) => family.type === 'histogram')
      .map((family) => rule(family, '_bucket', withoutKey(family.labels), level)),
  };
}

/**
 * With the key, and once more without: what looks at all keys reads but a part of the series. Not made from those with the key, so that
 * `promtool tsdb create-blocks-from rules` can fill in either.
 */
function countersOf(family: Family, level: Level): RecordingRule[] {
  const suffixes = family.type === 'counter' ? [''] : ['_sum', '_count'];
  const all = family.labels.includes('apikey_id') ? [family.labels, withoutKey(family.labels)] : [family.labels];
  return all.flatMap((labels) => suffixes.map((suffix) => rule(family, suffix, labels, level)));
}

/**
 * A rate, summed over the exporters (`instance`) and over the labels that are not wanted. The others are not listed:
 * `job` and what a user's own scrape configuration adds (a cluster, say) stay.
 */
function rule(family: Family, suffix: string, wanted: readonly LabelName[], { window, range }: Level): RecordingRule {
  const kept = wanted.filter((label) => roleOf(label) !== 'detail');
  const dropped = family.labels.filter((label) => !kept.includes(label));
  const identity = kept.filter((label) => roleOf(label) === 'identity');
  return {
    record: `${levelText(identity)}:${family.name.replace(/_total$/, '')}${suffix}:rate${window}`,
    expr: `sum without (${['instance', ...dropped].join(', ')}) (rate(${family.name}${suffix}[${range}]))`,
    labels: suffix === '_bucket' ? [...kept, 'le'] : kept,
  };
}

/** Buckets times keys would be most of all recorded series, and percentiles are asked for by model. */
function withoutKey(labels: readonly LabelName[]): LabelName[] {
  return labels.filter((label) => label !== 'apikey_id');
}
