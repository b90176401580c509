import { goQuote } from './go-text.js';
import type { Pair } from './pushed.js';

/** Labels that cannot be read; the message is what Loki says, as far as it can be said without its grammar. */
export class LabelsError extends Error {}

/** `{a="1", b="2"}`, sorted by name, as Loki prints it. */
export function formatLabels(labels: readonly Pair[]): string {
  const sorted = labels.toSorted(([a], [b]) => compareBytes(a, b));
  return `{${sorted.map(([name, value]) => `${labelName(name)}=${goQuote(value)}`).join(', ')}}`;
}

function labelName(name: string): string {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) ? name : goQuote(name);
}

/** Order of Go: by bytes of UTF-8, which is that of code points and not JavaScript's. */
export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Reads `{a="1", b="2"}` into pairs sorted by name; labels with an empty value are none. A name that comes twice stays
 * twice: refusing it is the caller's.
 *
 * @throws LabelsError
 */
export function parseLabels(text: string): Pair[] {
  const reader = new LabelReader(text);
  const labels = reader.read();
  return labels.filter(([, value]) => value !== '').toSorted(([a], [b]) => compareBytes(a, b));
}

class LabelReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Pair[] {
    const labels: Pair[] = [];
    this.#space();
    const metric = this.#match(/[a-zA-Z_:][a-zA-Z0-9_:]*/y);
    if (metric !== undefined) labels.push(['__name__', metric]);
    this.#space();
    if (metric !== undefined && this.#at === this.#text.length) return labels;
    this.#expect('{');
    for (;;) {
      this.#space();
      if (this.#take('}')) break;
      const name = this.#match(/[a-zA-Z_][a-zA-Z0-9_]*/y) ?? this.#quoted();
      this.#space();
      this.#expect('=');
      this.#space();
      labels.push([name, this.#quoted()]);
      this.#space();
      if (!this.#take(',')) {
        this.#expect('}');
        break;
      }
    }
    this.#space();
    if (this.#at < this.#text.length) throw this.#unexpected();
    return labels;
  }

  #quoted(): string {
    const { value, end } = unquote(this.#text, this.#at) ?? {};
    if (value === undefined || end === undefined) throw this.#unexpected();
    this.#at = end;
    return value;
  }

  #space(): void {
    this.#match(/[ \t\r\n]*/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #expect(character: string): void {
    if (!this.#take(character)) throw this.#unexpected();
  }

  #unexpected(): LabelsError {
    const character = this.#text[this.#at];
    const where = `1:${this.#at + 1}: parse error:`;
    if (character === undefined) return new LabelsError(`${where} unexpected end of input inside braces`);
    return new LabelsError(`${where} unexpected character inside braces: ${goQuoteRune(character)}`);
  }
}

function goQuoteRune(character: string): string {
  return `'${character}'`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

/**
 * Reads a string of Go at `start`, in double or single quotes with escapes or in backticks without.
 *
 * @returns undefined where there is none, or it does not end
 */
export function unquote(text: string, start: number): { value: string; end: number } | undefined {
  const quote = text[start];
  if (quote === '`') {
    const end = text.indexOf('`', start + 1);
    return end < 0 ? undefined : { value: text.slice(start + 1, end).replaceAll('\r', ''), end: end + 1 };
  }
  if (quote !== '"' && quote !== "'") return undefined;
  let value = '';
  for (let at = start + 1; at < text.length; ) {
    const character = text[at]!;
    if (character === quote) return { value, end: at + 1 };
    if (character === '\n') return undefined;
    if (character !== '\\') {
      value += character;
      at += 1;
      continue;
    }
    const letter = text[at + 1] ?? '';
    const simple = ESCAPES[letter];
    if (simple !== undefined) {
      value += simple;
      at += 2;
      continue;
    }
    const digits = { x: 2, u: 4, U: 8 }[letter];
    const code = digits === undefined ? '' : text.slice(at + 2, at + 2 + digits);
    if (digits === undefined || code.length < digits || !/^[0-9a-fA-F]+$/.test(code)) return undefined;
    value += String.fromCodePoint(Number.parseInt(code, 16));
    at += 2 + digits;
  }
  return undefined;
}
