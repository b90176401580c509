import { PEAK_OPERATION } from '../../../../exporter/recording/peaks.js';
import { LONGEST_RANGES, resolutionOf } from './resolution.js';

/** Ends the names of recorded peaks, where they are read. A hidden variable of dashboards with peaks. */
export const PEAKS = 'peaks';

/** Ends the names of the minutes that peaks are looked for in, where no recorded ones fit. The other hidden variable. */
export const MINUTES = 'minutes';

/** Ends no name: a query of nothing costs nothing, while Prometheus reads both sides of an `or`. */
const NEITHER = 'neither';

/** What the two variables are. */
export interface PeakSource {
  readonly [PEAKS]: string;
  readonly [MINUTES]: string;
}

export const RECORDED_PEAKS: PeakSource = { [PEAKS]: PEAK_OPERATION, [MINUTES]: NEITHER };
export const MINUTES_ONLY: PeakSource = { [PEAKS]: NEITHER, [MINUTES]: resolutionOf('minute') };

/**
 * Recorded peaks are read where hours are: of a short range they would tell what was an hour before it. And where the peak that is asked
 * for is one that is recorded: of all keys and all workspaces together, of one inference type or of all. Peaks can't be added up.
 *
 * Prometheus compares what is chosen: all is `.*`, several are `(a|b)`.
 */
export function peaksQuery(): string {
  const minutes = labelled('vector(0)', MINUTES_ONLY);
  const recorded = labelled(`vector($__range_s) > ${LONGEST_RANGES['5-minute']}`, RECORDED_PEAKS);
  const chosen = `label_replace(${recorded}, "chosen", "$apikey $workspace $inference_type", "", "")`;
  const fits = `label_replace(${chosen}, "fits", "yes", "chosen", "\\\\.\\\\* \\\\.\\\\* [^|]+")`;
  return `query_result((${fits} and on (fits) label_replace(vector(0), "fits", "yes", "", "")) or on () ${minutes})`;
}

/** Takes the value of either variable out of the answer to `peaksQuery`. */
export function peaksRegex(variable: keyof PeakSource): string {
  return `/${variable}="([^"]+)"/`;
}

function labelled(vector: string, source: PeakSource): string {
  return Object.entries(source).reduce(
    (expression, [name, value]) => `label_replace(${expression}, "${name}", "${value}", "", "")`,
    vector,
  );
}
