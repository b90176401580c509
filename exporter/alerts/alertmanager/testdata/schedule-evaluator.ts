import { type Schedule, WEEKDAYS } from '../../model/alerts.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/**
 * Whether a schedule is on, said by its definition alone: its hours begin on each of its days, and last until they end. Times are of the
 * clock on the wall, which `Intl` knows.
 */
export function isActive({ hours, weekdays, timeZone }: Schedule, instant: Date): boolean {
  const now = wallClock(instant, timeZone);
  const today = Math.floor(now / DAY) * DAY;
  return [today, today - DAY].some(
    (day) =>
      weekdays.includes(WEEKDAYS[(new Date(day).getUTCDay() + 6) % 7]!) &&
      hours.some(({ from, to }) => {
        const begin = day + from * MINUTE;
        const end = day + (to <= from ? to + 1440 : to) * MINUTE;
        return begin <= now && now < end;
      }),
  );
}

/** What the clock and the calendar show there, as if it were UTC. */
export function wallClock(instant: Date, timeZone: string): number {
  const parts = clockOf(timeZone).formatToParts(instant);
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** Kept: to make one takes longer than to read it a thousand times. */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const clock =
    CLOCKS.get(timeZone) ??
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  CLOCKS.set(timeZone, clock);
  return clock;
}
