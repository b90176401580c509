import { FAILURES, type Monitoring, OUTCOMES, USAGE_TYPES, type UsageType } from '../../call/call.js';
import { OVERFLOW } from '../../call/label-value.js';
import type { FamilyName } from './catalogue.js';
import { boundText, labelText } from './labels.js';

/** Usage types that are born together with the first usage of any type. */
export const BASIC_USAGE = ['total_tokens', 'input_tokens', 'output_tokens'] as const satisfies readonly UsageType[];

/** Usage types that are born one by one, each when first above 0. */
export const OTHER_USAGE: readonly UsageType[] = USAGE_TYPES.filter(
  (type) => !(BASIC_USAGE as readonly UsageType[]).includes(type),
);

/** What may be folded to keep the number of series within its budget, in the order in which it is. */
export const OVERFLOW_DIMENSIONS = [
  'error_code',
  'apikey_id_histograms',
  'apikey_id',
  'model',
  'workspace_id',
] as const;

/** Where a call stood when it timed out: before its first token, or while generating. */
export const TIMEOUT_STAGES = ['first_token', 'generation'] as const;

export const MICROS_PER_SECOND = 1e6;
export const NANOS_PER_UNIT = 1e9;

/** How a cell's number is shown: as it is, whole µs as seconds, or two cells (units, billionths) as one decimal. */
export type Scale = 'whole' | 'micros' | 'money';

/** One line of a block. */
export interface SeriesShape {
  readonly suffix: '' | '_bucket' | '_sum' | '_count';
  /** Further label text with a leading comma; empty where there is none. */
  readonly labels: string;
  /** The cell that the line shows, counted from 0 after the birth. */
  readonly cell: number;
  /** The line shows the sum of cells 0 to `cell`: a bucket. */
  readonly cumulative: boolean;
  readonly scale: Scale;
}

export const KIND_NAMES = [
  'calls',
  'failures',
  'errors',
  'timeouts',
  'usage',
  'usageOther',
  'usageDuration',
  'cost',
  'duration',
  'firstToken',
  'perToken',
  'lastCall',
  'late',
  'unpriced',
  'workspaceInfo',
  'durationBasic',
  'firstTokenBasic',
  'perTokenBasic',
  'overflow',
  'workspaceSeries',
] as const;
export type KindName = (typeof KIND_NAMES)[number];

/** The histograms, each kept with buckets or without, as its workspace is watched. */
export const HISTOGRAMS = ['duration', 'firstToken', 'perToken'] as const satisfies readonly KindName[];
export type HistogramName = (typeof HISTOGRAMS)[number];

/** The kind that a histogram is kept as in this monitoring mode. */
export function histogramKind(name: HistogramName, monitoring: Monitoring): KindName {
  return monitoring === 'basic' ? `${name}Basic` : name;
}

/** A sort of block: which family it belongs to, who owns it, and what its cells mean. */
export interface BlockKind {
  readonly name: KindName;
  readonly family: FamilyName;
  readonly owner: 'workspace' | 'model' | 'tuple';
  /** A counter: reads 0 until its birth hold is over, and begins at 0 with a new epoch. */
  readonly counter: boolean;
  /** Numbers after the birth. */
  readonly cells: number;
  readonly shapes: readonly SeriesShape[];
  /** Label text of a key, with a leading comma. */
  suffix(key: string): string;
}

/** Ascending upper bounds in whole µs, without +Inf. */
export interface BucketBounds {
  readonly duration: Float64Array;
  readonly firstToken: Float64Array;
  readonly perToken: Float64Array;
}

export type BlockKinds = { readonly [Name in KindName]: BlockKind };

