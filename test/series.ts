/** Series by their key, in no order; the value as it is shown. */
export type SeriesValues = Map<string, number>;

/** One spelling for a series: labels by name, values quoted as in JSON; an empty label is none, as in Prometheus. */
export function seriesKey(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .filter((label) => labels[label] !== '')
    .sort()
    .map((label) => `${label}=${JSON.stringify(labels[label])}`);
  return `${name}{${pairs.join(',')}}`;
}

/** Whether a family is moved by call records alone, which makes it exact over restarts. */
export function isCallSeries(key: string): boolean {
  return /^model_(?!observation_|quota\b)|^model_observation_(late|unpriced|overflow)_calls_total\b/.test(key);
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/gy;

/**
 * Reads an exposition in the text format.
 * @throws on a line that is none, a label that is malformed, or a series that stands there twice
 */
export function parseExposition(text: string): SeriesValues {
  const values: SeriesValues = new Map();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, name = '', labelText = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === '') throw new Error(`not a sample: ${line}`);
    const key = seriesKey(name, parseLabels(labelText));
    if (values.has(key)) throw new Error(`stands there twice: ${line}`);
    values.set(key, Number(value.replace('Inf', 'Infinity')));
  }
  return values;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let end = 0;
  for (const [match, name = '', value = ''] of text.matchAll(LABEL)) {
    labels[name] = value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
    end += match.length;
  }
  if (end !== text.length) throw new Error(`not labels: ${text}`);
  return labels;
}

/** Only the series that call records move. */
export function callSeries(values: SeriesValues): SeriesValues {
  return new Map([...values].filter(([key]) => isCallSeries(key)));
}

const SHOWN = 20;

/** How two sets of series differ, in words; empty when they are the same to the last digit. */
export function differences(found: SeriesValues, expected: SeriesValues): string[] {
  const lines: string[] = [];
  for (const [key, value] of expected) {
    const there = found.get(key);
    if (there !== value) lines.push(`${key} is ${there ?? 'missing'}, not ${value}`);
  }
  for (const [key, value] of found) if (!expected.has(key)) lines.push(`${key} (${value}) should not be there`);
  return lines.length > SHOWN ? [...lines.slice(0, SHOWN), `and ${lines.length - SHOWN} more`] : lines;
}
