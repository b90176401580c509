import { printable } from './printable.js';

/** What turns the direction of writing, and so would move what stands behind it. */
const TURNS = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text with names of users in it, as a terminal may show it: what would colour, move or turn anything is escaped. */
export function alertText(text: string): string {
  return printable(text).replace(TURNS, (turn) => `\\u${turn.charCodeAt(0).toString(16)}`);
}

/** The same in one line. */
export function alertLine(text: string): string {
  return alertText(text).replace(/[\n\t\u2028\u2029]/g, ' ');
}
