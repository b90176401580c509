import { PEAK_OPERATION, type PeakLevel } from '../../../../exporter/recording/peaks.js';
import { labelled } from './hidden-variable.js';
import { LONGEST_RANGES, resolutionOf } from './resolution.js';

/** Ends the names of recorded peaks, where they are read. A hidden variable of dashboards with peaks. */
export const PEAKS = 'peaks';

/** Ends the names of the minutes that peaks are looked for in, where no recorded ones fit. Another hidden variable. */
export const MINUTES = 'minutes';

/**
 * Begins the names of recorded peaks of the account, which are those of all chosen workspaces together: `model`, or `workspace_model` where
 * one is chosen. The third hidden variable.
 */
export const ACCOUNT = 'account';

/** Ends no name: a query of nothing costs nothing, while Prometheus reads both sides of an `or`. */
const NEITHER = 'neither';

/** What the three variables are. */
export interface PeakSource {
  readonly [PEAKS]: string;
  readonly [MINUTES]: string;
  readonly [ACCOUNT]: PeakLevel;
}

export const RECORDED_PEAKS = { [PEAKS]: PEAK_OPERATION, [MINUTES]: NEITHER, [ACCOUNT]: 'model' } as const;
export const PEAKS_OF_ONE_WORKSPACE = { ...RECORDED_PEAKS, [ACCOUNT]: 'workspace_model' } as const;
export const MINUTES_ONLY = { [PEAKS]: NEITHER, [MINUTES]: resolutionOf('minute'), [ACCOUNT]: 'model' } as const;

/**
 * Recorded peaks are read where hours are: of a short range they would tell what was an hour before it. And where the peak that is asked
 * for is one that is recorded: of all keys together, of one workspace or of all, of one inference type or of all. Peaks can't be added up.
 *
 * Prometheus compares what is chosen: all is `.*`, several are `(a|b)`.
 */
export function peaksQuery(): string {
  const recorded = labelled(`vector($__range_s) > ${LONGEST_RANGES['5-minute']}`, PEAKS_OF_ONE_WORKSPACE);
  const chosen = `label_replace(${recorded}, "chosen", "$apikey $workspace $inference_type", "", "")`;
  const ofAll = `label_replace(${chosen}, "${ACCOUNT}", "${RECORDED_PEAKS[ACCOUNT]}", "chosen", "\\\\.\\\\* \\\\.\\\\* .+")`;
  const fits = `label_replace(${ofAll}, "fits", "yes", "chosen", "\\\\.\\\\* [^|]+ [^|]+")`;
  const minutes = labelled('vector(0)', MINUTES_ONLY);
  return `query_result((${fits} and on (fits) ${labelled('vector(0)', { fits: 'yes' })}) or on () ${minutes})`;
}
