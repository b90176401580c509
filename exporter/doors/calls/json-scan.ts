/**
 * Walks the structure of JSON text without building anything: where a value ends, how deep it nests, how
 * many keys it has. Run before JSON.parse, which sees none of this: it takes the last of two equal keys
 * in silence, and a value that is too deep comes back as something on which recursion fails.
 */
export class JsonScan {
  /** Offset behind the value; -1 when it never ends. */
  end = 0;
  /** Keys of all objects in the value together. */
  keys = 0;
  /** Deepest nesting; 1 = an object or array of plain values. */
  depth = 0;

  /** Scans the object or array that begins at `start`. Assumes nothing else about the text. */
  scan(text: string, start: number): void {
    let depth = 0;
    let deepest = 0;
    let keys = 0;
    const length = text.length;
    for (let at = start; at < length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        at = endOfString(text, at + 1);
        if (at === -1) break;
      } else if (code === 0x3a) {
        keys += 1;
      } else if (code === 0x7b || code === 0x5b) {
        depth += 1;
        if (depth > deepest) deepest = depth;
      } else if (code === 0x7d || code === 0x5d) {
        depth -= 1;
        if (depth === 0) {
          this.end = at + 1;
          this.keys = keys;
          this.depth = deepest;
          return;
        }
      }
    }
    this.end = -1;
    this.keys = keys;
    this.depth = deepest;
  }
}

const LONG_STRING = 64;

/** Offset of the quote that ends a string; -1 without one. */
function endOfString(text: string, from: number): number {
  const near = Math.min(text.length, from + LONG_STRING);
  let at = from;
  while (at < near) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return at;
    at += code === 0x5c ? 2 : 1;
  }
  // Content runs to megabytes: let the engine's own search find the quotes.
  for (let quote = text.indexOf('"', at); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (quote - backslashes - 1 >= at && text.charCodeAt(quote - backslashes - 1) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return quote;
  }
  return -1;
}

/** Keys of all objects in a parsed value together: fewer than in its text where a key stood twice. */
export function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) {
    for (const element of value) if (typeof element === 'object') keys += countKeys(element);
    return keys;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    keys += 1;
    const inner = object[key];
    if (typeof inner === 'object') keys += countKeys(inner);
  }
  return keys;
}

/** The path of a key that stands twice in one object, such as `usage.prompt_tokens`; null where there is none. */
export function findDuplicateKey(text: string): string | null {
  const levels: { keys: Set<string> | null; path: string; key: string }[] = [];
  let last: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const level = levels[levels.length - 1];
    if (code === 0x22) {
      const end = endOfString(text, at + 1);
      last = JSON.parse(text.slice(at, end + 1)) as string;
      at = end;
    } else if (code === 0x3a && level?.keys && last !== null) {
      level.key = last;
      if (level.keys.has(last)) return join(level.path, last);
      level.keys.add(last);
    } else if (code === 0x7b || code === 0x5b) {
      const path = level === undefined ? '' : join(level.path, level.key);
      levels.push({ keys: code === 0x7b ? new Set() : null, path, key: '' });
    } else if (code === 0x7d || code === 0x5d) {
      levels.pop();
    }
  }
  return null;
}

function join(path: string, key: string): string {
  return path === '' ? key : key === '' ? path : `${path}.${key}`;
}
