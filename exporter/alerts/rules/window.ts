import { formatDuration, parseDuration } from '../../config/quantities.js';
import type { LevelName } from '../../recording/levels.js';
import { evaluationSeconds, recordedSeries } from '../../recording/recorded-series.js';
import { selector } from './promql.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What a condition looks back on. Each stands on one level of recorded series. */
export interface Window {
  /** As in the names of series: `5m`. */
  readonly name: string;
  readonly seconds: number;
  readonly level: LevelName;
  /** The level's own window: the series says it by itself. */
  readonly isLevel: boolean;
}

/** The hour that growth looks at. */
export const HOUR_WINDOW: Window = windowOf(HOUR);

/** @param ms one of `WINDOWS` */
export function windowOf(ms: number): Window {
  const level = ms <= 2 * MINUTE ? 'minute' : ms < HOUR ? '5-minute' : 'hour';
  return {
    name: formatDuration(ms),
    seconds: ms / 1000,
    level,
    isLevel: [2 * MINUTE, 5 * MINUTE, HOUR].includes(ms),
  };
}

/** Whether its sums read so many samples that once in two minutes is often enough. */
export function isLong({ seconds }: Window): boolean {
  return seconds > HOUR / 1000;
}

/**
 * How much of a metric there was in the window, for each of its series.
 *
 * A recorded series is a rate; the rates of a range, each times the time between two evaluations, add up to what came in it.
 */
export function amountOver(metric: string, window: Window, matchers: readonly (string | null)[], offset = ''): string {
  const series = selector(recordedSeries(metric, window.level, 'all keys'), matchers);
  const ago = offset === '' ? '' : ` offset ${offset}`;
  if (window.isLevel) return `${series}${ago} * ${window.seconds}`;
  return `sum_over_time(${series}[${window.name}]${ago}) * ${evaluationSeconds(window.level)}`;
}

/** The same as a rate a second, or what is proportional to it: for ratios and percentiles, in which the factor is lost. */
export function shareOver(metric: string, window: Window, matchers: readonly (string | null)[], offset = ''): string {
  const series = selector(recordedSeries(metric, window.level, 'all keys'), matchers);
  const ago = offset === '' ? '' : ` offset ${offset}`;
  return window.isLevel ? `${series}${ago}` : `sum_over_time(${series}[${window.name}]${ago})`;
}

/** @param text one of `WINDOWS` */
export function windowMs(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new Error(`no window: ${text}`);
  return ms;
}
