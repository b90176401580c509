import type { Schedule } from '../model/alerts.js';
import type { AlertLevel } from '../model/levels.js';

export interface Timings {
  readonly group_wait: string;
  readonly group_interval: string;
  readonly repeat_interval: string;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * For how long the first message waits for others of its group; how often, at most, a group is told that changed; after how long one
 * that did not change is told again. Normal is a digest: what is new comes together, twice a day at most.
 */
const OF_LEVEL: Readonly<Record<AlertLevel, { wait: number; interval: number; repeat: number }>> = {
  critical: { wait: 10 * SECOND, interval: MINUTE, repeat: HOUR },
  error: { wait: 30 * SECOND, interval: 5 * MINUTE, repeat: 4 * HOUR },
  warning: { wait: MINUTE, interval: 5 * MINUTE, repeat: 12 * HOUR },
  normal: { wait: 10 * MINUTE, interval: 12 * HOUR, repeat: DAY },
};

/** What a schedule held back is told this soon after it begins. */
const LONGEST_INTERVAL_ON_SCHEDULE = HOUR;
/**
 * What ended and began again outside the schedule is for Alertmanager what it told before, so it says nothing until it repeats: so soon,
 * where the rule does not say otherwise. A digest may wait: it is no call for action.
 */
const LONGEST_REPEAT_ON_SCHEDULE = HOUR;

/** When messages of a level are sent: by the level, unless the rule has a silence period or a schedule. */
export function timingsOf(level: AlertLevel, silenceMs: number | null, schedule: Schedule | null): Timings {
  const { wait, interval, repeat } = OF_LEVEL[level];
  const mayWait = schedule === null || level === 'normal';
  const ofLevel = mayWait ? repeat : Math.min(repeat, LONGEST_REPEAT_ON_SCHEDULE);
  return repeating(silenceMs ?? ofLevel, Math.min(interval, longestInterval(schedule)), wait);
}

/**
 * Timings that repeat a message after exactly `repeatMs`.
 *
 * Alertmanager looks at a group once in each group interval, and repeats when it looks for the first time after the repeat interval: at
 * one that is a whole number of group intervals it is just not over yet, and the repeat comes a group interval late, which for a
 * digest is half a day. So the group interval is one that divides the wanted time, and the repeat interval ends half of one before it.
 */
export function repeating(repeatMs: number, longestIntervalMs: number, waitMs = 0): Timings {
  // Two at least: Alertmanager warns of a repeat interval below the group interval.
  const interval = repeatMs / Math.max(2, Math.ceil(repeatMs / longestIntervalMs));
  return {
    group_wait: durationText(waitMs),
    group_interval: durationText(interval),
    repeat_interval: durationText(repeatMs - interval / 2),
  };
}

/**
 * Outside a schedule Alertmanager looks at a group and says nothing. Were it to look less often than the schedule lasts, it might
 * never look while it may speak.
 */
function longestInterval(schedule: Schedule | null): number {
  if (schedule === null) return Number.POSITIVE_INFINITY;
  const lengths = schedule.hours.map(({ from, to }) => (to <= from ? to + 1440 : to) - from);
  return Math.min(LONGEST_INTERVAL_ON_SCHEDULE, (Math.min(...lengths) * MINUTE) / 2);
}

const UNITS = [
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
] as const;

/** As Alertmanager writes durations: `1h30m`. */
export function durationText(ms: number): string {
  let rest = Math.round(ms);
  let text = '';
  for (const [unit, length] of UNITS) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0s' : text;
}
