import { durationMs, rangeOf, type TimeRange, timeVariables } from './time-range.js';

/** What a variable stands for. */
export interface VariableValue {
  readonly values: readonly string[];
  /** Several may be chosen: they become a regular expression. */
  readonly isMulti: boolean;
  /** As it is, with nothing escaped: what stands for all. */
  readonly isRaw?: boolean;
}

export type VariableValues = ReadonlyMap<string, VariableValue>;

/** Not `$1`, which is of a regular expression. */
const VARIABLE = /\$([a-zA-Z_]\w*)|\$\{([a-zA-Z_]\w*)(?::(\w+))?\}/g;
const REGEX_CHARACTERS = /[$^*{}[\]+?.()|]/g;

/**
 * A query with its variables filled in, as Grafana does it for Prometheus and Loki.
 *
 * @throws when it has a variable, or a format of one, that is not known. Grafana would send it as it stands.
 */
export function interpolated(text: string, variables: VariableValues, range: TimeRange): string {
  const times = timeVariables(range);
  return text.replaceAll(VARIABLE, (whole: string, plain?: string, braced?: string, format?: string) => {
    const name = plain ?? braced ?? '';
    // Grafana's own word in links that choose everything; it is no variable.
    if (name === '__all') return whole;
    const value = times.get(name) ?? variables.get(name);
    if (value === undefined) throw new Error(`unknown variable ${whole}`);
    return typeof value === 'string' ? value : formatted(value, format, whole);
  });
}

/** The range that a query of a panel asks for: its least interval is that of the panel or its own, in which a variable may stand. */
export function rangeOfTarget(
  start: number,
  end: number,
  panel: { maxDataPoints?: number; interval?: string },
  { interval = '' }: { interval?: string },
  variables: VariableValues,
): TimeRange {
  const range = rangeOf(start, end, panel);
  if (interval === '') return range;
  return { ...range, intervalMs: Math.max(range.intervalMs, durationMs(interpolated(interval, variables, range))) };
}

function formatted({ values, isMulti, isRaw }: VariableValue, format: string | undefined, whole: string): string {
  if (isRaw) return values.join('|');
  if (format === undefined) {
    // In the quotes of a query a backslash is written as two.
    const escaped = values.map((value) => value.replaceAll('\\', '\\\\\\\\').replaceAll(REGEX_CHARACTERS, '\\\\$&'));
    return isMulti ? alternatives(escaped) : values.join(',');
  }
  switch (format) {
    case 'raw':
    case 'csv':
      return values.join(',');
    case 'pipe':
      return values.join('|');
    case 'regex':
      return alternatives(values.map((value) => value.replaceAll('\\', '\\\\').replaceAll(REGEX_CHARACTERS, '\\$&')));
    default:
      throw new Error(`unknown format of a variable: ${whole}`);
  }
}

function alternatives(values: readonly string[]): string {
  return values.length === 1 ? values[0]! : `(${values.join('|')})`;
}
