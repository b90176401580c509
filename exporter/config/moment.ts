import type { Kind } from './kind.js';
import { describe } from './tree.js';

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[Tt](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d))?$/;

/** A date (midnight UTC) or an RFC 3339 time, read as whole milliseconds since the epoch. */
export const moment: Kind<number> = {
  name: 'date or time',
  allowed: 'a date such as 2025-01-31 (from midnight UTC) or a time such as 2025-01-31T16:00:00Z',
  read(tree, key, problems) {
    const ms = tree.type === 'scalar' && typeof tree.value === 'string' ? parseMoment(tree.value) : null;
    if (ms !== null) return ms;
    problems.add(tree.place, key, describe(tree), moment.allowed);
    return undefined;
  },
};

/** @returns null when the text is no moment, or a day that no calendar has */
export function parseMoment(text: string): number | null {
  const parts = MOMENT.exec(text);
  if (parts === null) return null;
  const [, date, time = '00:00:00', fraction = '', zone = 'Z'] = parts;
  // Date.parse takes 30 February for 2 March; written back, it gives itself away.
  const day = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(day) || !new Date(day).toISOString().startsWith(date!)) return null;
  if (time > '23:59:59') return null;
  const ms = Date.parse(`${date}T${time}${fraction.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? null : ms;
}
