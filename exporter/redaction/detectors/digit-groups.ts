import { isDigit, isWord } from '../characters.js';
import type { Work } from '../work.js';

/** Longest separator between two groups of one number: `) - `. */
const MAX_SEPARATOR = 4;

/**
 * Groups of digits with nothing but separators between them, as in `+86 (138) 0013-8000` or `4111-1111-1111-1111`:
 * where numbers are looked for.
 */
export class DigitGroups {
  readonly starts: number[] = [];
  readonly ends: number[] = [];

  constructor(readonly text: string) {}

  get count(): number {
    return this.starts.length;
  }

  size(group: number): number {
    return this.ends[group]! - this.starts[group]!;
  }

  digits(group: number): string {
    return this.text.slice(this.starts[group]!, this.ends[group]!);
  }

  /** The digits of the groups from `first` to `last`, both included. */
  joined(first: number, last: number): string {
    let digits = this.digits(first);
    for (let group = first + 1; group <= last; group += 1) digits += this.digits(group);
    return digits;
  }

  /** What stands between a group and the one before it. */
  separator(group: number): string {
    return this.text.slice(this.ends[group - 1]!, this.starts[group]!);
  }

  /** Whether a group stands behind a single digit: digits that are written one by one begin with the first of them. */
  followsSingle(group: number): boolean {
    return group > 0 && this.size(group - 1) === 1 && this.starts[group]! - this.ends[group - 1]! === 1;
  }

  /** Whether what stands before a group leaves it a number of its own: no letter, no `_`, no decimal point. */
  opensAt(group: number): boolean {
    const start = this.starts[group]!;
    if (start === 0) return true;
    const before = this.text.charCodeAt(start - 1);
    if (before === HYPHEN) return true;
    if (before === DOT) return start < 2 || !isDigit(this.text.charCodeAt(start - 2)) || this.#isWhole(group - 1);
    return !isWord(before);
  }

  /** Whether what stands behind a group leaves it a number of its own: no letter, no `_`, no decimals. */
  closesAt(group: number): boolean {
    const end = this.ends[group]!;
    if (end >= this.text.length) return true;
    const after = this.text.charCodeAt(end);
    if (after === HYPHEN) return true;
    if (after === DOT) return !isDigit(this.text.charCodeAt(end + 1)) || this.#isWhole(group + 1);
    return !isWord(after);
  }

  /** Whether a group on the other side of a dot is too long to be the whole part of a number, or its decimals. */
  #isWhole(group: number): boolean {
    return this.size(group) === WHOLE_NUMBER;
  }
}

const HYPHEN = 45;
const DOT = 46;
/** Digits of a mobile number: two of them with a dot between are two. */
const WHOLE_NUMBER = 11;

/** Calls `visit` with each cluster of digit groups. The object is used again for the next one. */
export function eachCluster(text: string, work: Work, visit: (groups: DigitGroups) => void): void {
  const groups = new DigitGroups(text);
  const length = text.length;
  work.spend(length);
  for (let at = 0; at < length; at += 1) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let end = at + 1;
    while (end < length && isDigit(text.charCodeAt(end))) end += 1;
    const last = groups.ends[groups.ends.length - 1];
    if (last !== undefined && !isSeparator(text, last, at)) {
      visit(groups);
      groups.starts.length = 0;
      groups.ends.length = 0;
    }
    groups.starts.push(at);
    groups.ends.push(end);
    at = end;
  }
  if (groups.count > 0) visit(groups);
}

function isSeparator(text: string, from: number, to: number): boolean {
  if (to - from > MAX_SEPARATOR) return false;
  for (let at = from; at < to; at += 1) {
    switch (text.charCodeAt(at)) {
      case 32: // space
      case 40: // (
      case 41: // )
      case 45: // -
      case 46: // .
        break;
      default:
        return false;
    }
  }
  return true;
}