/** Every kind of block, for the given bucket bounds. */
export function blockKinds(bounds: BucketBounds): BlockKinds {
  return {
    calls: counter('calls', 'model_calls_total', 'tuple', perValue('outcome', OUTCOMES), named('protocol')),
    failures: counter('failures', 'model_call_failures_total', 'tuple', perValue('failure', FAILURES)),
    errors: counter('errors', 'model_call_errors_total', 'tuple', [line()], errorSuffix),
    timeouts: counter('timeouts', 'model_call_timeouts_total', 'tuple', perValue('stage', TIMEOUT_STAGES)),
    usage: counter('usage', 'model_usage_total', 'tuple', perValue('usage_type', BASIC_USAGE)),
    usageOther: counter('usageOther', 'model_usage_total', 'tuple', [line()], named('usage_type')),
    usageDuration: counter('usageDuration', 'model_usage_total', 'tuple', [line(0, 'micros')], named('usage_type')),
    cost: { ...counter('cost', 'model_cost_total', 'tuple', [line(0, 'money')], named('currency')), cells: 2 },
    duration: histogram('duration', 'model_call_duration_seconds', bounds.duration),
    firstToken: histogram('firstToken', 'model_first_token_duration_seconds', bounds.firstToken),
    perToken: histogram('perToken', 'model_generation_duration_per_token_seconds', bounds.perToken),
    lastCall: gauge('lastCall', 'model_last_call_timestamp_seconds', 'model', line(0, 'micros')),
    late: counter('late', 'model_observation_late_calls_total', 'model', [line()]),
    unpriced: counter('unpriced', 'model_observation_unpriced_calls_total', 'model', [line()]),
    workspaceInfo: {
      ...gauge('workspaceInfo', 'model_workspace_info', 'workspace', line()),
      suffix: named('monitoring'),
    },
    durationBasic: plainHistogram('durationBasic', 'model_call_duration_seconds'),
    firstTokenBasic: plainHistogram('firstTokenBasic', 'model_first_token_duration_seconds'),
    perTokenBasic: plainHistogram('perTokenBasic', 'model_generation_duration_per_token_seconds'),
    overflow: counter(
      'overflow',
      'model_observation_overflow_calls_total',
      'workspace',
      perValue('dimension', OVERFLOW_DIMENSIONS),
    ),
    workspaceSeries: gauge('workspaceSeries', 'model_observation_workspace_series', 'workspace', line()),
  };
}

/**
 * The key of an errors block. The status is numeric and comes first, so the first colon ends it and no
 * error code can forge another key.
 */
export function errorKey(statusCode: number, errorCode: string): string {
  return `${statusCode}:${errorCode}`;
}

/** The two parts of `errorKey`; null when the text is none. */
export function parseErrorKey(key: string): { statusCode: number; errorCode: string } | null {
  const match = /^(\d+):/.exec(key);
  return match ? { statusCode: Number(match[1]), errorCode: key.slice(match[0].length) } : null;
}

/** In place of a status code that was folded; no call has it. */
export const FOLDED_STATUS = 0;

function errorSuffix(key: string): string {
  const end = key.indexOf(':');
  const status = Number(key.slice(0, end)) === FOLDED_STATUS ? OVERFLOW : key.slice(0, end);
  return `,${labelText('status_code', status)},${labelText('error_code', key.slice(end + 1))}`;
}

function named(label: string): (key: string) => string {
  return (key) => `,${labelText(label, key)}`;
}

function line(cell = 0, scale: Scale = 'whole'): SeriesShape {
  return { suffix: '', labels: '', cell, cumulative: false, scale };
}

function perValue(label: string, values: readonly string[]): readonly SeriesShape[] {
  return values.map((value, cell) => ({ ...line(cell), labels: `,${labelText(label, value)}` }));
}

function counter(
  name: KindName,
  family: FamilyName,
  owner: BlockKind['owner'],
  shapes: readonly SeriesShape[],
  suffix: (key: string) => string = () => '',
): BlockKind {
  return { name, family, owner, counter: true, cells: shapes.length, shapes, suffix };
}

function gauge(name: KindName, family: FamilyName, owner: BlockKind['owner'], shape: SeriesShape): BlockKind {
  return { name, family, owner, counter: false, cells: 1, shapes: [shape], suffix: () => '' };
}

/**
 * Sum and count alone: averages, no percentiles. Cells: count, sum in µs. Without even the bucket +Inf,
 * which would join in when the buckets of several workspaces are added up, and spoil their percentiles.
 */
function plainHistogram(name: KindName, family: FamilyName): BlockKind {
  const shapes: SeriesShape[] = [
    { ...line(1, 'micros'), suffix: '_sum' },
    { ...line(0), suffix: '_count' },
  ];
  return counter(name, family, 'tuple', shapes);
}

/** Cells: one count for each bucket, not cumulative, +Inf last; then the sum in µs. */
function histogram(name: KindName, family: FamilyName, boundsUs: Float64Array): BlockKind {
  const infinite = boundsUs.length;
  const buckets = [...boundsUs].map((bound) => bound / MICROS_PER_SECOND).concat(Number.POSITIVE_INFINITY);
  const shapes: SeriesShape[] = buckets.map((bound, cell) => ({
    suffix: '_bucket',
    labels: `,${labelText('le', boundText(bound))}`,
    cell,
    cumulative: true,
    scale: 'whole',
  }));
  shapes.push({ suffix: '_sum', labels: '', cell: infinite + 1, cumulative: false, scale: 'micros' });
  shapes.push({ suffix: '_count', labels: '', cell: infinite, cumulative: true, scale: 'whole' });
  return { ...counter(name, family, 'tuple', shapes), cells: infinite + 2 };
}
