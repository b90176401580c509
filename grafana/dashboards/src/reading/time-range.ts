const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The intervals that Grafana has, in ms, each with the length from which on the next one is taken. */
const ROUND_INTERVALS: readonly (readonly [below: number, interval: number])[] = [
  [1.5 * SECOND, SECOND],
  [3.5 * SECOND, 2 * SECOND],
  [7.5 * SECOND, 5 * SECOND],
  [12.5 * SECOND, 10 * SECOND],
  [17.5 * SECOND, 15 * SECOND],
  [25 * SECOND, 20 * SECOND],
  [45 * SECOND, 30 * SECOND],
  [1.5 * MINUTE, MINUTE],
  [3.5 * MINUTE, 2 * MINUTE],
  [7.5 * MINUTE, 5 * MINUTE],
  [12.5 * MINUTE, 10 * MINUTE],
  [17.5 * MINUTE, 15 * MINUTE],
  [25 * MINUTE, 20 * MINUTE],
  [45 * MINUTE, 30 * MINUTE],
  [1.5 * HOUR, HOUR],
  [2.5 * HOUR, 2 * HOUR],
  [4.5 * HOUR, 3 * HOUR],
  [9 * HOUR, 6 * HOUR],
  [DAY, 12 * HOUR],
];

/** That of `prometheus/prometheus.yml`, which Grafana's data source is told. */
const SCRAPE_INTERVAL_MS = 15 * SECOND;
/** About as many pixels as a panel over the whole width has. */
const POINTS = 1000;

/** A range of a dashboard, and how far apart the points of a panel are in it. */
export interface TimeRange {
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  readonly intervalMs: number;
}

/**
 * The range that a panel asks for.
 *
 * @param start epoch seconds
 * @param panel how many points it wants, and the least interval between them
 */
export function rangeOf(
  start: number,
  end: number,
  { maxDataPoints = POINTS, interval = '15s' }: { maxDataPoints?: number; interval?: string } = {},
): TimeRange {
  const wanted = ((end - start) * SECOND) / maxDataPoints;
  return { start, end, intervalMs: Math.max(roundInterval(wanted), durationMs(interval)) };
}

/** `1m` → 60000. */
export function durationMs(text: string): number {
  const [, amount = '', unit = ''] = /^>?(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  const length = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }[unit];
  if (length === undefined) throw new Error(`no duration: ${text}`);
  return Number(amount) * length;
}

/** `now-3h` → 10800. */
export function secondsBeforeNow(text: string): number {
  return durationMs(text.replace(/^now-/, '')) / SECOND;
}

/** What Grafana puts in the place of its own variables of time, by their names without the underscores. */
export function timeVariables({ start, end, intervalMs }: TimeRange): ReadonlyMap<string, string> {
  const rangeMs = Math.round((end - start) * SECOND);
  const rateMs = Math.max(intervalMs + SCRAPE_INTERVAL_MS, 4 * SCRAPE_INTERVAL_MS);
  return new Map([
    ['__range', `${Math.round(rangeMs / SECOND)}s`],
    ['__range_s', String(Math.round(rangeMs / SECOND))],
    ['__range_ms', String(rangeMs)],
    ['__interval', `${intervalMs / SECOND}s`],
    ['__interval_ms', String(intervalMs)],
    ['__auto', `${intervalMs / SECOND}s`],
    ['__rate_interval', `${rateMs / SECOND}s`],
    ['__rate_interval_ms', String(rateMs)],
    ['__from', String(Math.round(start * SECOND))],
    ['__to', String(Math.round(end * SECOND))],
  ]);
}

function roundInterval(ms: number): number {
  return ROUND_INTERVALS.find(([below]) => ms < below)?.[1] ?? DAY;
}
