import { isAlphanumeric, isWord } from '../characters.js';
import type { Detector } from '../detector.js';
import { LONG_WORD } from '../triggers.js';

/** `{"` in base64, how the header of every token begins. */
const OPENING = 'eyJ';
/** A signed token has three parts, an encrypted one five. */
const FEWEST_PARTS = 3;
const MOST_PARTS = 5;

/** JSON Web Tokens: parts of base64url with dots between, the first of which is a JSON header that names an `alg`. */
export const jwt: Detector = {
  triggers: LONG_WORD,
  find(text, report, work) {
    let from = 0;
    for (let at = text.indexOf(OPENING); at !== -1; at = text.indexOf(OPENING, from)) {
      work.spend(at - from + 1);
      from = at + OPENING.length;
      if (at > 0 && isAlphanumeric(text.charCodeAt(at - 1))) continue;
      let end = from;
      while (end < text.length && isWord(text.charCodeAt(end))) end += 1;
      work.spend(2 * (end - from));
      // Whatever comes of it, the word is done with: nothing is decoded twice.
      from = end;
      if (text[end] !== '.' || !hasAlgorithm(text.slice(at, end))) continue;
      let parts = 1;
      while (parts < MOST_PARTS && text[end] === '.') {
        end += 1;
        while (end < text.length && isWord(text.charCodeAt(end))) end += 1;
        parts += 1;
      }
      work.spend(end - from);
      if (parts < FEWEST_PARTS) continue;
      // The dot of the sentence.
      if (text[end - 1] === '.') end -= 1;
      report(at, end);
      from = end;
    }
    work.spend(text.length - from);
  },
  canonical: (value) => value,
};

function hasAlgorithm(header: string): boolean {
  return Buffer.from(header, 'base64url').toString('latin1').includes('"alg"');
}
