import { isUtf8 } from 'node:buffer';
import { JsonScan } from './json-scan.js';

/** The text of one record in a body, or why it has none. */
export interface RecordText {
  /** null when `problem` says why. */
  text: string | null;
  /** Line in the body, from 1; null where lines mean nothing. */
  line: number | null;
  problem: string | null;
}

/** The body as a whole cannot be taken apart into records. */
export class BodyProblem extends Error {
  override name = 'BodyProblem';
}

const BYTE_ORDER_MARK = '\ufeff';
const NOT_UTF8 = 'is not valid UTF-8';

/**
 * The records of an NDJSON body, one a line; blank lines don't count. A line that is not UTF-8 costs no
 * other line.
 */
export function* ndjsonRecords(body: Buffer): Generator<RecordText> {
  const whole = isUtf8(body);
  const text = whole ? withoutMark(body.toString('utf8')) : '';
  let line = 0;
  let at = 0;
  const length = whole ? text.length : body.length;
  while (at < length) {
    line += 1;
    let end = whole ? text.indexOf('\n', at) : body.indexOf(0x0a, at);
    if (end === -1) end = length;
    if (whole) {
      const record = text.slice(at, end);
      if (!isBlank(record)) yield { text: record, line, problem: null };
    } else {
      const bytes = body.subarray(at, end);
      if (!isUtf8(bytes)) yield { text: null, line, problem: NOT_UTF8 };
      else {
        const record = withoutMark(bytes.toString('utf8'));
        if (!isBlank(record)) yield { text: record, line, problem: null };
      }
    }
    at = end + 1;
  }
}

/** How many lines an NDJSON body has, blank ones included, counted up to `limit` + 1. */
export function countLines(body: Buffer, limit: number): number {
  let lines = 0;
  for (let at = 0; at < body.length && lines <= limit; lines += 1) {
    const end = body.indexOf(0x0a, at);
    if (end === -1) return lines + 1;
    at = end + 1;
  }
  return lines;
}

/**
 * The records of a JSON body: one object, or an array of them, taken apart without parsing, so that one
 * bad element costs no other.
 * @param limit most elements of an array
 * @throws BodyProblem
 */
export function jsonRecords(body: Buffer, limit: number): RecordText[] {
  if (!isUtf8(body)) throw new BodyProblem(`The body ${NOT_UTF8}.`);
  const text = withoutMark(body.toString('utf8'));
  const start = skipSpace(text, 0);
  if (start === text.length) throw new BodyProblem('The body is empty: send one call record, an array, or NDJSON.');
  const scan = new JsonScan();
  if (text.charCodeAt(start) !== 0x5b) {
    if (text.charCodeAt(start) === 0x7b) {
      scan.scan(text, start);
      if (scan.end !== -1 && skipSpace(text, scan.end) !== text.length) {
        throw new BodyProblem(
          `Something follows the first record, at character ${skipSpace(text, scan.end) + 1}. ` +
            'For one record a line (NDJSON) send content-type application/x-ndjson; otherwise send an array.',
        );
      }
    }
    return [{ text, line: null, problem: null }];
  }
  const records: RecordText[] = [];
  let at = skipSpace(text, start + 1);
  while (text.charCodeAt(at) !== 0x5d) {
    const code = text.charCodeAt(at);
    let end: number;
    if (code === 0x7b || code === 0x5b) {
      scan.scan(text, at);
      end = scan.end;
    } else {
      end = endOfScalar(text, at);
    }
    if (end === -1) throw new BodyProblem(`The array ends inside its element ${records.length}.`);
    records.push({ text: text.slice(at, end), line: null, problem: null });
    if (records.length > limit) return records;
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === 0x5d) break;
    if (text.charCodeAt(at) !== 0x2c) {
      throw new BodyProblem(`The array is broken behind its element ${records.length - 1}: "," or "]" is missing.`);
    }
    at = skipSpace(text, at + 1);
    if (text.charCodeAt(at) === 0x5d) throw new BodyProblem('The array has a comma behind its last element.');
  }
  if (skipSpace(text, at + 1) !== text.length) throw new BodyProblem('Something follows the array.');
  return records;
}

/** End of a number, string or word in an array; -1 without one. */
function endOfScalar(text: string, from: number): number {
  let inString = false;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x2c || code === 0x5d) return at;
  }
  return -1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function isBlank(text: string): boolean {
  return skipSpace(text, 0) === text.length;
}

function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}
