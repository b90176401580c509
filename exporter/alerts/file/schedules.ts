import { type Schedule, WEEKDAYS } from '../model/alerts.js';
import type { SCHEDULE_KEYS } from './alerts-file.js';
import type { Named } from './named-mappings.js';

/** The schedules by name; null where one was refused. */
export function readSchedules(named: readonly Named<typeof SCHEDULE_KEYS>[]): Map<string, Schedule | null> {
  return new Map(named.map(({ name, entry }) => [name, entry === null ? null : scheduleOf(name, entry.values)]));
}

function scheduleOf(name: string, values: NonNullable<Named<typeof SCHEDULE_KEYS>['entry']>['values']): Schedule {
  const days = new Set(values.weekdays?.flat() ?? WEEKDAYS);
  return {
    name,
    hours: values.hours ?? [{ from: 0, to: 1440 }],
    weekdays: WEEKDAYS.filter((day) => days.has(day)),
    timeZone: values.time_zone,
  };
}
