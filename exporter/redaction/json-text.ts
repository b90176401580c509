import type { Work } from './work.js';

const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const QUOTE = 34;

/** What a text holds as JSON: an object, an array, or a string; undefined when it is anything else. */
export function parseJson(text: string, work: Work): unknown {
  const first = firstCode(text);
  const closing =
    first === OPEN_OBJECT ? CLOSE_OBJECT : first === OPEN_ARRAY ? CLOSE_ARRAY : first === QUOTE ? QUOTE : -1;
  if (closing === -1 || lastCode(text) !== closing) return undefined;
  work.spend(text.length);
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Lines of JSON in a text. */
export interface JsonLines {
  /** What they hold, in order. */
  readonly values: readonly unknown[];
  /** The text with other values on those lines. */
  with(values: readonly unknown[]): string;
}

const DATA = /^data:[ \t]{0,4}/;

/**
 * The lines of a text that hold a JSON object each, as in NDJSON and in server-sent events (`data: {…}`); null when
 * there are not two.
 */
export function jsonLines(text: string, work: Work): JsonLines | null {
  if (!text.includes('\n')) return null;
  const first = firstCode(text);
  if (first !== OPEN_OBJECT && !/^(?:data|event|id|retry)?:/.test(text.slice(0, 8).trimStart())) return null;
  work.spend(2 * text.length);
  const lines = text.split('\n');
  const values: unknown[] = [];
  const places: { line: number; before: string; after: string }[] = [];
  for (const [line, content] of lines.entries()) {
    const before = DATA.exec(content)?.[0] ?? '';
    const end = content.endsWith('\r') ? content.length - 1 : content.length;
    if (content.charCodeAt(before.length) !== OPEN_OBJECT || content.charCodeAt(end - 1) !== CLOSE_OBJECT) continue;
    const value = parseJson(content.slice(before.length, end), work);
    if (value === undefined) continue;
    values.push(value);
    places.push({ line, before, after: content.slice(end) });
  }
  if (values.length < 2) return null;
  return {
    values,
    with(others) {
      const result = lines.slice();
      for (const [index, { line, before, after }] of places.entries()) {
        if (others[index] !== values[index]) result[line] = before + JSON.stringify(others[index]) + after;
      }
      return result.join('\n');
    },
  };
}

/** The first character that is no white space; NaN when there is none within reach. */
function firstCode(text: string): number {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) <= 32) at += 1;
  return text.charCodeAt(at);
}

function lastCode(text: string): number {
  let at = text.length - 1;
  while (at > 0 && text.charCodeAt(at) <= 32) at -= 1;
  return text.charCodeAt(at);
}
