import { isAlphanumeric, isDigit, isIdeograph, isLetter } from '../characters.js';
import type { Detector } from '../detector.js';
import { AT_SIGN } from '../triggers.js';

/** `logo@2x.png` is a picture for a sharp screen. */
const RETINA_IMAGE = /^[1-4]x\.(?:png|jpe?g|gif|webp|svg|avif)$/i;

/**
 * E-mail addresses: what stands around an `@`, where a domain with a dot follows. Letters of Latin, Greek, Cyrillic
 * and other alphabets count; Chinese ones only in the domain, since Chinese text runs on right before an address.
 */
export const email: Detector = {
  triggers: AT_SIGN,
  find(text, report, work) {
    let from = 0;
    for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', from)) {
      let start = at;
      // Neither a local part nor a domain holds an `@`, so nothing is looked at more than twice.
      while (start > from && isLocal(text.charCodeAt(start - 1))) start -= 1;
      const scanned = scanDomain(text, at + 1);
      work.spend(scanned.to - from + 1);
      from = at + 1;
      while (start < at && isPunctuation(text.charCodeAt(start))) start += 1;
      if (start === at || scanned.end === -1 || isSomethingElse(text, start, at, scanned.end)) continue;
      report(start, scanned.end);
      from = scanned.end;
    }
    work.spend(text.length - from);
  },
  canonical: (value) => value.toLowerCase(),
};

/** Letters of the alphabets between Latin-1 and the general punctuation. */
function isOtherLetter(code: number): boolean {
  return code >= 0xc0 && code < 0x2000 && code !== 0xd7 && code !== 0xf7;
}

function isLocal(code: number): boolean {
  switch (code) {
    case 33: // !
    case 35: // #
    case 36: // $
    case 39: // '
    case 42: // *
    case 43: // +
    case 45: // -
    case 46: // .
    case 94: // ^
    case 95: // _
    case 126: // ~
      return true;
    default:
      return isAlphanumeric(code) || isOtherLetter(code) || (code >= 0xfb00 && code <= 0xfb06);
  }
}

/** What does not begin an address, though it may stand within. */
function isPunctuation(code: number): boolean {
  return code !== 95 && code < 128 && !isAlphanumeric(code);
}

/**
 * The domain that begins at an offset.
 * @returns `end`: behind it, -1 when there is none; `to`: how far was looked
 */
function scanDomain(text: string, from: number): { end: number; to: number } {
  const ideographic = from < text.length && isIdeograph(text.charCodeAt(from));
  const isLabel = (code: number): boolean =>
    isAlphanumeric(code) || code === 45 || isOtherLetter(code) || (ideographic && isIdeograph(code));
  let best = -1;
  let labels = 0;
  for (let at = from; ; ) {
    const label = at;
    while (at < text.length && isLabel(text.charCodeAt(at))) at += 1;
    if (at === label) return { end: best, to: at };
    labels += 1;
    if (labels > 1) {
      const end = endOfTopLevel(text, label, at, ideographic);
      if (end !== -1) best = end;
    }
    if (at >= text.length || text.charCodeAt(at) !== 46) return { end: best, to: at };
    at += 1;
  }
}

/** Where a top-level domain that begins a label ends: two letters at least. `comfoo` is one, in `com-foo` it is `com`. */
function endOfTopLevel(text: string, from: number, to: number, ideographic: boolean): number {
  if (text.startsWith('xn--', from)) return to;
  let end = from;
  while (end < to) {
    const code = text.charCodeAt(end);
    if (!isLetter(code) && !isOtherLetter(code) && !(ideographic && isIdeograph(code))) break;
    end += 1;
  }
  return end - from >= 2 ? end : -1;
}

function isSomethingElse(text: string, start: number, at: number, end: number): boolean {
  // git@github.com:owner/name
  if (text.slice(start, at) === 'git' && text[end] === ':') return true;
  return isDigit(text.charCodeAt(at + 1)) && end - at < 12 && RETINA_IMAGE.test(text.slice(at + 1, end));
}
