import type { Kind } from '../../config/kind.js';
import { nearest } from '../../config/nearest.js';
import { scalar } from '../../config/scalar-kinds.js';
import { WEEKDAYS, type Weekday } from '../model/alerts.js';

const DAY = 1440;

/** Minutes of the day. An end of midnight is 1440, which is the same moment. */
export const hours: Kind<{ from: number; to: number }> = scalar(
  'range of hours',
  "hours such as '09:00-18:00', or '22:00-06:00' over midnight; the end may be 24:00",
  (value) => {
    const parts = typeof value === 'string' ? /^(\d\d):(\d\d) ?- ?(\d\d):(\d\d)$/.exec(value) : null;
    if (parts === null) return { hint: null };
    const [fromHour, fromMinute, toHour, toMinute] = parts.slice(1).map(Number) as [number, number, number, number];
    const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
    if (fromMinute > 59 || toMinute > 59 || from >= DAY || to > DAY) return { hint: null };
    if (from === to) return { hint: 'It begins where it ends: leave hours out for the whole day.' };
    return { value: { from, to: to === 0 ? DAY : to } };
  },
);

/** One day or a range of them, in the order of the week from its first. */
export const weekdays: Kind<readonly Weekday[]> = scalar(
  'weekday',
  'a weekday such as monday or mon, or a range such as mon-fri or sat-mon',
  (value) => {
    if (typeof value !== 'string') return { hint: null };
    const ends = value.split('-').map((name) => WEEKDAYS.findIndex((day) => day === name || day.slice(0, 3) === name));
    const [first, last = first] = ends;
    if (ends.length > 2 || ends.includes(-1)) {
      const meant = nearest(value, WEEKDAYS);
      return { hint: meant === null ? null : `Did you mean ${meant}?` };
    }
    const length = ((last! - first! + 7) % 7) + 1;
    return { value: Array.from({ length }, (_, index) => WEEKDAYS[(first! + index) % 7]!) };
  },
);

/** Alertmanager finds a zone by its file, so the letters must be as they are there. */
const ZONE_SHAPE = /^[A-Z][\w+-]*(?:\/[A-Z][\w+-]*)*$/;

export const timeZone: Kind<string> = scalar(
  'time zone',
  'the name of a time zone, such as Asia/Shanghai or UTC',
  (value) => {
    if (typeof value !== 'string') return { hint: null };
    const zones = ['UTC', ...Intl.supportedValuesOf('timeZone')];
    if (zones.includes(value)) return { value };
    const meant = zones.find((zone) => zone.toLowerCase() === value.toLowerCase()) ?? null;
    // Older names of a zone are known but not listed.
    if (meant === null && ZONE_SHAPE.test(value) && isZone(value)) return { value };
    const near = meant ?? nearest(value, zones);
    return { hint: near === null ? null : `Did you mean ${near}?` };
  },
);

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
