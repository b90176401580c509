import type { Failure, Outcome, UsageType } from '../../../../exporter/call/call.js';
import {
  type CALL_FAMILIES,
  type FAMILIES,
  type FamilyName,
  familyOf,
  type LabelName,
} from '../../../../exporter/projections/metrics/catalogue.js';
import { LEVELS, levelOf } from '../../../../exporter/recording/levels.js';
import { type LimitedMetric, PEAK_OPERATION, peakRules, recordedPeak } from '../../../../exporter/recording/peaks.js';
import { recordedSeries } from '../../../../exporter/recording/recorded-series.js';
import { rulesOf } from '../../../../exporter/recording/rules.js';
import { FILTERS } from './filters.js';
import { ALL_KEYS, WITH_KEYS } from './keys.js';
import { MINUTES, PEAKS } from './peaks.js';
import { RESOLUTION, resolutionOf } from './resolution.js';

type CallFamily = (typeof CALL_FAMILIES)[number];
type AnyFamily = (typeof FAMILIES)[number];

/** A counter of calls; they are recorded. */
export type Counter = Extract<CallFamily, { type: 'counter' }>['name'];
export type Histogram = Extract<CallFamily, { type: 'histogram' }>['name'];
type Gauge = Extract<AnyFamily, { type: 'gauge' }>['name'];
type AnyCounter = Extract<AnyFamily, { type: 'counter' }>['name'];
type AnyHistogram = Extract<AnyFamily, { type: 'histogram' }>['name'];

/** What the values of a label are, where the code knows them. */
interface KnownValues {
  readonly outcome: Outcome;
  readonly failure: Failure;
  readonly usage_type: UsageType;
  readonly limit: 'rpm' | 'tpm';
  readonly monitoring: 'basic' | 'advanced';
}

type LabelsOf<Name extends FamilyName> = Extract<AnyFamily, { name: Name }>['labels'][number];
type ValueOf<Label> = Label extends keyof KnownValues ? KnownValues[Label] | `$${string}` : string;

/** Matchers beside those of the dashboard's variables: a value, or several of which one has to match. */
export type Where<Name extends FamilyName> = {
  readonly [Label in LabelsOf<Name>]?: ValueOf<Label> | readonly ValueOf<Label>[];
};

type AnyWhere = Readonly<Partial<Record<LabelName, string | readonly string[]>>>;

/**
 * The recorded rate of a counter, at the level that fits the range; filtered by the variables of the dashboard.
 *
 * @throws when the counter is not recorded, or not with a label that is asked for
 */
export function recorded<Name extends Counter>(name: Name, where: Where<Name> = {}): string {
  return recordedSelector(name.replace(/_total$/, ''), where);
}

/** The minute-level rate of a counter, where peaks are looked for among minutes; a name without series elsewhere. */
export function minutesOf<Name extends Counter>(name: Name, where: Where<Name> = {}): string {
  return recorded(name, where).replace(`:$${RESOLUTION}{`, `:$${MINUTES}{`);
}

/** The recorded peaks of what a quota limits, where they are read; a name without series elsewhere. Of the account, those of all its keys. */
export function recordedPeaks(level: 'workspace_model' | 'model', metric: LimitedMetric): string {
  const name = recordedPeak(level === 'model' ? level : 'workspace_model_apikey', metric);
  const { labels } = peakRules().find(({ record }) => record === name)!;
  return selector(name.replace(WITH_KEYS, ALL_KEYS).replace(PEAK_OPERATION, `$${PEAKS}`), labels, {});
}

/** The recorded rates of a histogram: its seconds (`sum`), its calls (`count`), or its buckets, which know no keys. */
export function recordedPart<Name extends Histogram>(
  name: Name,
  part: 'sum' | 'count' | 'bucket',
  where: Where<Name> = {},
): string {
  return recordedSelector(`${name}_${part}`, where);
}

/** A gauge as it is exposed, filtered by the variables of the dashboard. */
export function gauge<Name extends Gauge>(name: Name, where: Where<Name> = {}): string {
  return selector(name, familyOf(name).labels, where);
}

/** How much a raw counter rose over a range: for what is not recorded. */
export function increase<Name extends AnyCounter>(name: Name, where: Where<Name> = {}, range = '$__range'): string {
  return `increase(${selector(name, familyOf(name).labels, where)}[${range}])`;
}

/** How fast a raw counter rises, a second: for what is not recorded. */
export function rate<Name extends AnyCounter>(name: Name, where: Where<Name> = {}): string {
  return `rate(${selector(name, familyOf(name).labels, where)}[$__rate_interval])`;
}

/** How fast a part of a raw histogram rises, a second: for the exporter's own, which are not recorded. */
export function ratePart<Name extends AnyHistogram>(
  name: Name,
  part: 'sum' | 'count' | 'bucket',
  where: Where<Name> = {},
): string {
  return `rate(${selector(`${name}_${part}`, familyOf(name).labels, where)}[$__rate_interval])`;
}

/** The name of a recorded series with the variable at its end, for queries of variables use `recordedName(…, 'minute')`. */
function recordedSelector(metric: string, where: AnyWhere): string {
  // Every level has it, or this throws.
  const names = LEVELS.map(({ name }) => recordedSeries(metric, name).slice(0, -resolutionOf(name).length));
  const [prefix] = names;
  if (names.some((name) => name !== prefix)) throw new Error(`${metric} has other names at other levels`);
  return selector(`${prefix!.replace(WITH_KEYS, ALL_KEYS)}$${RESOLUTION}`, recordedLabels(metric), where);
}

const { counters, buckets } = rulesOf(levelOf('minute'));

function recordedLabels(metric: string): readonly (LabelName | 'le')[] {
  const name = recordedSeries(metric, 'minute');
  return [...counters, ...buckets].find(({ record }) => record === name)!.labels;
}

function selector(name: string, labels: readonly (LabelName | 'le')[], where: AnyWhere): string {
  const matchers: string[] = [];
  for (const label of labels) {
    const wanted = label === 'le' ? undefined : where[label];
    const filter = FILTERS.find((candidate) => candidate.label === label);
    if (wanted !== undefined) matchers.push(matcher(label, wanted));
    else if (filter !== undefined) matchers.push(`${label}=~"$${filter.variable}"`);
  }
  const unknown = Object.keys(where).filter((label) => !labels.includes(label as LabelName));
  if (unknown.length > 0) throw new Error(`${name} has no label ${unknown.join(', ')}`);
  return `${name}{${matchers.join(', ')}}`;
}

function matcher(label: string, wanted: string | readonly string[]): string {
  return typeof wanted === 'string' ? `${label}="${wanted}"` : `${label}=~"${wanted.join('|')}"`;
}
