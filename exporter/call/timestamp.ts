const MS_PER_DAY = 86_400_000;
const MS_PER_MINUTE = 60_000;
/** The widest time a Date can hold, to either side of the epoch (ECMA-262, "Time Values and Time Range"). */
const MAX_TIME = 8.64e15;
const DAYS_IN_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const ZERO = 48; // '0'

/**
 * Reads a moment as whole milliseconds since the epoch.
 *
 * A string must be an RFC 3339 date-time: four-digit year, a time zone, a fraction of any length (cut to
 * ms), `T` and `Z` in either case, and a space for `T` as the note in section 5.6 allows. Dates must exist:
 * no February 30, no hour 24. A leap second is taken where there can be one, at 23:59:60 UTC, and is the
 * second after it, as in POSIX time. A number is epoch milliseconds and is rounded down.
 *
 * Hand-written because it runs for each record: Date.parse takes twice as long, and accepts much that is
 * no timestamp.
 *
 * @returns NaN for whatever else
 */
export function parseTime(value: unknown): number {
  if (typeof value === 'string') return parseDateTime(value);
  if (typeof value === 'number' && value >= -MAX_TIME && value <= MAX_TIME) return Math.floor(value);
  return Number.NaN;
}

// 2026-11-24T03:24:41.870Z
// 0    5  8  11 14 17 19
function parseDateTime(text: string): number {
  if (text.length < 20 || !hasSeparators(text)) return Number.NaN;
  const century = twoDigits(text, 0);
  const yearOfCentury = twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (century < 0 || yearOfCentury < 0 || month < 1 || month > 12 || day < 1) return Number.NaN;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return Number.NaN;
  const year = century * 100 + yearOfCentury;
  if (day > DAYS_IN_MONTH[month]! && !(month === 2 && day === 29 && isLeap(year))) return Number.NaN;

  let at = 19;
  let ms = 0;
  if (text.charCodeAt(at) === 46 /* . */) {
    let weight = 100;
    for (at = 20; at < text.length; at++) {
      const digit = text.charCodeAt(at) - ZERO;
      if (digit < 0 || digit > 9) break;
      if (weight >= 1) ms += digit * weight;
      weight = weight === 100 ? 10 : weight === 10 ? 1 : 0;
    }
    if (at === 20) return Number.NaN;
  }
  const offset = offsetMinutes(text, at);
  if (Number.isNaN(offset)) return Number.NaN;

  const time =
    daysFromCivil(year, month, day) * MS_PER_DAY + (hour * 60 + minute - offset) * MS_PER_MINUTE + second * 1000 + ms;
  if (second === 60 && (((time - ms) % MS_PER_DAY) + MS_PER_DAY) % MS_PER_DAY !== 0) return Number.NaN;
  return time;
}

function hasSeparators(text: string): boolean {
  const t = text.charCodeAt(10);
  return (
    text.charCodeAt(4) === 45 /* - */ &&
    text.charCodeAt(7) === 45 &&
    (t === 84 /* T */ || t === 116 /* t */ || t === 32) /* space */ &&
    text.charCodeAt(13) === 58 /* : */ &&
    text.charCodeAt(16) === 58
  );
}

/** Minutes east of UTC; NaN unless the rest of the text is a time zone. */
function offsetMinutes(text: string, at: number): number {
  const left = text.length - at;
  if (left < 1) return Number.NaN;
  const sign = text.charCodeAt(at);
  if (left === 1) return sign === 90 /* Z */ || sign === 122 /* z */ ? 0 : Number.NaN;
  if (left !== 6 || (sign !== 43 /* + */ && sign !== 45) || text.charCodeAt(at + 3) !== 58) return Number.NaN;
  const hours = twoDigits(text, at + 1);
  const minutes = twoDigits(text, at + 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN;
  return sign === 43 ? hours * 60 + minutes : -(hours * 60 + minutes);
}

/** -1 where there are no two digits. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/**
 * Days since 1970-01-01 in the proleptic Gregorian calendar, for years 0 to 9999. With years that start in
 * March, the leap day is the last of its year (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
 */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
