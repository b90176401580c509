import { evaluationSeconds } from '../../../../exporter/recording/recorded-series.js';
import { sum } from './expressions.js';
import { type Counter, recordedAt, type Where } from './series.js';

/**
 * How much there was on each day, by arrival of the records, at the start of the day: for panels with a step of a day, which Grafana
 * lays on the days of the reader's time zone. Of hours, whatever the range: a day of them is few points.
 */
export function byDay<Name extends Counter>(name: Name, where: Where<Name>, by: Parameters<typeof sum>[1]): string {
  const day = `sum_over_time(${recordedAt('hour', name, where)}[1d] offset -1d)`;
  return `${sum(day, by)} * ${evaluationSeconds('hour')}`;
}
