import { type LevelName, TOTALS_LEVEL } from '../../../../exporter/recording/levels.js';
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
/** A day of them: half-hours say nothing of the one that is not over, which matters less later. */
const LEAST_MOMENTS = 4;
/** Two days of them: as much as is read of minutes in any case. */
const FEW_MOMENTS = 8;

/**
 * What is added up is what is drawn, but where hours are drawn:
 *
 * - Half-hours, of which a month is a fifteenth of the samples, once they reach back as far as the hours do: after an update they begin
 *   with it.
 * - Before that, on the first two days, minutes: hours count a call in full an hour after it came, which would be most of what there is.
 */
export function totalsQuery(): string {
  const hours = reach(callsAt('hour'));
  const minutes = `group(last_over_time(${callsAt('minute')}[${STEP}]))`;
  const halves = reach(`last_over_time(${callsAt(TOTALS_LEVEL.name)}[35m])`);
  const areHoursDrawn = `vector($__range_s) > ${LONGEST_RANGES['5-minute']}`;
  const halfHours = labelled(
    `${areHoursDrawn} and on () ((${halves} >= ${LEAST_MOMENTS}) >= (${hours} - 1))`,
    HALF_HOURS,
  );
  const young = labelled(
    `(${areHoursDrawn} and on () ${minutes}) unless on () (${hours} > ${FEW_MOMENTS})`,
    totalsOf('minute'),
  );
  const drawn = labelled('vector(0)', { [TOTALS]: `$${RESOLUTION}`, [EVERY]: totalsOf('minute')[EVERY] });
  const ofHours = `label_replace(${drawn}, "${EVERY}", "${totalsOf('hour')[EVERY]}", "${TOTALS}", "${resolutionOf('hour')}")`;
  return `query_result(${halfHours} or on () ${young} or on () ${ofHours})`;
}

function callsAt(level: LevelName): string {
  return recordedSeries('model_calls', level, 'all keys');
}

/** At how many moments of the range there were any of the series. */
function reach(series: string): string {
  return `count_over_time(group(${series})[$__range:${STEP}])`;
}
