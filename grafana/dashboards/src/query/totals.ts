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
const STEP = '1h';
/** A day of them: half-hours say nothing of the one that is not over, which matters less later. */
const LEAST_MOMENTS = 24;
/** Two days of them: as much as is read of 5 minutes in any case. */
const FEW_MOMENTS = 48;

/**
 * What is added up is what is drawn, but where hours are drawn:
 *
 * - Half-hours, of which a month is a fifteenth of the samples, once they reach back as far as the hours do, in the range and in the one
 *   before it, with which cards compare: after an update they begin with it.
 * - Before that, on the first two days, series of two minutes: hours count a call in full an hour after it came, which would be most of
 *   what there is.
 */
export function totalsQuery(): string {
  const areHoursDrawn = `vector($__range_s) > ${LONGEST_RANGES['5-minute']}`;
  const enough = `${areHoursDrawn} and on () (${halves('')} >= ${LEAST_MOMENTS})`;
  const halfHours = labelled(
    `${enough} unless on () ${isLater('')} unless on () ${isLater(' offset $__range')}`,
    HALF_HOURS,
  );
  const minutes = `group(last_over_time(${callsAt('minute')}[${STEP}]))`;
  const young = labelled(
    `(${areHoursDrawn} and on () ${minutes}) unless on () (${hours('')} > ${FEW_MOMENTS})`,
    totalsOf('minute'),
  );
  const drawn = labelled('vector(0)', { [TOTALS]: `$${RESOLUTION}`, [EVERY]: totalsOf('minute')[EVERY] });
  const ofHours = `label_replace(${drawn}, "${EVERY}", "${totalsOf('hour')[EVERY]}", "${TOTALS}", "${resolutionOf('hour')}")`;
  return `query_result(${halfHours} or on () ${young} or on () ${ofHours})`;
}

/** Something where hours were there before half-hours: at more than one of the moments, since the first half-hour takes its time. */
function isLater(offset: string): string {
  return `((${hours(offset)} - 1) > (${halves(offset)} or on () vector(0)))`;
}

/** At how many moments of the range there were any series of the hour level. */
function hours(offset: string): string {
  return `count_over_time(group(${callsAt('hour')})[$__range:${STEP}]${offset})`;
}

/** The same of half-hours, which are there only for a while. */
function halves(offset: string): string {
  return `count_over_time(group(last_over_time(${callsAt(TOTALS_LEVEL.name)}[35m]))[$__range:${STEP}]${offset})`;
}

/** One of the outcomes, which all are there from the first call on: fewer series tell as much. */
function callsAt(level: LevelName): string {
  return `${recordedSeries('model_calls', level, 'all keys')}{outcome="success"}`;
}
