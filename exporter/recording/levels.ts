/**
 * The levels at which series are recorded: over which window, and how often.
 *
 * The range of a rule is its window and one scrape interval (15s) more. So it always holds a whole window of increases:
 * `[2m15s]` nine scrapes, which are eight increases of 15s, wherever the scrapes fall. `[2m]` would hold but seven, and
 * over evaluations a minute apart some increases would be seen twice and some once: on bursty traffic that puts totals
 * off by several per cent. At another scrape interval the rules are right on average, and some per cent noisier.
 *
 * Prometheus forgets a sample after 5 minutes (`--query.lookback-delta`), version 3 after a moment less. So a rule that
 * is evaluated every 5 minutes is gone for a moment before each evaluation, and longer whenever one is late. Every
 * interval of `LEVELS` leaves room for a whole evaluation that did not happen, and for a late one after it.
 */
export interface Level {
  /** As in the name of its rule file: `recording-<name>.yml`. */
  readonly name: string;
  /** How much time a rate is of, and the end of the names of its series: `rate2m`. */
  readonly window: string;
  /** The range under `rate()`. */
  readonly range: string;
  /** How often its rules are evaluated. */
  readonly interval: string;
  /** What it is for, for the rule file and the reference page. */
  readonly purpose: string;
}

export const LEVELS = [
  {
    name: 'minute',
    window: '2m',
    range: '2m15s',
    interval: '1m',
    purpose: 'What happens now: panels up to 12 hours, alerts where calls come every few seconds.',
  },
  {
    name: '5-minute',
    window: '5m',
    range: '5m15s',
    interval: '1m',
    purpose: 'The same where calls are rare, and panels up to 2 days: steadier ratios and percentiles.',
  },
  {
    name: 'hour',
    window: '1h',
    range: '1h15s',
    interval: '2m',
    purpose: 'Days and weeks as they are drawn, percentiles of a whole hour.',
  },
] as const satisfies readonly Level[];

/**
 * The level for totals over weeks: a fifteenth of the samples of the hour level. Nothing is there at most moments, which a sum over a
 * range does not mind. The windows of two evaluations touch and do not overlap, so each increase is in one of them: half an hour is
 * what a total misses if Prometheus was not there at an evaluation, and what it is behind at most.
 */
export const TOTALS_LEVEL = {
  name: 'half-hour',
  window: '30m',
  range: '30m15s',
  interval: '30m',
  purpose: 'Totals, ratios and percentiles over days and weeks: between evaluations the series are not there.',
} as const satisfies Level;

/** All that is recorded, as the rule files are. */
export const RECORDED_LEVELS = [...LEVELS, TOTALS_LEVEL] as const;

/** A level whose series are there at every moment. */
export type MomentLevelName = (typeof LEVELS)[number]['name'];
export type LevelName = (typeof RECORDED_LEVELS)[number]['name'];

/** The level of that name; the names are those of `RECORDED_LEVELS`. */
export function levelOf(name: LevelName): Level {
  return RECORDED_LEVELS.find((level) => level.name === name) as Level;
}
