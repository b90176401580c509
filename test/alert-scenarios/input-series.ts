/** Traffic of a model as promtool reads series: counters that rise, stand still, fall to zero, are born and go. */

/** How much a minute comes to each raw counter: name and labels, without workspace and model. */
export type Amounts = Readonly<Record<string, number>>;

export interface Segment {
  readonly minutes: number;
  /** Counters not named here stand still. Null: no series at all. */
  readonly amounts: Amounts | null;
  /** It begins with all counters at zero. */
  readonly restarts?: boolean;
  /** The last call is that long ago, minutes; else it is now where there are calls, and stands still where there are none. */
  readonly lastCallAgo?: number;
}

export interface Subject {
  readonly workspace: string;
  readonly model: string;
  readonly segments: readonly Segment[];
  readonly monitoring?: 'basic' | 'advanced';
  /** The share of its calls that are late. */
  readonly late?: number;
  /** It stands for the account: there are its gauges, but no calls of its own. */
  readonly isNoWorkspace?: boolean;
  /** Gauges that stay as they are, as counters are named. */
  readonly gauges?: Readonly<Record<string, number>>;
}

export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

const FRACTIONS = 2 ** 16;
const LATE_CALLS = 'model_observation_late_calls_total{}';

/** @param interval seconds between two scrapes */
export function inputSeries(subject: Subject, interval: number): InputSeries[] {
  const { workspace, model, monitoring = 'advanced', late = 0, gauges = {} } = subject;
  const segments = subject.segments.map((segment) => withLateCalls(segment, late));
  const counters = new Set(segments.flatMap(({ amounts }) => Object.keys(amounts ?? {})));
  const target = 'instance="a:9490",job="model-observation"';
  const named = (name: string) =>
    name.replace(/\{/, `{${target},workspace_id=${JSON.stringify(workspace)},model=${JSON.stringify(model)},`);
  const constants = Object.entries(gauges);
  const ofGauges = constants.map(([name, value]) => ({
    series: named(name),
    values: gaugeValues(value, segments, interval),
  }));
  if (subject.isNoWorkspace === true) return ofGauges;
  return [
    ...[...counters].map((name) => ({ series: named(name), values: counterValues(name, segments, interval) })),
    { series: named('model_last_call_timestamp_seconds{}'), values: lastCallValues(segments, interval) },
    ...ofGauges,
    {
      series: `model_workspace_info{${target},workspace_id=${JSON.stringify(workspace)},monitoring="${monitoring}"}`,
      values: gaugeValues(1, segments, interval),
    },
  ];
}

function withLateCalls(segment: Segment, late: number): Segment {
  if (segment.amounts === null || late === 0) return segment;
  return { ...segment, amounts: { ...segment.amounts, [LATE_CALLS]: late * callsIn(segment.amounts) } };
}

function callsIn(amounts: Amounts): number {
  const calls = Object.entries(amounts).filter(([name]) => name.startsWith('model_calls_total{'));
  return calls.reduce((sum, [, amount]) => sum + amount, 0);
}

function counterValues(name: string, segments: readonly Segment[], interval: number): string {
  let value: number | null = null;
  return written(segments, interval, (amounts, samples, { restarts = false }) => {
    const step = Math.round((((amounts[name] ?? 0) * interval) / 60) * FRACTIONS);
    const begins = value === null || restarts;
    const first: number = begins ? 0 : (value ?? 0) + step;
    value = first + step * (samples - 1);
    return { first, step };
  });
}

function gaugeValues(value: number, segments: readonly Segment[], interval: number): string {
  return written(segments, interval, () => ({ first: value * FRACTIONS, step: 0 }));
}

function lastCallValues(segments: readonly Segment[], interval: number): string {
  let last = 0;
  return written(segments, interval, (amounts, samples, { lastCallAgo = 0 }, at) => {
    if (callsIn(amounts) === 0) return { first: last * FRACTIONS, step: 0 };
    last = at + (samples - 1) * interval - lastCallAgo * 60;
    return { first: (at - lastCallAgo * 60) * FRACTIONS, step: interval * FRACTIONS };
  });
}

/**
 * In whole fractions by a power of two, which add up without rounding: a counter that lost a hair between two segments would
 * have begun again.
 */
type Line = { readonly first: number; readonly step: number };

function written(
  segments: readonly Segment[],
  interval: number,
  line: (amounts: Amounts, samples: number, segment: Segment, atSeconds: number) => Line,
): string {
  let at = 0;
  let wasThere = false;
  const parts = segments.map((segment) => {
    const samples = (segment.minutes * 60) / interval;
    if (!Number.isInteger(samples) || samples < 1) throw new Error(`${segment.minutes} min are no whole scrapes`);
    const began = at;
    at += samples * interval;
    if (segment.amounts === null) {
      const missing = wasThere ? ['stale', ...(samples > 1 ? [`_x${samples - 1}`] : [])] : [`_x${samples}`];
      wasThere = false;
      return missing.join(' ');
    }
    wasThere = true;
    const { first, step } = line(segment.amounts, samples, segment, began);
    return `${decimal(first)}+${decimal(step)}x${samples - 1}`;
  });
  return parts.join(' ');
}

/** Without an exponent, which promtool takes for something else. */
function decimal(fractions: number): string {
  return (fractions / FRACTIONS).toFixed(16).replace(/\.?0+$/, '');
}
