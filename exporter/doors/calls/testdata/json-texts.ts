import fc from 'fast-check';

/** A JSON text, written with any spacing and any spelling of its strings, and what is true of it. */
export interface JsonText {
  text: string;
  value: fc.JsonValue;
  /** Keys of all objects together. */
  keys: number;
  /** 0 = a plain value, 1 = an object or array of plain values. */
  depth: number;
}

const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
const BACKSLASHES = ['', '\\', '\\\\', '\\"', '\\\\\\"', '"', '{[:,]}', 'ä', '€', '😀', '\\u0061', '\n', '\u2028'];

/** Text with all that a scanner could trip over, short and long. */
export const trickyText = fc
  .array(fc.oneof(fc.constantFrom(...BACKSLASHES), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 30 })
  .map((parts) => parts.join('').toWellFormed());

const key = fc.oneof(fc.constantFrom('__proto__', 'constructor', '0', '1e3', '', 'model', 'a:b'), trickyText);

export const jsonValue: fc.Arbitrary<fc.JsonValue> = fc.letrec<{ value: fc.JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    trickyText,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((entries) => objectOf(entries)),
  ),
})).value;

export const jsonContainer = fc.oneof(
  fc.array(jsonValue, { maxLength: 8 }),
  fc.array(fc.tuple(key, jsonValue), { maxLength: 8 }).map((entries) => objectOf(entries)),
);

/** `Object.fromEntries`, with `__proto__` as a key like any other. */
function objectOf(entries: [string, fc.JsonValue][]): fc.JsonValue {
  return Object.fromEntries(entries) as { [key: string]: fc.JsonValue };
}

/** Writes a value as JSON with the given runs of spaces, used in turn, and some letters of its strings escaped. */
export function write(value: fc.JsonValue, spaces: readonly string[], escapeEvery: number): JsonText {
  let at = 0;
  let keys = 0;
  let deepest = 0;
  const gap = (): string => spaces[at++ % Math.max(1, spaces.length)] ?? '';
  const quoted = (text: string): string => (escapeEvery === 0 ? JSON.stringify(text) : escaped(text, escapeEvery));
  const render = (inner: fc.JsonValue, depth: number): string => {
    if (typeof inner === 'string') return quoted(inner);
    if (typeof inner !== 'object' || inner === null) return JSON.stringify(inner);
    deepest = Math.max(deepest, depth + 1);
    if (Array.isArray(inner)) {
      return `[${gap()}${inner.map((element) => render(element, depth + 1) + gap()).join(`,${gap()}`)}]`;
    }
    const entries = (Object.entries(inner) as [string, fc.JsonValue][]).map(([name, element]) => {
      keys += 1;
      return `${quoted(name)}${gap()}:${gap()}${render(element, depth + 1)}${gap()}`;
    });
    return `{${gap()}${entries.join(`,${gap()}`)}}`;
  };
  const text = render(value, 0);
  return { text, value, keys, depth: deepest };
}

/** The same string with every n-th UTF-16 unit as `\\uXXXX`. */
export function escaped(text: string, every: number): string {
  let json = '"';
  for (let i = 0; i < text.length; i += 1) {
    json +=
      i % every === 0
        ? `\\u${text.charCodeAt(i).toString(16).padStart(4, '0')}`
        : // A half of a pair is escaped by JSON.stringify, which the other half then has to be too.
          JSON.stringify(text[i]).slice(1, -1);
  }
  return `${json}"`;
}

const writing = [fc.array(space, { minLength: 1, maxLength: 5 }), fc.nat({ max: 3 })] as const;

/** Any object or array, written in any way. */
export const anyContainer: fc.Arbitrary<JsonText> = fc
  .tuple(jsonContainer, ...writing)
  .map(([value, spaces, escapeEvery]) => write(value, spaces, escapeEvery));

/** Any value at all, written in any way. */
export const anyValue: fc.Arbitrary<JsonText> = fc
  .tuple(jsonValue, ...writing)
  .map(([value, spaces, escapeEvery]) => write(value, spaces, escapeEvery));
