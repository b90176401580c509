import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Schedule, WEEKDAYS } from '../model/alerts.js';
import { scheduleOf } from './testdata/alerts.js';
import { isActive } from './testdata/schedule-evaluator.js';
import { type NamedIntervals, timeIntervals } from './time-intervals.js';

const HOUR = 3_600_000;
const SATURDAY_NIGHT = scheduleOf({ weekdays: ['saturday', 'sunday'], hours: [{ from: 1320, to: 360 }] });

test('hours over midnight are two intervals, the second a day later', () => {
  expect(timeIntervals(new Map([['night', SATURDAY_NIGHT]]))).toEqual([
    {
      name: 'schedule/office hours',
      time_intervals: [
        {
          times: [{ start_time: '22:00', end_time: '24:00' }],
          weekdays: ['saturday', 'sunday'],
          location: 'Asia/Shanghai',
        },
        {
          times: [{ start_time: '00:00', end_time: '06:00' }],
          weekdays: ['sunday', 'monday'],
          location: 'Asia/Shanghai',
        },
      ],
    },
  ]);
});

test.each([
  [{ from: 540, to: 1440 }, ['09:00-24:00']],
  [{ from: 540, to: 0 }, ['09:00-24:00']],
  [{ from: 0, to: 0 }, ['00:00-24:00']],
  [{ from: 0, to: 1440 }, ['00:00-24:00']],
  [{ from: 1439, to: 1 }, ['23:59-24:00', '00:00-00:01']],
  [{ from: 600, to: 600 }, ['10:00-24:00', '00:00-10:00']],
])('%j is %j', (hours, expected) => {
  const intervals = compiled(scheduleOf({ hours: [hours] })).time_intervals.flatMap(({ times }) => times);
  expect(intervals.map(({ start_time, end_time }) => `${start_time}-${end_time}`)).toEqual(expected);
});

const TABLE: readonly [string, Schedule][] = [
  ['office hours', scheduleOf({})],
  ['weekend nights', SATURDAY_NIGHT],
  ['all of Sunday', scheduleOf({ weekdays: ['sunday'], hours: [{ from: 0, to: 1440 }] })],
  ['Sunday from ten to ten', scheduleOf({ weekdays: ['sunday'], hours: [{ from: 600, to: 600 }] })],
  [
    'mornings and evenings',
    scheduleOf({
      hours: [
        { from: 360, to: 540 },
        { from: 1080, to: 30 },
      ],
    }),
  ],
];

describe.each(['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC'])(
  'in %s',
  (timeZone) => {
    test.each(TABLE)('%s: every half hour of the weeks around the changes of the clock', (_, schedule) => {
      const there = { ...schedule, timeZone };
      const intervals = compiled(there);
      let actives = 0;
      for (const week of ['2026-03-06', '2026-03-27', '2026-04-03', '2026-10-02', '2026-10-23', '2026-10-30']) {
        for (let at = Date.parse(week); at < Date.parse(week) + 7 * 24 * HOUR; at += HOUR / 2) {
          const active = isActive(there, new Date(at));
          if (active) actives++;
          expect([new Date(at).toISOString(), contains(intervals, new Date(at))]).toEqual([
            new Date(at).toISOString(),
            active,
          ]);
        }
      }
      expect(actives).toBeGreaterThan(100);
      expect(actives).toBeLessThan(6 * 7 * 48);
    });
  },
);

test('any schedule, at any minute', () => {
  const minuteOfDay = fc.integer({ min: 0, max: 1439 });
  const schedules = fc.record({
    hours: fc.array(fc.record({ from: minuteOfDay, to: fc.integer({ min: 0, max: 1440 }) }), {
      minLength: 1,
      maxLength: 3,
    }),
    weekdays: fc.subarray([...WEEKDAYS], { minLength: 1 }),
    timeZone: fc.constantFrom('Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Apia'),
  });
  const instants = fc.integer({ min: Date.parse('2025-01-01'), max: Date.parse('2028-01-01') });
  fc.assert(
    fc.property(schedules, instants, (parts, at) => {
      const schedule = scheduleOf(parts);
      expect(contains(compiled(schedule), new Date(at))).toBe(isActive(schedule, new Date(at)));
    }),
    { numRuns: 1000 },
  );
});

function compiled(schedule: Schedule): NamedIntervals {
  return timeIntervals(new Map([[schedule.name, schedule]]))[0]!;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** As Alertmanager reads time intervals: clock and weekday of the place; the beginning is within, the end is not. */
function contains({ time_intervals }: NamedIntervals, instant: Date): boolean {
  return time_intervals.some(({ times, weekdays, location }) => {
    const format =
      FORMATS.get(location) ??
      new Intl.DateTimeFormat('en-US', {
        timeZone: location,
        hourCycle: 'h23',
        weekday: 'long',
        hour: '2-digit',
        minute: '2-digit',
      });
    FORMATS.set(location, format);
    const parts = format.formatToParts(instant);
    const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
    const clock = `${part('hour')}:${part('minute')}`;
    return (
      weekdays.some((day) => day === part('weekday').toLowerCase()) &&
      times.some(({ start_time, end_time }) => start_time <= clock && clock < end_time)
    );
  });
}
