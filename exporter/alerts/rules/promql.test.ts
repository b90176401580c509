import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyOf, anyOfNames, equal, quoted, selector } from './promql.js';

/** Reads a matcher as Prometheus does: a quoted text; a regular expression is RE2's, anchored at both ends. */
function matches(matcher: string | null, value: string): boolean {
  if (matcher === null) return true;
  const [, operator, text] = /^\w+(=~|=)("[\s\S]*")$/.exec(matcher) ?? [];
  if (text === undefined) throw new Error(`no matcher: ${matcher}`);
  const read = JSON.parse(text) as string;
  if (operator === '=') return read === value;
  // JavaScript has no (?s:…) yet.
  return new RegExp(`^(?:${read.replaceAll('(?s:.*)', '[\\s\\S]*')})$`, 'u').test(value);
}

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'ab.*+?|()[]{}^$\\/-"\'\n '), maxLength: 6 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);

describe('a matcher', () => {
  it('of names matches exactly them, and what begins as those that end in *', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, fc.nat(), (names, other, at) => {
        const matcher = anyOfNames('model', names);
        const expected = (value: string) =>
          names.some((name) => (name.endsWith('*') ? value.startsWith(name.slice(0, -1)) : name === value));
        const near = names[at % names.length] ?? '';
        for (const value of [other, near, `${near}x`, `x${near}`, near.replace(/\*$/, '\n'), near.slice(1)]) {
          expect(matches(matcher, value), JSON.stringify({ matcher, value })).toBe(expected(value));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of values takes a * for a *', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, (values, other) => {
        const matcher = anyOf('workspace_id', values);
        for (const value of [other, ...values, `${values[0]}a`]) {
          expect(matches(matcher, value)).toBe(values.includes(value));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of none is none', () => {
    expect(anyOf('model', [])).toBeNull();
    expect(anyOfNames('model', [])).toBeNull();
    expect(selector('x', [null, null])).toBe('x');
    expect(selector('x', [null, equal('a', 'b'), 'c="d"'])).toBe('x{a="b",c="d"}');
  });

  it('of one value is no regular expression', () => {
    expect(anyOf('model', ['a.b'])).toBe('model="a.b"');
    expect(anyOfNames('model', ['a.b'])).toBe('model="a.b"');
    expect(anyOfNames('model', ['a.b*', 'c'])).toBe('model=~"a\\\\.b(?s:.*)|c"');
  });
});

it('a quoted text is one line, whoever reads it', () => {
  expect(quoted('a"\\\n\u2028\u0085\ufeff模')).toBe('"a\\"\\\\\\n\\u2028\\u0085\\ufeff模"');
});
