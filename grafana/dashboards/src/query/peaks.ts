import { PEAK_OPERATION } from '../../../../exporter/recording/peaks.js';
import { labelled } from './hidden-variable.js';
import { resolutionOf } from './resolution.js';
import { HALF_HOURS, TOTALS } from './totals.js';

/** Ends the names of recorded peaks, where they are read. A hidden variable of dashboards with peaks. */
export const PEAKS = 'peaks';

/** Ends the names of the minutes that peaks are looked for in, where no recorded ones fit. Another hidden variable. */
export const MINUTES = 'minutes';

/** Ends no name: a query of nothing costs nothing, while Prometheus reads both sides of an `or`. */
const NEITHER = 'neither';

/** What the two variables are. */
export type PeakSource = Readonly<Record<typeof PEAKS | typeof MINUTES, string>>;

export const RECORDED_PEAKS: PeakSource = { [PEAKS]: PEAK_OPERATION, [MINUTES]: NEITHER };
export const MINUTES_ONLY: PeakSource = { [PEAKS]: NEITHER, [MINUTES]: resolutionOf('minute') };

/**
 * Recorded peaks are read where half-hours are added up: of a short range they would tell what was before it. And where the peak that
 * is asked for is one that is recorded: of all keys together, or of one. Peaks can't be added up.
 *
 * Prometheus compares what is chosen: all is `.*`, several are `(a|b)`.
 */
export function peaksQuery(): string {
  const chosen = labelled('vector(0)', { ...RECORDED_PEAKS, chosen: `$${TOTALS} $apikey` });
  const fits = `label_replace(${chosen}, "fits", "yes", "chosen", "${HALF_HOURS[TOTALS]} [^|]+")`;
  const minutes = labelled('vector(0)', MINUTES_ONLY);
  return `query_result((${fits} and on (fits) ${labelled('vector(0)', { fits: 'yes' })}) or on () ${minutes})`;
}
