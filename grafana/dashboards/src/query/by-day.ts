import { sum } from './expressions.js';
import { type Counter, recorded, type Where } from './series.js';
import { addedUp, EVERY } from './totals.js';

/**
 * How much there was on each day, by arrival of the records, at the start of the day: for panels with a step of a day, which Grafana
 * lays on the days of the reader's time zone.
 */
export function byDay<Name extends Counter>(name: Name, where: Where<Name>, by: Parameters<typeof sum>[1]): string {
  const day = `sum_over_time(${addedUp(recorded(name, where))}[1d] offset -1d)`;
  return `${sum(day, by)} * $${EVERY}`;
}
