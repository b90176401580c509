/** API keys of each of three workspaces, so that the series are some 390,000 lines of a scrape. */
export const SCALE_KEYS = '225';
/** So many records give birth to nearly all of them. */
export const SCALE_BIRTHS = 250_000;
const SCALE_LINES = 390_000;
/** The last few are born by rare errors, while the benchmarks run. */
const TOLERANCE = 0.03;

/** So much room that nothing is folded: the budgets are not what is measured. */
export const SCALE_LIMITS = { workspace: 1_000_000, total: 2_000_000 };
export const SCALE_ENV = {
  MODEL_OBSERVATION_METRICS_SERIES_WORKSPACE: String(SCALE_LIMITS.workspace),
  MODEL_OBSERVATION_METRICS_SERIES_TOTAL: String(SCALE_LIMITS.total),
};

/** Throws when a benchmark does not have the series that it says it has. */
export function checkScale(what: string, lines: number): void {
  if (Math.abs(lines / SCALE_LINES - 1) > TOLERANCE) {
    throw new Error(`${what} has ${lines} series, not some ${SCALE_LINES}: the benchmark measures something else`);
  }
}

/** The same of a server, by a scrape. */
export async function checkScaleOf(what: string, url: string): Promise<void> {
  const response = await fetch(`${url}/metrics`);
  checkScale(what, seriesIn(await response.text()));
}

/** How many lines of an exposition are series. */
export function seriesIn(text: string): number {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}
