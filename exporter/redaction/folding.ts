import { isHexDigit } from './characters.js';

/** In the table: the character stands as it is. */
const SAME = 0;
/** In the table: the character is invisible, or a mark on the one before it. */
const GONE = 1;

/**
 * What a character is read as, by UTF-16 unit: the ASCII character that NFKC makes of it (`＠`, `３`, `²`), the digit
 * that it means in another script (`٣`), or nothing at all (zero-width, combining).
 */
const FOLDED = new Uint16Array(0x10000);

/** Where nothing folds: Han, Hangul, surrogates, private use. */
const LEFT_OUT = [
  [0x3400, 0x9fff],
  [0xac00, 0xf8ff],
] as const;

const DECIMAL = /\p{Nd}/u;
/** Format characters, fillers, and the marks that go with any letter; vowel signs and the like are text. */
const INVISIBLE = /\p{Cf}|\p{Me}|[\u115f\u1160\u3164\uffa0]/u;
const MARKS = [
  [0x0300, 0x036f],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
] as const;
/** Hyphen, non-breaking hyphen, figure dash, en dash, minus, small and full-width hyphen: people type them into numbers. */
const HYPHENS = [0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0xfe63, 0xff0d];

function fillTable(): void {
  // Digits of a script stand in order, ten together.
  let digitsSeen = 0;
  for (let code = 0x80; code < 0x10000; code += 1) {
    const range = LEFT_OUT.find(([from, to]) => code >= from && code <= to);
    if (range !== undefined) {
      code = range[1];
      continue;
    }
    const character = String.fromCharCode(code);
    if (DECIMAL.test(character)) {
      FOLDED[code] = 48 + (digitsSeen % 10);
      digitsSeen += 1;
    } else if (INVISIBLE.test(character) || MARKS.some(([from, to]) => code >= from && code <= to)) {
      FOLDED[code] = GONE;
    } else {
      const folded = character.normalize('NFKC');
      if (folded.length === 1 && folded.charCodeAt(0) < 0x80) FOLDED[code] = folded.charCodeAt(0);
    }
  }
  for (const code of HYPHENS) FOLDED[code] = 45;
  // The full stops that a domain name may be written with.
  FOLDED[0x3002] = 46;
  FOLDED[0xff61] = 46;
}
fillTable();

/** Whether a character above ASCII is read as another one, or not at all. */
export function isFolded(code: number): boolean {
  return FOLDED[code] !== SAME;
}

/** What a character above ASCII is read as; itself when it is not folded, 0 when it is invisible. */
export function foldedCode(code: number): number {
  const folded = FOLDED[code]!;
  if (folded === SAME) return code;
  return folded === GONE ? 0 : folded;
}

/** A text as it is read, and where its characters stand in the text as it is written. */
export interface Reading {
  readonly text: string;
  /** Offset in the written text of each UTF-16 unit of `text`, and its length at the end. */
  readonly offsets: Int32Array;
}

const BACKSLASH = 92;
const PERCENT = 37;
const NEWLINE = 10;
/** Mathematical letters and digits; NFKC makes ASCII of them. */
const MATHEMATICAL = 0xd835;

/**
 * Reads a text as whoever gets it will: full-width and other compatible forms as plain ones, invisible characters left
 * out, escapes of JSON undone however often they were escaped (`\u0040`, `\\/`, `\\\"`, `\n`), percent-encoding
 * undone. One pass; each character is looked at a bounded number of times, but for runs of backslashes and of `%25`,
 * which are skipped as one.
 *
 * @returns null when it reads as it is written
 */
export function readingOf(written: string): Reading | null {
  const length = written.length;
  const units = new Uint16Array(length);
  const offsets = new Int32Array(length + 1);
  let size = 0;
  let at = 0;
  let changed = false;
  while (at < length) {
    const code = written.charCodeAt(at);
    let read = code;
    let next = at + 1;
    if (code === BACKSLASH) {
      while (next < length && written.charCodeAt(next) === BACKSLASH) next += 1;
      const meant = escaped(written, next);
      if (meant === null) {
        // Not an escape: the backslashes stand for themselves.
        for (; at < next; at += 1) {
          units[size] = BACKSLASH;
          offsets[size] = at;
          size += 1;
        }
        continue;
      }
      read = meant.code;
      next = meant.end;
    } else if (code === PERCENT) {
      let hex = next;
      // `%2540` is `%40`, encoded once more.
      while (written.startsWith('25', hex) && isEncoded(written, hex + 2)) hex += 2;
      const decoded = isEncoded(written, hex) ? Number.parseInt(written.slice(hex, hex + 2), 16) : 0;
      if (decoded >= 32 && decoded < 127) {
        read = decoded;
        next = hex + 2;
      }
    } else if (code === MATHEMATICAL && next < length) {
      const plain = written.slice(at, at + 2).normalize('NFKC');
      if (plain.length === 1 && plain.charCodeAt(0) < 0x80) {
        read = plain.charCodeAt(0);
        next = at + 2;
      }
    }
    if (read >= 0x80) read = foldedCode(read);
    if (read !== code || next !== at + 1) changed = true;
    if (read !== 0) {
      units[size] = read;
      offsets[size] = at;
      size += 1;
    }
    at = next;
  }
  if (!changed) return null;
  offsets[size] = length;
  const text = Buffer.from(units.buffer, 0, size * 2).toString('utf16le');
  return { text, offsets: offsets.subarray(0, size + 1) };
}

/** What the character behind backslashes means, and where it ends; null when no escape begins there. */
function escaped(text: string, at: number): { code: number; end: number } | null {
  switch (text[at]) {
    case 'u':
      return hexadecimal(text, at + 1, 4);
    case 'x':
      return hexadecimal(text, at + 1, 2);
    case '"':
    case "'":
    case '/':
      return { code: text.charCodeAt(at), end: at + 1 };
    case 'n':
    case 'r':
    case 't':
    case 'b':
    case 'f':
      return { code: NEWLINE, end: at + 1 };
    default:
      return null;
  }
}

function hexadecimal(text: string, from: number, digits: number): { code: number; end: number } | null {
  const end = from + digits;
  if (end > text.length) return null;
  for (let at = from; at < end; at += 1) if (!isHexDigit(text.charCodeAt(at))) return null;
  return { code: Number.parseInt(text.slice(from, end), 16), end };
}

function isEncoded(text: string, at: number): boolean {
  return at + 1 < text.length && isHexDigit(text.charCodeAt(at)) && isHexDigit(text.charCodeAt(at + 1));
}
