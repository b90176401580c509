import { TOTALS_LEVEL } from '../../../../exporter/recording/levels.js';
import { evaluationSeconds, recordedSeries } from '../../../../exporter/recording/recorded-series.js';
import { labelled } from './hidden-variable.js';
import { LONGEST_RANGES, RESOLUTION, resolutionOf } from './resolution.js';

/** Ends the name of a recorded series whose values are added up over the range of the dashboard. A hidden variable. */
export const TOTALS = 'totals';

/** Seconds between two of those values. The other hidden variable. */
export const EVERY = 'every';

/** What the two variables are. */
export type TotalsSource = Readonly<Record<typeof TOTALS | typeof EVERY, string>>;

export const HALF_HOURS: TotalsSource = totalsOf(TOTALS_LEVEL.name);

/** Totals of the level that is drawn, too. */
export function totalsOf(level: Parameters<typeof resolutionOf>[0]): TotalsSource {
  return { [TOTALS]: resolutionOf(level), [EVERY]: String(evaluationSeconds(level)) };
}

/** A recorded series with the level of totals in its name instead of that for moments. */
export function addedUp(series: string): string {
  return series.replaceAll(`$${RESOLUTION}`, `$${TOTALS}`);
}

/** How far apart the moments are at which it is looked whether there are series. */
const STEP = '6h';
/** Half-hours say nothing of the one that is not over. On the first day that matters, and there is little to read. */
const LEAST_MOMENTS = 4;

/**
 * Where hours are drawn, half-hours are added up, of which a month is a fifteenth of the samples. But only once they reach back as far
 * as the hours do: after an update they begin with it.
 */
export function totalsQuery(): string {
  const hours = reach(recordedSeries('model_calls', 'hour', 'all keys'));
  const halves = reach(`last_over_time(${recordedSeries('model_calls', TOTALS_LEVEL.name, 'all keys')}[35m])`);
  const reachBack = `(${halves} >= ${LEAST_MOMENTS}) >= (${hours} - 1)`;
  const halfHours = labelled(`vector($__range_s) > ${LONGEST_RANGES['5-minute']} and on () (${reachBack})`, HALF_HOURS);
  const minutes = labelled('vector(0)', { [TOTALS]: `$${RESOLUTION}`, [EVERY]: totalsOf('minute')[EVERY] });
  const drawn = `label_replace(${minutes}, "${EVERY}", "${totalsOf('hour')[EVERY]}", "${TOTALS}", "${resolutionOf('hour')}")`;
  return `query_result(${halfHours} or on () ${drawn})`;
}

/** At how many moments of the range there were any of the series. */
function reach(series: string): string {
  return `count_over_time(group(${series})[$__range:${STEP}])`;
}
