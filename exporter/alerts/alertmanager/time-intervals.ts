import { type Schedule, WEEKDAYS, type Weekday } from '../model/alerts.js';

/** A named set of times, in any of which messages are sent. */
export interface NamedIntervals {
  readonly name: string;
  readonly time_intervals: readonly TimeInterval[];
}

/** By the clock and the calendar of the place. */
export interface TimeInterval {
  readonly times: readonly { readonly start_time: string; readonly end_time: string }[];
  readonly weekdays: readonly Weekday[];
  readonly location: string;
}

const MIDNIGHT = 1440;

/** The name of a schedule's time interval. */
export function intervalName({ name }: Pick<Schedule, 'name'>): string {
  return `schedule/${name}`;
}

/** Every schedule as Alertmanager reads it. */
export function timeIntervals(schedules: ReadonlyMap<string, Schedule>): NamedIntervals[] {
  return [...schedules.values()].map((schedule) => ({
    name: intervalName(schedule),
    time_intervals: schedule.hours.flatMap((hours) => intervalsOf(hours, schedule)),
  }));
}

/** Times end at midnight: what goes on after it is of the days that follow. */
function intervalsOf({ from, to }: Schedule['hours'][number], { weekdays, timeZone }: Schedule): TimeInterval[] {
  const interval = (start: number, end: number, days: readonly Weekday[]): TimeInterval => ({
    times: [{ start_time: clock(start), end_time: clock(end) }],
    weekdays: days,
    location: timeZone,
  });
  if (from < to) return [interval(from, to, weekdays)];
  const evening = interval(from, MIDNIGHT, weekdays);
  return to === 0 ? [evening] : [evening, interval(0, to, weekdays.map(dayAfter))];
}

function dayAfter(day: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(day) + 1) % WEEKDAYS.length]!;
}

function clock(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
}
