import { foldedCode, isFolded } from './folding.js';

/** A word of 16 characters or more: no key of a vendor is shorter. */
export const LONG_WORD = 1;
/** Nine digits with at most separators between them: no phone number is shorter. */
export const MANY_DIGITS = 2;
export const AT_SIGN = 4;
/** `=` or `:`, as between a name and its value. */
export const ASSIGNMENT = 8;
/** Characters that are read as others: escapes, percent-encoding, full-width forms, invisible ones. */
export const DISGUISE = 16;

const LONG = 16;
const MANY = 9;

// What a character does, by ASCII code.
const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
/** Part of a word, and no end to a number. */
const HYPHEN = 3;
/** Ends a word; may stand within a number. */
const SEPARATOR = 4;
/** Sets a trigger; those from here on have it in `SETS`. */
const SETTING = 5;

const KINDS = new Uint8Array(128);
const SETS = new Uint8Array(128);
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ_') {
  KINDS[character.charCodeAt(0)] = LETTER;
  KINDS[character.toLowerCase().charCodeAt(0)] = LETTER;
}
for (const character of '0123456789') KINDS[character.charCodeAt(0)] = DIGIT;
for (const character of ' .()+/') KINDS[character.charCodeAt(0)] = SEPARATOR;
KINDS[45] = HYPHEN;
for (const [characters, trigger] of [
  ['@', AT_SIGN],
  ['=:', ASSIGNMENT],
  ['\\%', DISGUISE],
] as const) {
  for (const character of characters) {
    KINDS[character.charCodeAt(0)] = SETTING;
    SETS[character.charCodeAt(0)] = trigger;
  }
}

// What a character above ASCII does.
const IN_TEXT = 0;
const DISGUISED = 1;
/** Common in honest text, and of interest within a number only: spaces, hyphens. */
const SEPARATOR_IN_DISGUISE = 2;
const FULL_WIDTH_COLON = 3;
/** Ends every Chinese sentence, and may stand for the dot in an address. */
const IDEOGRAPHIC_FULL_STOP = 4;

const ABOVE = new Uint8Array(0x10000);
for (let code = 0x80; code < 0x10000; code += 1) {
  if (!isFolded(code)) continue;
  const folded = foldedCode(code);
  if (folded === 0 || isTelling(folded)) ABOVE[code] = DISGUISED;
  else if (folded === 32 || folded === 45) ABOVE[code] = SEPARATOR_IN_DISGUISE;
}
ABOVE[0xd835] = DISGUISED;
ABOVE[0xff1a] = FULL_WIDTH_COLON;
ABOVE[0x3002] = IDEOGRAPHIC_FULL_STOP;

/** Full-width commas, brackets and the like stand in every Chinese text and hide nothing. */
function isTelling(code: number): boolean {
  return KINDS[code] === LETTER || KINDS[code] === DIGIT || '@.+/=%'.includes(String.fromCharCode(code));
}

/**
 * One quick look at a text: which detectors could find anything at all. Most texts have nothing, and are done with.
 * @returns the triggers, or-ed
 */
export function triggersOf(text: string): number {
  let found = 0;
  let word = 0;
  let digits = 0;
  const length = text.length;
  for (let at = 0; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 128) {
      const kind = KINDS[code]!;
      if (kind === LETTER) {
        word += 1;
        digits = 0;
        continue;
      }
      if (kind === DIGIT) {
        word += 1;
        digits += 1;
        if (digits === MANY) found |= MANY_DIGITS;
        continue;
      }
      if (kind === HYPHEN) {
        word += 1;
        continue;
      }
      if (word >= LONG) found |= LONG_WORD;
      word = 0;
      if (kind === OTHER) digits = 0;
      else if (kind === SETTING) {
        digits = 0;
        found |= SETS[code]!;
      }
      continue;
    }
    if (word >= LONG) found |= LONG_WORD;
    word = 0;
    const above = ABOVE[code]!;
    if (above === IN_TEXT) digits = 0;
    else if (above === DISGUISED) found |= DISGUISE;
    else if (above === FULL_WIDTH_COLON) found |= ASSIGNMENT;
    else if (above === SEPARATOR_IN_DISGUISE ? digits > 0 : (found & AT_SIGN) !== 0) found |= DISGUISE;
  }
  return word >= LONG ? found | LONG_WORD : found;
}
