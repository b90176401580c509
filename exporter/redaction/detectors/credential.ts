import { isAlphanumeric, isBlank, isDigit, isIdeograph, isWord } from '../characters.js';
import { isSecretValue, isStandIn, LONGEST_NAME, type NameStrength, nameStrength } from '../credential-names.js';
import type { Detector, Report } from '../detector.js';
import { ASSIGNMENT, LONG_WORD } from '../triggers.js';
import type { Work } from '../work.js';

const QUOTE = 34;
const APOSTROPHE = 39;
const BACKTICK = 96;
const EQUALS = 61;
const COLON = 58;
const FULL_WIDTH_COLON = 0xff1a;

/** Blanks between a name, its sign and its value. */
const MOST_BLANKS = 4;
/** A longer value is a secret whatever it looks like, so what was looked at is not looked at again. */
const LONGEST_JUDGED = 128;
/** Behind a colon stands prose, too: a shorter value there is a word. */
const SHORTEST_UNQUOTED = 6;
const SHORTEST_BEARER = 16;

/**
 * Secrets that are told by what stands before them: the value of a name such as `password` or `api_key`, the token of
 * an `Authorization` header, the password in a URL.
 */
export const credential: Detector = {
  triggers: ASSIGNMENT | LONG_WORD,
  find(text, report, work) {
    findAssignments(text, report, work);
    findBearers(text, report, work);
    findInUrls(text, report, work);
  },
  canonical: (value) => value,
};

function findAssignments(text: string, report: Report, work: Work): void {
  work.spend(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code !== EQUALS && code !== COLON && code !== FULL_WIDTH_COLON) continue;
    work.spend(LONGEST_NAME);
    const strength = strengthBefore(text, at);
    if (strength === null) continue;
    const end = reportValue(text, at, strength, report, work);
    if (end > at) at = end - 1;
  }
}

/** What the name before a sign says; null when there is none that says anything. */
function strengthBefore(text: string, sign: number): NameStrength | null {
  let end = sign;
  while (end > 0 && sign - end < MOST_BLANKS && isBlank(text.charCodeAt(end - 1))) end -= 1;
  if (end > 0 && isQuote(text.charCodeAt(end - 1))) end -= 1;
  else if (end > 0 && text[end - 1] === ']') end -= text[end - 2] === '"' || text[end - 2] === "'" ? 2 : 1;
  let start = end;
  while (start > 0 && end - start < LONGEST_NAME && isName(text.charCodeAt(start - 1))) start -= 1;
  return start === end ? null : nameStrength(text.slice(start, end));
}

function isName(code: number): boolean {
  return isWord(code) || isIdeograph(code);
}

/** Reports the value behind a sign, if it is a secret. Returns where it ends; the sign's offset when it is none. */
function reportValue(text: string, sign: number, strength: NameStrength, report: Report, work: Work): number {
  let start = sign + 1;
  // `==`, `=>`, `:=` and the like.
  while (start - sign < 3 && (text.charCodeAt(start) === EQUALS || text[start] === '>')) start += 1;
  const behindSign = start;
  while (start - behindSign < MOST_BLANKS && isBlank(text.charCodeAt(start))) start += 1;
  const quote = text.charCodeAt(start);
  if (isQuote(quote)) {
    const open = start + 1;
    let end = open;
    while (end < text.length && text.charCodeAt(end) !== quote && !isLineEnd(text.charCodeAt(end))) end += 1;
    work.spend(end - open);
    if (end - open < LONGEST_JUDGED && !isSecretValue(text.slice(open, end), strength)) return sign;
    const from = behindPlaceholders(text, behindScheme(text, open, end), end);
    if (from === end || (from > open && !isSecretValue(text.slice(from, end), 'sure'))) return sign;
    report(from, end);
    return end;
  }
  const from = behindPlaceholders(text, behindScheme(text, start, text.length), text.length);
  let end = from;
  while (end < text.length && !endsValue(text.charCodeAt(end))) end += 1;
  work.spend(end - start);
  // The dot of the sentence.
  if (end > from && text[end - 1] === '.') end -= 1;
  if (end - from < LONGEST_JUDGED && !isUnquotedSecret(text, sign, from, end, strength)) return sign;
  report(from, end);
  return end;
}

