import type { Detector } from '../detector.js';
import { MANY_DIGITS } from '../triggers.js';
import { type DigitGroups, eachCluster } from './digit-groups.js';

const SHORTEST = 13;
const LONGEST = 19;
/** More groups of four in a row are a table of numbers, of which one in fifty windows would pass for a card. */
const MOST_GROUPS_OF_FOUR = 12;

/** Sizes that the first of several groups has. */
const FIRST_GROUPS = new Set([1, 4, 6, 8]);
/** How cards are printed, apart from groups of four: American Express, Diners Club, two halves, UnionPay. */
const LAYOUTS = new Set(['4-6-5', '4-6-4', '8-8', '6-13', '6-10', '8-11']);

/** 13 to 19 digits, in one or in groups, that a card issuer could have given out: prefix, length, Luhn check digit. */
export const bankCard: Detector = {
  triggers: MANY_DIGITS,
  find(text, report, work) {
    eachCluster(text, work, (groups) => {
      for (let first = 0; first < groups.count; ) {
        const last = cardFrom(groups, first);
        if (last === -1) {
          first += 1;
        } else {
          report(groups.starts[first]!, groups.ends[last]!);
          first = last + 1;
        }
        work.spend(LONGEST);
      }
    });
  },
  canonical: digitsOf,
};

/** The last group of the card number that begins with a group; -1 when none does. */
function cardFrom(groups: DigitGroups, first: number): number {
  if (groups.size(first) > LONGEST || !groups.opensAt(first)) return -1;
  if (groups.size(first) >= SHORTEST) {
    return groups.closesAt(first) && isCard(groups.digits(first)) ? first : -1;
  }
  if (!FIRST_GROUPS.has(groups.size(first))) return -1;
  if (groups.size(first) === 1 && groups.followsSingle(first)) return -1;
  let total = groups.size(first);
  let sizes = String(total);
  let found = -1;
  for (let last = first + 1; last < groups.count; last += 1) {
    const separator = groups.separator(last);
    if ((separator !== ' ' && separator !== '-') || separator !== groups.separator(first + 1)) break;
    total += groups.size(last);
    if (total > LONGEST) break;
    sizes += `-${groups.size(last)}`;
    if (total < SHORTEST || !isLayout(groups, first, last, sizes) || !groups.closesAt(last)) continue;
    if (isCard(groups.joined(first, last))) found = last;
  }
  return found;
}

function isLayout(groups: DigitGroups, first: number, last: number, sizes: string): boolean {
  if (LAYOUTS.has(sizes)) return true;
  const size = groups.size(first);
  if (size === 1) return /^1(?:-1){12,18}$/.test(sizes);
  if (size !== 4) return false;
  for (let group = first; group < last; group += 1) if (groups.size(group) !== 4) return false;
  return groups.size(last) <= 4 && !isTable(groups, first);
}

/** Whether a group of four stands in a long row of such groups. */
function isTable(groups: DigitGroups, around: number): boolean {
  let from = around;
  while (from > 0 && groups.size(from - 1) === 4 && around - from <= MOST_GROUPS_OF_FOUR) from -= 1;
  let to = around;
  while (to + 1 < groups.count && groups.size(to + 1) === 4 && to - from <= MOST_GROUPS_OF_FOUR) to += 1;
  return to - from + 1 > MOST_GROUPS_OF_FOUR;
}

function isCard(digits: string): boolean {
  return isIssued(digits, digits.length) && passesLuhn(digits);
}

/**
 * Whether a scheme gives out numbers that begin so, with so many digits: Visa, Mastercard, American Express, Diners
 * Club, Discover, JCB, UnionPay, Maestro, Mir, RuPay, and the older debit cards of Chinese banks (955…).
 */
export function isIssued(digits: string, length: number): boolean {
  const two = Number(digits.slice(0, 2));
  const four = Number(digits.slice(0, 4));
  if (digits.startsWith('4')) return length === 13 || length === 16 || length === 19;
  if (two >= 51 && two <= 55) return length === 16;
  if (four >= 2200 && four <= 2204) return length >= 16;
  if (four >= 2221 && four <= 2720) return length === 16;
  if (two === 34 || two === 37) return length === 15;
  if (two === 36) return length >= 14;
  if (two === 30 || two === 38 || two === 39) return length === 14 || length === 16;
  if (two === 35 || two === 65 || two === 64 || two === 60) return length >= 16;
  if (two === 62 || two === 81) return length >= 16;
  if (two === 50 || (two >= 56 && two <= 58) || two === 63 || two === 67 || two === 68) return length >= 16;
  return four >= 9550 && four <= 9559 && length >= 16;
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - at) - 48;
    const weighted = at % 2 === 0 ? digit : digit * 2;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** The digits of a number however it was grouped. */
export function digitsOf(value: string): string {
  return value.replace(/[^0-9]/g, '');
}
