/**
 * Walks the structure of JSON bytes without building anything: where a value ends, how deep it nests, how
 * many keys it has. Run before JSON.parse, which sees none of this: it takes the last of two equal keys
 * in silence, and a value that is too deep comes back as something on which recursion fails. On bytes
 * rather than on text, which is twice as fast; no byte of a longer UTF-8 sequence looks like one of these.
 */
export class JsonScan {
  /** Offset behind the value; -1 when it never ends. */
  end = 0;
  /** Keys of all objects in the value together. */
  keys = 0;
  /** Deepest nesting; 1 = an object or array of plain values. */
  depth = 0;

  /** Scans the object or array that begins at `start`, up to `limit` at most. Assumes nothing else about the bytes. */
  scan(bytes: Uint8Array, start: number, limit: number): void {
    let depth = 0;
    let deepest = 0;
    let keys = 0;
    scanning: for (let at = start; at < limit; at += 1) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        at += 1;
        for (let inner = bytes[at]!; inner !== QUOTE; inner = bytes[at]!) {
          at += inner === BACKSLASH ? 2 : 1;
          if (at >= limit) break scanning;
        }
      } else if (byte < COLON) {
        // Digits, commas, spaces: most of what is not in a string.
      } else if (byte === COLON) {
        keys += 1;
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        depth += 1;
        if (depth > deepest) deepest = depth;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
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

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const OPEN_ARRAY = 0x5b;
const CLOSE_OBJECT = 0x7d;
export const CLOSE_ARRAY = 0x5d;

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
