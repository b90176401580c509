import { isAscii, isUtf8 } from 'node:buffer';
import { CLOSE_ARRAY, JsonScan, OPEN_ARRAY, OPEN_OBJECT } from './json-scan.js';

/** Where one record stands in a body. */
export interface RecordSpan {
  start: number;
  /** Offset behind it. */
  end: number;
  /** Line in the body, from 1; null where lines mean nothing. */
  line: number | null;
}

/** The body as a whole cannot be taken apart into records. */
export class BodyProblem extends Error {
  override name = 'BodyProblem';
}

/** The text of spans of a body. */
export class BodyText {
  /** In ASCII, offsets of bytes and of characters are the same: slices of one string cost next to nothing. */
  readonly #ascii: string | null;

  constructor(private readonly body: Buffer) {
    this.#ascii = isAscii(body) ? body.toString('latin1') : null;
  }

  /** @returns null where the bytes are not UTF-8 */
  of({ start, end }: RecordSpan): string | null {
    if (this.#ascii !== null) return this.#ascii.slice(start, end);
    return isUtf8(this.body.subarray(start, end)) ? this.body.toString('utf8', start, end) : null;
  }
}

/** The records of an NDJSON body, one a line; blank lines don't count. */
export function* ndjsonSpans(body: Buffer): Generator<RecordSpan> {
  let line = 0;
  for (let at = afterMark(body); at < body.length; ) {
    line += 1;
    let end = body.indexOf(LINE_FEED, at);
    if (end === -1) end = body.length;
    const start = skipSpace(body, at, end);
    if (start < end) yield { start, end, line };
    at = end + 1;
  }
}

/** How many lines an NDJSON body has, blank ones included, counted up to `limit` + 1. */
export function countLines(body: Buffer, limit: number): number {
  let lines = 0;
  for (let at = 0; at < body.length && lines <= limit; lines += 1) {
    const end = body.indexOf(LINE_FEED, at);
    if (end === -1) return lines + 1;
    at = end + 1;
  }
  return lines;
}

/**
 * The records of a JSON body: one object, or an array of them, taken apart without parsing, so that one
 * bad element costs no other.
 * @param limit most elements of an array; one more is returned where there are more
 * @throws BodyProblem
 */
export function jsonSpans(body: Buffer, limit: number): RecordSpan[] {
  if (!isUtf8(body)) throw new BodyProblem('The body is not valid UTF-8.');
  const length = body.length;
  const start = skipSpace(body, afterMark(body), length);
  if (start === length) throw new BodyProblem('The body is empty: send one call record, an array, or NDJSON.');
  const scan = new JsonScan();
  if (body[start] !== OPEN_ARRAY) {
    if (body[start] === OPEN_OBJECT) {
      scan.scan(body, start, length);
      const rest = scan.end === -1 ? length : skipSpace(body, scan.end, length);
      if (rest !== length) {
        throw new BodyProblem(
          `Something follows the first record, at byte ${rest + 1}. ` +
            'For one record a line (NDJSON) send content-type application/x-ndjson; otherwise send an array.',
        );
      }
    }
    return [{ start, end: length, line: null }];
  }
  const spans: RecordSpan[] = [];
  let at = skipSpace(body, start + 1, length);
  while (body[at] !== CLOSE_ARRAY) {
    let end: number;
    if (body[at] === OPEN_OBJECT || body[at] === OPEN_ARRAY) {
      scan.scan(body, at, length);
      end = scan.end;
    } else {
      end = endOfScalar(body, at);
    }
    if (end === -1) throw new BodyProblem(`The array ends inside its element ${spans.length}.`);
    spans.push({ start: at, end, line: null });
    if (spans.length > limit) return spans;
    at = skipSpace(body, end, length);
    if (body[at] === CLOSE_ARRAY) break;
    if (body[at] !== COMMA) {
      throw new BodyProblem(`The array is broken behind its element ${spans.length - 1}: "," or "]" is missing.`);
    }
    at = skipSpace(body, at + 1, length);
    if (body[at] === CLOSE_ARRAY) throw new BodyProblem('The array has a comma behind its last element.');
  }
  if (skipSpace(body, at + 1, length) !== length) throw new BodyProblem('Something follows the array.');
  return spans;
}

const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** End of a number, string or word in an array; -1 without one. */
function endOfScalar(body: Buffer, from: number): number {
  let inString = false;
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at];
    if (inString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === COMMA || byte === CLOSE_ARRAY) return at;
  }
  return -1;
}

function skipSpace(body: Buffer, from: number, limit: number): number {
  let at = from;
  while (at < limit) {
    const byte = body[at];
    if (byte !== 0x20 && byte !== LINE_FEED && byte !== 0x0d && byte !== 0x09) break;
    at += 1;
  }
  return at;
}

/** Some programs write a byte order mark in front of UTF-8. */
function afterMark(body: Buffer): number {
  return body.length >= 3 && body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
}