function isUnquotedSecret(text: string, sign: number, from: number, end: number, strength: NameStrength): boolean {
  const value = text.slice(from, end);
  if (!isSecretValue(value, strength)) return false;
  if (strength === 'likely') return !isCode(text, value, end);
  if (isCode(text, value, end)) return false;
  if (text.charCodeAt(sign) === EQUALS) return value.length >= 4 && value !== 'self' && value !== 'this';
  // Behind the colon of a Chinese name stands the value, not prose.
  if (text.charCodeAt(sign) === FULL_WIDTH_COLON || isIdeograph(text.charCodeAt(sign - 1))) return isAscii(value);
  return value.length >= SHORTEST_UNQUOTED && /[^A-Za-z]/.test(value.replace(/[.,;:!?'-]/g, ''));
}

/** Whether a value is an expression of a program: a call, an element, a member: `os.environ[`, `getpass(`. */
function isCode(text: string, value: string, end: number): boolean {
  if (/^[A-Za-z_.]{1,128}[[(]/.test(value + (text[end] ?? ''))) return true;
  if (!/^[A-Za-z_][A-Za-z_0-9]*(?:\.[A-Za-z_][A-Za-z_0-9]*)*$/.test(value)) return false;
  // A name or a path of names: without a digit it is a variable, `password=password`.
  return value.includes('.') ? !/\d/.test(value) : /^[a-z]+(?:_[a-z]+)+$/.test(value) || nameStrength(value) !== null;
}

function isAscii(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) if (value.charCodeAt(at) > 126) return false;
  return true;
}

/** The scheme of an `Authorization` header is not secret. */
const SCHEME = /^(?:Bearer|Basic|Token|Digest|ApiKey)[ \t]{1,4}/i;
const LONGEST_SCHEME = 12;

function behindScheme(text: string, from: number, limit: number): number {
  const scheme = SCHEME.exec(text.slice(from, Math.min(limit, from + LONGEST_SCHEME)));
  return scheme === null ? from : from + scheme[0].length;
}

const PLACEHOLDER = /^\[(?:dropped:)?[a-z][a-z0-9_]{0,31}(?::[0-9a-f]{12})?\]/;
const LONGEST_PLACEHOLDER = 64;

/** Where a value goes on behind what an earlier redaction put at its beginning. */
function behindPlaceholders(text: string, from: number, limit: number): number {
  let at = from;
  while (text[at] === '[' && at < limit) {
    const placeholder = PLACEHOLDER.exec(text.slice(at, Math.min(limit, at + LONGEST_PLACEHOLDER)));
    if (placeholder === null) break;
    at += placeholder[0].length;
  }
  return at;
}

function findBearers(text: string, report: Report, work: Work): void {
  for (const word of ['Bearer', 'bearer', 'BEARER']) {
    work.spend(text.length);
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) {
      const behind = at + word.length;
      let start = behind;
      while (start - behind < MOST_BLANKS && isBlank(text.charCodeAt(start))) start += 1;
      if (start === behind || (at > 0 && isAlphanumeric(text.charCodeAt(at - 1)))) continue;
      let end = start;
      let digits = 0;
      while (end < text.length && isToken(text.charCodeAt(end))) {
        if (isDigit(text.charCodeAt(end))) digits += 1;
        end += 1;
      }
      work.spend(end - behind);
      if (end - start < SHORTEST_BEARER || digits === 0 || isStandIn(text.slice(start, end))) continue;
      report(start, end);
      at = end - word.length;
    }
  }
}

function isToken(code: number): boolean {
  // word characters and . + / = ~
  return isWord(code) || code === 46 || code === 43 || code === 47 || code === EQUALS || code === 126;
}

/** `scheme://user:password@host`: the password. */
function findInUrls(text: string, report: Report, work: Work): void {
  let from = 0;
  for (let at = text.indexOf('://'); at !== -1; at = text.indexOf('://', from)) {
    const authority = at + 3;
    let end = authority;
    let colon = -1;
    let atSign = -1;
    for (; end < text.length && !endsAuthority(text.charCodeAt(end)); end += 1) {
      const code = text.charCodeAt(end);
      if (code === COLON && colon === -1) colon = end;
      else if (code === 64) atSign = end;
    }
    work.spend(end - from);
    from = authority;
    if (colon === -1 || atSign < colon + 2 || isStandIn(text.slice(colon + 1, atSign))) continue;
    const password = behindPlaceholders(text, colon + 1, atSign);
    if (password === atSign) continue;
    report(password, atSign);
    from = atSign;
  }
  work.spend(text.length - from);
}

function endsAuthority(code: number): boolean {
  switch (code) {
    case 47: // /
    case 63: // ?
    case 35: // #
    case 60: // <
    case 62: // >
    case QUOTE:
    case APOSTROPHE:
    case BACKTICK:
      return true;
    default:
      return code <= 32 || code > 126;
  }
}

function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE || code === BACKTICK;
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13;
}

function endsValue(code: number): boolean {
  switch (code) {
    case 38: // &
    case 44: // ,
    case 59: // ;
    case 60: // <
    case 62: // >
    case 40: // (
    case 41: // )
    case 92: // backslash
    case 123: // {
    case 125: // }
    case 124: // |
    case QUOTE:
    case APOSTROPHE:
    case BACKTICK:
    case 0xff0c: // ，
    case 0x3002: // 。
    case 0xff1b: // ；
    case 0x3001: // 、
      return true;
    default:
      return code <= 32;
  }
}
