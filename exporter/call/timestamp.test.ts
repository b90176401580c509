import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTime } from './timestamp.js';

const VALID: [sent: string | number, expected: string][] = [
  ['2026-11-24T03:24:41.870Z', '2026-11-24T03:24:41.870Z'],
  ['2026-11-24T03:24:41Z', '2026-11-24T03:24:41.000Z'],
  ['2026-11-24t03:24:41z', '2026-11-24T03:24:41.000Z'],
  ['2026-11-24 03:24:41+08:00', '2026-11-23T19:24:41.000Z'],
  ['2026-11-24T03:24:41-00:00', '2026-11-24T03:24:41.000Z'],
  ['2026-11-24T23:59:59-23:59', '2026-11-25T23:58:59.000Z'],
  ['1990-12-31T15:59:59.5-08:00', '1990-12-31T23:59:59.500Z'],
  ['2026-11-24T03:24:41.8Z', '2026-11-24T03:24:41.800Z'],
  ['2026-11-24T03:24:41.87Z', '2026-11-24T03:24:41.870Z'],
  ['2026-11-24T03:24:41.8709999999999999Z', '2026-11-24T03:24:41.870Z'],
  [`2026-11-24T03:24:41.999${'9'.repeat(40)}+01:00`, '2026-11-24T02:24:41.999Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
  ['1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['2016-12-31T23:59:60.25Z', '2017-01-01T00:00:00.250Z'],
  ['2017-01-01T08:59:60+09:00', '2017-01-01T00:00:00.000Z'],
  ['1960-12-31T23:59:60.5Z', '1961-01-01T00:00:00.500Z'],
  [1_795_490_681_870, '2026-11-24T03:24:41.870Z'],
  [1_795_490_681_870.9, '2026-11-24T03:24:41.870Z'],
  [0, '1970-01-01T00:00:00.000Z'],
  [-0.5, '1969-12-31T23:59:59.999Z'],
];

const INVALID: [why: string, sent: unknown][] = [
  ['February 30', '2026-02-30T00:00:00Z'],
  ['no leap year', '2026-02-29T00:00:00Z'],
  ['no leap year, by the century', '1900-02-29T00:00:00Z'],
  ['April 31', '2026-04-31T00:00:00Z'],
  ['day 0', '2026-01-00T00:00:00Z'],
  ['month 0', '2026-00-01T00:00:00Z'],
  ['month 13', '2026-13-01T00:00:00Z'],
  ['hour 24', '2026-01-01T24:00:00Z'],
  ['minute 60', '2026-01-01T00:60:00Z'],
  ['second 61', '2026-12-31T23:59:61Z'],
  ['a leap second at noon', '2026-12-31T12:00:60Z'],
  ["a leap second at another zone's midnight", '2016-12-31T23:59:60+09:00'],
  ['no zone', '2026-11-24T03:24:41.870'],
  ['a zone without its colon', '2026-11-24T03:24:41+0800'],
  ['a zone of hours', '2026-11-24T03:24:41+08'],
  ['zone hour 24', '2026-11-24T03:24:41+24:00'],
  ['zone minute 60', '2026-11-24T03:24:41+08:60'],
  ['a named zone', '2026-11-24T03:24:41 UTC'],
  ['an empty fraction', '2026-11-24T03:24:41.Z'],
  ['a comma', '2026-11-24T03:24:41,870Z'],
  ['text behind', '2026-11-24T03:24:41Z '],
  ['text before', ' 2026-11-24T03:24:41Z'],
  ['a fraction and nothing else', '2026-11-24T03:24:41.870000'],
  ['a date alone', '2026-11-24'],
  ['a week date', '2026-W48-2T03:24:41Z'],
  ['six-digit years', '+002026-11-24T03:24:41Z'],
  ['letters for digits', '2O26-11-24T03:24:41Z'],
  ['Arabic digits', '٢٠٢٦-11-24T03:24:41Z'],
  ['slashes', '2026/11/24T03:24:41Z'],
  ['epoch ms as text', '1795490681870'],
  ['no text', ''],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['beyond what a date can hold', 8.64e15 + 1],
  ['null', null],
  ['nothing', undefined],
  ['a boolean', true],
  ['a date', new Date()],
  ['an array', ['2026-11-24T03:24:41Z']],
];

describe('parseTime', () => {
  it.each(VALID)('reads %s', (sent, expected) => {
    expect(new Date(parseTime(sent)).toISOString()).toBe(expected);
  });

  it.each(INVALID)('refuses %s', (_, sent) => {
    expect(parseTime(sent)).toBeNaN();
  });

  it('agrees with Date.parse on every moment and zone', () => {
    const date = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9998-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    const zone = fc
      .tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59))
      .map(([sign, h, m]) => `${sign}${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
    const fraction = fc.constantFrom(0, 2, 3, 4, 7);
    fc.assert(
      fc.property(date, fc.oneof(fc.constant('Z'), zone), fraction, (at, suffix, digits) => {
        const iso = at.toISOString();
        expect(parseTime(iso)).toBe(at.getTime());
        const text =
          iso.slice(0, 19) +
          (digits === 0 ? '' : `.${iso.slice(20, 23).padEnd(digits, '9').slice(0, digits)}`) +
          suffix;
        expect(parseTime(text)).toBe(Date.parse(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what no calendar has, and nothing else', () => {
    const part = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, '0'));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), part(14), part(33), part(23), (year, month, day, hour) => {
        const text = `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:00:00.000Z`;
        const date = new Date(0);
        date.setUTCFullYear(year, Number(month) - 1, Number(day));
        date.setUTCHours(Number(hour));
        const exists = date.toISOString() === text;
        expect(Number.isNaN(parseTime(text))).toBe(!exists);
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws and never gives a fraction', () => {
    fc.assert(
      fc.property(fc.anything(), (sent) => {
        const time = parseTime(sent);
        expect(Number.isNaN(time) || Number.isInteger(time)).toBe(true);
      }),
    );
  });
});
