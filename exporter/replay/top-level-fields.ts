/** A part of a line, in bytes. */
export interface Span {
  start: number;
  end: number;
}

/** Where the fields stand that a replay may have to change; null = the record has no such field. */
export interface TopLevelFields {
  id: Span | null;
  time: Span | null;
  /** Offset of the brace that ends the object. */
  close: number;
  /** `{}`: no field at all. */
  empty: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * Finds `id` and `time` in one call record without building anything, so that the rest of the line can be
 * sent exactly as it stands in the file: numbers keep their digits and content its escapes.
 * @returns null for what is not one JSON object; whether all of it is valid JSON is for the exporter to say
 */
export function findTopLevelFields(line: Buffer): TopLevelFields | null {
  if (line[0] !== OPEN_BRACE) return null;
  const fields: TopLevelFields = { id: null, time: null, close: -1, empty: false };
  let at = skipSpace(line, 1);
  if (line[at] === CLOSE_BRACE) {
    fields.empty = true;
    fields.close = at;
    return at + 1 === line.length ? fields : null;
  }
  while (line[at] === QUOTE) {
    const keyEnd = endOfString(line, at);
    if (keyEnd === -1) return null;
    const key = keyOf(line, at, keyEnd);
    at = skipSpace(line, keyEnd);
    if (line[at] !== COLON) return null;
    const start = skipSpace(line, at + 1);
    const end = endOfValue(line, start);
    if (end <= start) return null;
    if (key === 'id') fields.id ??= { start, end };
    else if (key === 'time') fields.time ??= { start, end };
    at = skipSpace(line, end);
    if (line[at] === CLOSE_BRACE) {
      fields.close = at;
      return at + 1 === line.length ? fields : null;
    }
    if (line[at] !== COMMA) return null;
    at = skipSpace(line, at + 1);
  }
  return null;
}

function keyOf(line: Buffer, start: number, end: number): 'id' | 'time' | '' {
  let key: string;
  if (line.subarray(start, end).includes(BACKSLASH)) {
    try {
      key = String(JSON.parse(line.toString('utf8', start, end)));
    } catch {
      return '';
    }
  } else if (end - start <= 6) key = line.toString('latin1', start + 1, end - 1);
  else return '';
  return key === 'id' || key === 'time' ? key : '';
}

/** Offset behind the value that begins at `start`; -1 when it never ends. */
function endOfValue(line: Buffer, start: number): number {
  const first = line[start];
  if (first === QUOTE) return endOfString(line, start);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return endOfNested(line, start);
  let at = start;
  while (at < line.length && line[at] !== COMMA && line[at] !== CLOSE_BRACE && !isSpace(line[at]!)) at += 1;
  return at;
}

function endOfNested(line: Buffer, start: number): number {
  let depth = 0;
  for (let at = start; at < line.length; at += 1) {
    const code = line[at];
    if (code === QUOTE) {
      const end = endOfString(line, at);
      if (end === -1) return -1;
      at = end - 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

/** Offset behind the quote that ends the string whose first quote is at `start`; -1 without one. */
function endOfString(line: Buffer, start: number): number {
  for (let quote = line.indexOf(QUOTE, start + 1); quote !== -1; quote = line.indexOf(QUOTE, quote + 1)) {
    let backslashes = 0;
    while (line[quote - backslashes - 1] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return -1;
}

function skipSpace(line: Buffer, from: number): number {
  let at = from;
  while (at < line.length && isSpace(line[at]!)) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
