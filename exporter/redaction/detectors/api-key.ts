import { isAlphanumeric, isDigit, isHexDigit, isLower, isUpper, isWord, runEnd } from '../characters.js';
import type { Detector } from '../detector.js';
import { LONG_WORD } from '../triggers.js';
import type { Work } from '../work.js';
import { type KeyAlphabet, VENDOR_KEYS, type VendorKey } from './vendor-keys.js';

const BY_FIRST_CHARACTER = new Map<number, VendorKey[]>();
for (const key of VENDOR_KEYS) {
  const first = key.prefix.charCodeAt(0);
  const others = BY_FIRST_CHARACTER.get(first);
  if (others === undefined) BY_FIRST_CHARACTER.set(first, [key]);
  else others.push(key);
}
const MAY_OPEN = new Uint8Array(128);
for (const code of BY_FIRST_CHARACTER.keys()) MAY_OPEN[code] = 1;

const ALPHABETS: Record<KeyAlphabet, (code: number) => boolean> = {
  word: isWord,
  alphanumeric: isAlphanumeric,
  capitals: (code) => isUpper(code) || isDigit(code),
  base64: isBase64,
};

/** AWS shows the secret right behind the id of a key; so far it is looked for. */
const AWS_SECRET_REACH = 300;
const AWS_SECRET_LENGTH = 40;
/** A Telegram bot's token: its id, a colon, 35 characters. */
const TELEGRAM_SECRET_LENGTH = 35;

/** API keys and tokens of vendors who give them a prefix of their own. */
export const apiKey: Detector = {
  triggers: LONG_WORD,
  find(text, report, work) {
    work.spend(text.length);
    let before = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code < 128 && MAY_OPEN[code] === 1 && !isAlphanumeric(before)) {
        const end = keyEnd(text, at, work);
        if (end !== -1) {
          report(at, end);
          if (text.startsWith('AKIA', at) || text.startsWith('ASIA', at)) reportAwsSecret(text, end, report, work);
          at = end - 1;
        }
      } else if (code === 58 && isDigit(before)) {
        const start = telegramStart(text, at, work);
        if (start !== -1) {
          report(start, at + 1 + TELEGRAM_SECRET_LENGTH);
          at += TELEGRAM_SECRET_LENGTH;
        }
      }
      before = text.charCodeAt(at);
    }
  },
  canonical: (value) => value,
};

/** So much of a body is looked at to tell whether it is one, wherever a prefix stands; the rest only when it is. */
const SAMPLE = 64;

/** Where the key that begins at an offset ends; -1 when none does. */
function keyEnd(text: string, start: number, work: Work): number {
  for (const key of BY_FIRST_CHARACTER.get(text.charCodeAt(start))!) {
    if (!text.startsWith(key.prefix, start)) continue;
    const body = start + key.prefix.length;
    const is = ALPHABETS[key.alphabet];
    const sampled = runEnd(text, body, is, body + SAMPLE);
    const length = sampled - body;
    work.spend(2 * length);
    if (length < key.least || (key.exactly !== undefined && length !== key.exactly)) continue;
    if (key.ambiguous === true && !looksRandom(text, body, sampled)) continue;
    let end = runEnd(text, sampled, is);
    // SendGrid's has another part behind a dot.
    if (key.prefix === 'SG.' && text[end] === '.') end = runEnd(text, end + 1, isWord);
    work.spend(end - body);
    return end;
  }
  return -1;
}

const SHORTEST_RANDOM = 10;
/** Without digits a run has to be longer, and mix capitals and small letters. */
const SHORTEST_RANDOM_LETTERS = 16;

/** Whether a run of letters and digits in a stretch mixes them as no name does. */
function looksRandom(text: string, from: number, to: number): boolean {
  let digits = 0;
  let capitals = 0;
  let small = 0;
  for (let at = from; at <= to; at += 1) {
    const code = at < to ? text.charCodeAt(at) : 0;
    if (isDigit(code)) digits += 1;
    else if (isUpper(code)) capitals += 1;
    else if (isLower(code)) small += 1;
    else {
      const letters = capitals + small;
      if (digits >= 2 && letters >= 1 && digits + letters >= SHORTEST_RANDOM) return true;
      if (capitals >= 3 && small >= 3 && digits + letters >= SHORTEST_RANDOM_LETTERS) return true;
      if (digits >= SHORTEST_RANDOM_LETTERS) return true;
      digits = 0;
      capitals = 0;
      small = 0;
    }
  }
  return false;
}

function reportAwsSecret(text: string, from: number, report: (start: number, end: number) => void, work: Work): void {
  const reach = Math.min(text.length, from + AWS_SECRET_REACH);
  work.spend(2 * AWS_SECRET_REACH);
  for (let at = from; at < reach; ) {
    const end = runEnd(text, at, isBase64, at + AWS_SECRET_LENGTH + 1);
    if (end - at === AWS_SECRET_LENGTH && !isHex(text, at, end) && looksRandom(text, at, end)) report(at, end);
    at = end - at > AWS_SECRET_LENGTH ? runEnd(text, end, isBase64, reach) : Math.max(end, at + 1);
  }
}

function isHex(text: string, from: number, to: number): boolean {
  return runEnd(text, from, isHexDigit, to) === to;
}

/** Where a Telegram token begins, whose colon stands at an offset; -1 when it is none. */
function telegramStart(text: string, colon: number, work: Work): number {
  let start = colon;
  while (start > 0 && colon - start < 11 && isDigit(text.charCodeAt(start - 1))) start -= 1;
  const limit = colon + 2 + TELEGRAM_SECRET_LENGTH;
  const end = runEnd(text, colon + 1, isWord, Math.min(text.length, limit));
  work.spend(end - start);
  const digits = colon - start;
  if (digits < 8 || digits > 10 || end - colon - 1 !== TELEGRAM_SECRET_LENGTH) return -1;
  return looksRandom(text, colon + 1, end) ? start : -1;
}

function isBase64(code: number): boolean {
  return isAlphanumeric(code) || code === 43 || code === 47 || code === 61;
}
