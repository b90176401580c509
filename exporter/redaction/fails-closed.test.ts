import { describe, expect, test } from 'vitest';
import { createRedactor } from './redactor.js';
import { WITHHELD_REASONS } from './work.js';

function nested(depth: number): unknown {
  let value: unknown = 'alice@example.com';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { inner: value };
  return value;
}

describe('withheld, with a reason and nothing else', () => {
  test('too deep', () => {
    const redactor = createRedactor({ maxDepth: 50 });
    expect(redactor.redactContent(nested(51))).toEqual({ withheld: WITHHELD_REASONS.depth });
    expect(redactor.redactContent(nested(50))).toMatchObject({ counts: { email: 1 } });
  });

  test('deeper than the stack', () => {
    expect(createRedactor().redactContent(nested(100_000))).toEqual({ withheld: WITHHELD_REASONS.depth });
    expect(createRedactor({ maxDepth: 1e9 }).redactContent(nested(100_000))).toEqual({
      withheld: WITHHELD_REASONS.failed,
    });
  });

  test('too large', () => {
    const redactor = createRedactor({ maxCharacters: 1000 });
    expect(redactor.redactContent(['x'.repeat(500), 'y'.repeat(501)])).toEqual({ withheld: WITHHELD_REASONS.size });
    expect(redactor.redactText('x'.repeat(1001))).toEqual({ withheld: WITHHELD_REASONS.size });
    expect(redactor.redactText('x'.repeat(1000))).toMatchObject({ counts: {} });
  });

  test('too much work', () => {
    // Each match may read the text to the end of its window; of single characters that is too often.
    const redactor = createRedactor({ patterns: [{ name: 'digit', pattern: '\\d' }] });
    expect(redactor.redactText('7'.repeat(100_000))).toEqual({ withheld: WITHHELD_REASONS.steps });
    expect(redactor.redactText('order 7 of 12')).toMatchObject({ text: 'order [digit] of [digit][digit]' });
  });

  test('an exception', () => {
    const hostile = {
      get secret(): string {
        throw new Error('alice@example.com');
      },
    };
    expect(createRedactor().redactContent([hostile])).toEqual({ withheld: WITHHELD_REASONS.failed });
  });
});

test('brackets in a text are not nesting: too deep for JSON, it is searched as text', () => {
  const text = `${'['.repeat(5000)}"alice@example.com"${']'.repeat(5000)}`;
  expect(createRedactor().redactText(text)).toEqual({
    text: text.replace('alice@example.com', '[email]'),
    counts: { email: 1 },
  });
});

test('a content of several megabytes', () => {
  const content = Array.from({ length: 3000 }, (_, index) => ({
    role: 'user',
    content: `${'words and 文字 '.repeat(100)}user${index}@example.com`,
  }));
  const redacted = createRedactor().redactContent(content);
  expect(redacted).toMatchObject({ counts: { email: 3000 } });
});

test('the input is never written to', () => {
  const deepFreeze = (value: unknown): unknown => {
    if (typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) deepFreeze(inner);
      Object.freeze(value);
    }
    return value;
  };
  const content = deepFreeze({
    a: ['alice@example.com', { 'bob@example.com': '{"x":"carol@example.com"}' }],
    chunks: [{ choices: [{ delta: { content: 'dave@exa' } }] }, { choices: [{ delta: { content: 'mple.com' } }] }],
  });
  expect(createRedactor().redactContent(content)).toMatchObject({ counts: { email: 4 } });
});
