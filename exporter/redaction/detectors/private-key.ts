import { isAlphanumeric } from '../characters.js';
import type { Detector } from '../detector.js';
import { LONG_WORD } from '../triggers.js';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
const LONGEST_LABEL = 64;
/** Shorter words are no line of a key, but for the last. */
const SHORTEST_LINE = 24;

/**
 * Private keys in PEM and PGP armour, whole, and what is there of one that was cut off. Escaped line breaks are read
 * as line breaks before this looks.
 */
export const privateKey: Detector = {
  triggers: LONG_WORD,
  find(text, report, work) {
    // The next end marker that was found; looked for again only once it is passed.
    let end = 0;
    let from = 0;
    for (let at = text.indexOf(BEGIN); at !== -1; at = text.indexOf(BEGIN, from)) {
      work.spend(at - from + LONGEST_LABEL);
      const label = at + BEGIN.length;
      from = label;
      const head = labelEnd(text, label);
      if (head === -1 || !text.slice(label, head).includes('PRIVATE KEY')) continue;
      const body = head + DASHES.length;
      if (end !== -1 && end < body) {
        const found = text.indexOf(END, body);
        work.spend((found === -1 ? text.length : found) - body);
        end = found;
      }
      const close = end === -1 ? -1 : labelEnd(text, end + END.length);
      from = close === -1 ? endOfLines(text, body) : close + DASHES.length;
      work.spend(close === -1 ? from - body : LONGEST_LABEL);
      report(at, from);
    }
    work.spend(text.length - from);
  },
  canonical: (value) => value.replace(/\s/g, ''),
};

/** Where the label of a marker ends and its dashes begin; -1 when it has none within reach. */
function labelEnd(text: string, from: number): number {
  const within = text.slice(from, from + LONGEST_LABEL + DASHES.length).indexOf(DASHES);
  return within === -1 ? -1 : from + within;
}

/** Where the lines of base64 behind the head of a key end. */
function endOfLines(text: string, from: number): number {
  let end = from;
  let long = false;
  for (let at = from; at < text.length; ) {
    while (at < text.length && isBreak(text.charCodeAt(at))) at += 1;
    const start = at;
    while (at < text.length && isBase64(text.charCodeAt(at))) at += 1;
    if (at === start) return end;
    const isLong = at - start >= SHORTEST_LINE;
    // A short line is the last one.
    if (!isLong && !long) return end;
    end = at;
    if (!isLong) return end;
    long = true;
  }
  return end;
}

function isBreak(code: number): boolean {
  // White space, and the backslash of a break that was escaped.
  return code === 10 || code === 13 || code === 32 || code === 9 || code === 92;
}

function isBase64(code: number): boolean {
  return isAlphanumeric(code) || code === 43 || code === 47 || code === 61;
}
