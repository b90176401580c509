import { unquote } from './label-set.js';
import type { Pair } from './pushed.js';

/** A query that Loki would not take, or one that goes beyond what the double understands; the message says which. */
export class LogqlError extends Error {}

export interface Matcher {
  name: string;
  operator: string;
  /** Of a label's value; one that is not there is the empty string. */
  matches: (value: string) => boolean;
}

export type Stage =
  | { kind: 'line'; matches: (line: string) => boolean }
  | { kind: 'json' }
  | { kind: 'filter'; keep: LabelFilter };

/** Whether to keep an entry, by its labels; it may leave `__error__` in them. */
export type LabelFilter = (labels: Map<string, string>) => boolean;

export interface LogQuery {
  selector: readonly Matcher[];
  stages: readonly Stage[];
}

/** Whether a stream is one of those that the selector names. */
export function matchesSelector(selector: readonly Matcher[], labels: readonly Pair[]): boolean {
  const values = new Map(labels);
  return selector.every(({ name, matches }) => matches(values.get(name) ?? ''));
}

/** `{a="1", b=~"x|y"}` alone. @throws LogqlError */
export function parseSelector(text: string): Matcher[] {
  const parser = new Parser(text);
  const selector = parser.selector();
  parser.end();
  return selector;
}

/**
 * Reads the subset of LogQL for log queries: a selector, then line filters, `json` without arguments, and filters of
 * labels, which may be joined by `and`, `or` and brackets.
 *
 * @throws LogqlError
 */
export function parseLogQuery(text: string): LogQuery {
  const parser = new Parser(text);
  const selector = parser.selector();
  const stages: Stage[] = [];
  while (!parser.atEnd) stages.push(parser.stage());
  if (!selector.some(({ operator, matches }) => (operator === '=' || operator === '=~') && !matches(''))) {
    throw new LogqlError(
      'parse error : queries require at least one regexp or equality matcher that does not have an empty-compatible ' +
        'value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
    );
  }
  return { selector, stages };
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '==': (a, b) => a === b,
  '=': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
};

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#space();
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  end(): void {
    if (!this.atEnd) throw this.#unexpected();
  }

  selector(): Matcher[] {
    const matchers: Matcher[] = [];
    this.#expect('{');
    while (!this.#take('}')) {
      const name = this.#name();
      const operator = this.#oneOf(['=~', '!~', '!=', '=']);
      matchers.push({ name, operator, matches: textTest(operator, this.#string()) });
      if (!this.#take(',')) {
        this.#expect('}');
        break;
      }
    }
    return matchers;
  }

  stage(): Stage {
    for (const operator of ['|=', '|~', '!=', '!~']) {
      if (this.#take(operator)) return { kind: 'line', matches: this.#lineFilter(operator) };
    }
    this.#expect('|');
    if (this.#word('json')) return { kind: 'json' };
    const other = /(logfmt|regexp|pattern|unpack|line_format|label_format|decolorize|drop|keep|unwrap)\b/y;
    other.lastIndex = this.#at;
    const unknown = other.exec(this.#text)?.[1];
    if (unknown !== undefined) throw new LogqlError(`the double of Loki does not know the stage "${unknown}"`);
    return { kind: 'filter', keep: this.#anyOf() };
  }

  #lineFilter(operator: string): (line: string) => boolean {
    const texts = [this.#string()];
    while (this.#word('or')) texts.push(this.#string());
    const negative = operator.startsWith('!');
    const tests = texts.map((text) => {
      if (operator.endsWith('=')) return (line: string) => line.includes(text);
      const pattern = regularExpression(text, false);
      return (line: string) => pattern.test(line);
    });
    return (line) => tests.some((test) => test(line)) !== negative;
  }

  #anyOf(): LabelFilter {
    const parts = [this.#allOf()];
    while (this.#word('or')) parts.push(this.#allOf());
    return (labels) => parts.some((keep) => keep(labels));
  }

  #allOf(): LabelFilter {
    const parts = [this.#one()];
    while (this.#word('and') || this.#take(',')) parts.push(this.#one());
    return (labels) => parts.every((keep) => keep(labels));
  }

  #one(): LabelFilter {
    if (this.#take('(')) {
      const inner = this.#anyOf();
      this.#expect(')');
      return inner;
    }
    const name = this.#name();
    const operator = this.#oneOf(['=~', '!~', '!=', '==', '>=', '<=', '=', '>', '<']);
    if (/["'`]/.test(this.#text[this.#at] ?? '')) {
      const matches = textTest(operator, this.#string());
      return (labels) => matches(labels.get(name) ?? '');
    }
    const number = this.#match(/-?\d+(\.\d+)?(?![\w.])/y);
    const compare = COMPARISONS[operator];
    if (number === undefined || compare === undefined) throw this.#unexpected();
    return (labels) => {
      const value = labels.get(name);
      if (value === undefined) return false;
      if (value.trim() === '' || Number.isNaN(Number(value))) {
        labels.set('__error__', 'LabelFilterErr');
        return true;
      }
      return compare(Number(value), Number(number));
    };
  }

  #name(): string {
    const name = this.#match(/[a-zA-Z_][a-zA-Z0-9_]*/y);
    if (name === undefined) throw this.#unexpected();
    return name;
  }

  #string(): string {
    const found = unquote(this.#text, this.#at);
    if (found === undefined || this.#text[this.#at] === "'") throw this.#unexpected();
    this.#at = found.end;
    this.#space();
    return found.value;
  }

  #oneOf(operators: readonly string[]): string {
    const found = operators.find((operator) => this.#take(operator));
    if (found === undefined) throw this.#unexpected();
    return found;
  }

  #word(word: string): boolean {
    return this.#match(new RegExp(`${word}(?![a-zA-Z0-9_])`, 'y')) !== undefined;
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    this.#space();
    return true;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected();
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#space();
    return found;
  }

  #space(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #unexpected(): LogqlError {
    if (this.#text.trim() === '') return new LogqlError('parse error : syntax error: unexpected $end');
    const before = this.#text.slice(0, this.#at).split('\n');
    const what = this.#text[this.#at] ?? '$end';
    return new LogqlError(
      `parse error at line ${before.length}, col ${before.at(-1)!.length + 1}: syntax error: unexpected ${what}`,
    );
  }
}

function textTest(operator: string, text: string): (value: string) => boolean {
  if (operator === '=' || operator === '==') return (value) => value === text;
  if (operator === '!=') return (value) => value !== text;
  if (operator !== '=~' && operator !== '!~') throw new LogqlError(`parse error : ${operator} wants a number`);
  const pattern = regularExpression(text, true);
  return operator === '=~' ? (value) => pattern.test(value) : (value) => !pattern.test(value);
}

/** An expression of RE2 as one of JavaScript: flags at its beginning are understood, others are not. */
function regularExpression(text: string, whole: boolean): RegExp {
  const [prefix = '', flags = ''] = /^\(\?([ims]+)\)/.exec(text) ?? [];
  const body = text.slice(prefix.length);
  try {
    return new RegExp(whole ? `^(?:${body})$` : body, [...new Set(`u${flags}${whole ? 's' : ''}`)].join(''));
  } catch (error) {
    throw new LogqlError(`parse error : error parsing regexp: ${error instanceof Error ? error.message : text}`);
  }
}
