import { isAlphanumeric, isDigit } from '../characters.js';
import type { Detector } from '../detector.js';
import { MANY_DIGITS } from '../triggers.js';
import { type DigitGroups, eachCluster } from './digit-groups.js';

/** Province-level codes of GB/T 2260, the first two digits; 83 is that of permits for residents of Taiwan. */
const PROVINCES = new Set([
  11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63,
  64, 65, 71, 81, 82, 83, 91,
]);
/** Weights of GB 11643, and the check character by remainder. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS = '10X98765432';
/** Place, date of birth, order: how the number is written in groups. The last may end in X. */
const LAYOUTS = [
  [6, 8, 4],
  [6, 4, 4, 4],
];

/**
 * Resident identity-card numbers of mainland China (GB 11643): 18 characters with province, a date of birth and a
 * check character. So much has to fit that a letter may stand before it, as in `ID11010519491231002X`.
 */
export const identityCard: Detector = {
  triggers: MANY_DIGITS,
  find(text, report, work) {
    eachCluster(text, work, (groups) => {
      for (let group = 0; group < groups.count; group += 1) {
        const last = lastGroup(groups, group);
        if (last === -1) continue;
        work.spend(18);
        const end = endOf(text, groups, group, last);
        if (end === -1) continue;
        report(groups.starts[group]!, end);
        group = last;
      }
    });
  },
  canonical: (value) => value.replace(/[^0-9xX]/g, '').toUpperCase(),
};

/** The last group of what is laid out as such a number; -1 when it is not. */
function lastGroup(groups: DigitGroups, first: number): number {
  const size = groups.size(first);
  if (size === 17 || size === 18) return first;
  if (size !== 6) return -1;
  for (const layout of LAYOUTS) {
    const last = first + layout.length - 1;
    if (last < groups.count && isLaidOut(groups, first, layout)) return last;
  }
  return -1;
}

function isLaidOut(groups: DigitGroups, first: number, layout: readonly number[]): boolean {
  return layout.every((size, index) => {
    const group = first + index;
    if (index > 0 && groups.separator(group) !== ' ' && groups.separator(group) !== '-') return false;
    const found = groups.size(group);
    return found === size || (index === layout.length - 1 && found === size - 1);
  });
}

/** Where the number ends, which may be an X behind the last group; -1 when it is not valid. */
function endOf(text: string, groups: DigitGroups, first: number, last: number): number {
  let number = groups.joined(first, last);
  let end = groups.ends[last]!;
  if (number.length === 17 && (text[end] === 'X' || text[end] === 'x')) {
    number += 'X';
    end += 1;
  }
  if (end < text.length && isAlphanumeric(text.charCodeAt(end))) return -1;
  const start = groups.starts[first]!;
  // Decimals: 0.110105194912310021.
  if (start > 1 && text[start - 1] === '.' && isDigit(text.charCodeAt(start - 2))) return -1;
  return number.length === 18 && isBornSomewhere(number) && number[17] === checkCharacter(number) ? end : -1;
}

/** Whether a number begins with a province and a date of birth between 1900 and 2099. */
export function isBornSomewhere(number: string): boolean {
  if (!PROVINCES.has(Number(number.slice(0, 2)))) return false;
  const year = Number(number.slice(6, 10));
  const month = Number(number.slice(10, 12));
  const day = Number(number.slice(12, 14));
  if (year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function checkCharacter(number: string): string {
  let sum = 0;
  for (let at = 0; at < 17; at += 1) sum += (number.charCodeAt(at) - 48) * WEIGHTS[at]!;
  return CHECK_CHARACTERS[sum % 11]!;
}
