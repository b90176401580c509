import { sum } from './expressions.js';
import { byRange } from './hidden-variable.js';
import { type Query, series } from './query.js';
import { type Counter, recorded, type Where } from './series.js';
import { addedUp, EVERY } from './totals.js';

/** How much time a bar stands for. A hidden variable: days over weeks, and of a range without a whole day what fits into it. */
export const BAR = 'bar';

const HOUR = 3600;

const BARS = [
  { value: '1m', upTo: HOUR },
  { value: '10m', upTo: 6 * HOUR },
  { value: '1h', upTo: 48 * HOUR },
  { value: '1d', upTo: Number.POSITIVE_INFINITY },
] as const;

/** The value of the variable before Prometheus was asked. */
export const FIRST_BAR = BARS[0].value;

/** One vector, of the bar whose turn it is. */
export function barQuery(): string {
  return byRange(BAR, BARS);
}

/**
 * How much there was in each bar, by arrival of the records, at the start of the bar. Grafana lays days on those of the reader's time
 * zone.
 */
export function byBar<Name extends Counter>(
  name: Name,
  where: Where<Name>,
  by: Parameters<typeof sum>[1],
  legend: string,
): Query {
  const inBar = `sum_over_time(${addedUp(recorded(name, where))}[$${BAR}] offset -$${BAR})`;
  return { ...series(`${sum(inBar, by)} * $${EVERY}`, legend), step: `$${BAR}` };
}
