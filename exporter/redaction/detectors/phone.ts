import { isLetter } from '../characters.js';
import type { Detector } from '../detector.js';
import { MANY_DIGITS } from '../triggers.js';
import { digitsOf } from './bank-card.js';
import { type DigitGroups, eachCluster } from './digit-groups.js';

/** Of an international number, country code included; E.164 allows 15, and below nine a signed number is likelier. */
const SHORTEST_INTERNATIONAL = 9;
const LONGEST_INTERNATIONAL = 15;

/** How the eleven digits of a mobile number of mainland China are written. */
const MOBILE_LAYOUTS = new Set(['11', '3-4-4', '3-8', '7-4', '3-3-5', '3-5-3', '4-4-3', '5-6', '4-3-4']);
const MOBILE_IN_SINGLE_DIGITS = '1-1-1-1-1-1-1-1-1-1-1';
/** Area code and number of a line in mainland China. */
const LANDLINE_LAYOUTS = new Set(['3-8', '4-7', '4-8', '3-4-4', '4-4-4', '4-3-4']);
const NORTH_AMERICAN_LAYOUT = '3-3-4';

/** Words that people write right before a number. */
const PHONE_WORDS = new Set([
  'tel',
  'telephone',
  'phone',
  'mobile',
  'mob',
  'cell',
  'call',
  'fax',
  'wx',
  'wechat',
  'sms',
]);
const LONGEST_PHONE_WORD = 9;

/**
 * Phone numbers: mobiles and landlines of mainland China, numbers with `+` and a country code in any grouping, and
 * North American ones where brackets, hyphens or dots make them out.
 */
export const phone: Detector = {
  triggers: MANY_DIGITS,
  find(text, report, work) {
    eachCluster(text, work, (groups) => {
      for (let first = 0; first < groups.count; ) {
        work.spend(LONGEST_INTERNATIONAL);
        const last = phoneFrom(groups, first);
        if (last === -1) {
          first += 1;
          continue;
        }
        const end = groups.ends[last]!;
        report(openingOf(text, groups.starts[first]!, end), end);
        first = last + 1;
      }
    });
  },
  canonical: (value) => digitsOf(value).replace(/^(?:00)?86(?=1\d{10}$)/, ''),
};

/** The last group of the phone number that begins with a group; -1 when none does. */
function phoneFrom(groups: DigitGroups, first: number): number {
  if (groups.size(first) > LONGEST_INTERNATIONAL) return -1;
  const start = groups.starts[first]!;
  const { text } = groups;
  if (text[start - 1] === '+') {
    // Letters before the plus: base64, or an expression.
    if (start > 1 && isLetter(text.charCodeAt(start - 2))) return -1;
    return international(groups, first);
  }
  if (!groups.opensAt(first) && !followsPhoneWord(text, start)) return -1;
  const prefixed = withCountryCode(groups, first);
  if (prefixed !== -1) return prefixed;
  return national(groups, first);
}

function international(groups: DigitGroups, first: number): number {
  if (groups.digits(first).startsWith('0')) return -1;
  // Of mainland China it is known how long it is, so nothing that stands behind it goes with it.
  const chinese = withCountryCode(groups, first);
  if (chinese !== -1) return chinese;
  let total = groups.size(first);
  let last = first;
  while (last + 1 < groups.count && total + groups.size(last + 1) <= LONGEST_INTERNATIONAL) {
    last += 1;
    total += groups.size(last);
    // In North America too.
    if (total === 11 && groups.digits(first).startsWith('1')) break;
  }
  while (last > first && !groups.closesAt(last)) {
    total -= groups.size(last);
    last -= 1;
  }
  return total >= SHORTEST_INTERNATIONAL && groups.closesAt(last) ? last : -1;
}

/** A Chinese number behind 86 or 0086, which may be a group of its own. */
function withCountryCode(groups: DigitGroups, first: number): number {
  const digits = groups.digits(first);
  const code = digits.startsWith('0086') ? 4 : digits.startsWith('86') ? 2 : 0;
  if (code === 0) return -1;
  if (digits.length === code) return first + 1 < groups.count ? national(groups, first + 1) : -1;
  return isMobile(digits.slice(code)) && groups.closesAt(first) ? first : -1;
}

function national(groups: DigitGroups, first: number): number {
  if (groups.size(first) === 1 && groups.followsSingle(first)) return -1;
  let total = 0;
  let sizes = '';
  for (let last = first; last < groups.count && total < 12; last += 1) {
    total += groups.size(last);
    sizes += last === first ? groups.size(last) : `-${groups.size(last)}`;
    if (total < 10 || total > 12 || !groups.closesAt(last)) continue;
    const digits = groups.joined(first, last);
    if (isNational(groups, first, last, digits, sizes)) return last;
  }
  return -1;
}

function isNational(groups: DigitGroups, first: number, last: number, digits: string, sizes: string): boolean {
  if (isMobile(digits)) return MOBILE_LAYOUTS.has(sizes) || sizes === MOBILE_IN_SINGLE_DIGITS;
  // Dialled from within the country, with the 0 for another town.
  if (digits.length === 12 && digits.startsWith('0')) return isMobile(digits.slice(1)) && groups.size(first) >= 4;
  // What follows is too common a shape to be one within a longer chain.
  if (isChained(groups, first) || (last + 1 < groups.count && isChained(groups, last + 1))) return false;
  if (LANDLINE_LAYOUTS.has(sizes)) return /^0[1-9]\d{1,2}$/.test(groups.digits(first)) && isLandline(groups, first);
  if (sizes !== NORTH_AMERICAN_LAYOUT || !/^[2-9]/.test(digits)) return false;
  const separators = groups.separator(first + 1);
  return separators !== ' ' && (groups.separator(last) === '-' || groups.separator(last) === '.');
}

function isMobile(digits: string): boolean {
  return digits.length === 11 && digits[0] === '1' && digits.charCodeAt(1) >= 51;
}

/** A number does not begin with 0 or 1 behind its area code. */
function isLandline(groups: DigitGroups, first: number): boolean {
  return groups.text.charCodeAt(groups.starts[first + 1]!) >= 50;
}

/** Whether a group is joined to the one before it by a hyphen or a dot. */
function isChained(groups: DigitGroups, group: number): boolean {
  if (group === 0) return false;
  const separator = groups.separator(group);
  return separator === '-' || separator === '.';
}

/** Whether a word like `tel` stands before a number without a space. */
function followsPhoneWord(text: string, start: number): boolean {
  let from = start;
  while (from > 0 && start - from < LONGEST_PHONE_WORD && isLetter(text.charCodeAt(from - 1))) from -= 1;
  return PHONE_WORDS.has(text.slice(from, start).toLowerCase());
}

/** The plus before a number goes with it, and a bracket that closes within. */
function openingOf(text: string, start: number, end: number): number {
  const plus = text[start - 1] === '+' ? start - 1 : start;
  if (text[plus - 1] !== '(') return plus;
  const number = text.slice(start, end);
  return number.split(')').length > number.split('(').length ? plus - 1 : plus;
}
