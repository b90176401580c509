import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRedactor, type Redactor } from './redactor.js';
import { SECRETS } from './testdata/secrets.js';

const HASH_KEY = '0123456789abcdef';
const REDACTORS: readonly (readonly [what: string, redactor: Redactor])[] = [
  ['mask', createRedactor()],
  ['drop', createRedactor({ actions: Object.fromEntries(SECRETS.map(({ detector }) => [detector, 'drop'])) })],
  [
    'hash',
    createRedactor({
      actions: Object.fromEntries(SECRETS.map(({ detector }) => [detector, 'hash'])),
      hashKey: HASH_KEY,
    }),
  ],
];

/** Words without digits, `@` or anything else that could go on into a secret beside it. */
const word = fc.constantFrom(
  'hello',
  '你好',
  'the invoice',
  '👩‍👩‍👧‍👦',
  '\ud83d',
  'e\u0301',
  'naïve',
  '，',
  '"quoted"',
  '\\',
  '<b>',
  '',
);
const honest = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
const secret = fc.constantFrom(...SECRETS.map(({ text }) => text));
/** A secret between words. */
const told = fc.tuple(honest, secret, honest).map(([before, hidden, after]) => `${before} ${hidden} ${after}`);

/** Cuts a text into pieces at random places. */
const cut = (text: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
  fc.tuple(text, fc.array(fc.nat({ max: 12 }), { minLength: 3, maxLength: 40 })).map(([whole, sizes]) => {
    const pieces: string[] = [];
    let at = 0;
    for (const size of sizes) {
      pieces.push(whole.slice(at, at + size));
      at += size;
    }
    return [...pieces, whole.slice(at)];
  });

/** Lists of chunks over which a text is spread. */
const stream = cut(told).chain((pieces) =>
  fc.constantFrom(
    pieces.map((content) => ({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })),
    pieces.map((text) => ({
      choices: [{ index: 0, delta: { tool_calls: [{ index: 1, function: { arguments: text } }] } }],
    })),
    pieces.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    pieces.map((delta) => ({ type: 'response.output_text.delta', output_index: 0, delta })),
    pieces.map((text) => ({ candidates: [{ content: { parts: [{ text }] } }] })),
    pieces.map((content) => ({ data: JSON.stringify({ choices: [{ delta: { content } }] }) })),
    pieces.map((content) => `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\n`).join(''),
  ),
);

/** Any JSON in which secrets stand: as values, in keys, in JSON in strings, over the pieces of streams. */
const { content } = fc.letrec((tie) => ({
  content: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    { weight: 3, arbitrary: told },
    { weight: 2, arbitrary: honest },
    { weight: 1, arbitrary: fc.constantFrom(null, true, 0, 1.5, 1764000000123) },
    { weight: 2, arbitrary: stream },
    { weight: 3, arbitrary: fc.dictionary(fc.oneof(honest, told), tie('content'), { maxKeys: 4 }) },
    { weight: 2, arbitrary: fc.array(tie('content'), { maxLength: 4 }) },
    { weight: 3, arbitrary: fc.record({ inner: tie('content') }).map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.array(tie('content'), { maxLength: 2 }).map((value) => JSON.stringify(JSON.stringify(value))),
    },
  ),
}));

/** What no output may hold: each secret, and its digits or its middle, as people could still read them. */
const TRACES = SECRETS.flatMap(({ text }) => {
  const digits = text.replace(/\D/g, '');
  return [text, JSON.stringify(text).slice(1, -1), ...(digits.length >= 10 && !/[a-z]/i.test(text) ? [digits] : [])];
});

/** The strings of a content by the key under which they stand, one after the other, JSON in strings included. */
function joinedByKey(value: unknown, key = '', joined = new Map<string, string>()): Map<string, string> {
  if (typeof value === 'string') {
    joined.set(key, (joined.get(key) ?? '') + value);
    for (const line of value.split('\n\n')) {
      const json = line.replace(/^data: /, '');
      if (json.startsWith('{')) joinedByKey(JSON.parse(json), key, joined);
    }
  } else if (Array.isArray(value)) {
    for (const element of value) joinedByKey(element, key, joined);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) joinedByKey(inner, name, joined);
  }
  return joined;
}

/** Where a trace of a secret is left; null when nowhere. Also looks at the text of streams put together. */
function leak(value: unknown): string | null {
  const written = JSON.stringify(value) ?? '';
  const unescaped = written.replace(/\\+(["/])/g, '$1').replace(/\\+n/g, '\n');
  const joined = [...joinedByKey(value).values()];
  for (const text of [written, unescaped, ...joined, ...joined.map((each) => each.replace(/[^0-9]/g, ''))]) {
    const trace = TRACES.find((each) => text.includes(each));
    if (trace !== undefined) return trace;
  }
  return null;
}

describe.each(REDACTORS)('%s', (_, redactor) => {
  test('no secret survives, wherever it stands', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(content, (value) => {
        const before = JSON.stringify(value);
        const redacted = redactor.redactContent(value);
        if ('withheld' in redacted) throw new Error(redacted.withheld);
        expect(leak(redacted.value)).toBe(null);
        expect(JSON.stringify(value)).toBe(before);
        // Still JSON, and again nothing is found.
        expect(JSON.parse(JSON.stringify(redacted.value) ?? 'null')).toEqual(redacted.value ?? null);
        expect(redactor.redactContent(redacted.value)).toEqual({ value: redacted.value, counts: {} });
      }),
      { numRuns: 1500 },
    );
  });

  test('no secret survives in a text, such as an error message or a tag', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(
        fc.oneof(
          told,
          told.map((text) => JSON.stringify({ error: text })),
          told.map((text) => JSON.stringify(text).slice(0, -1)),
        ),
        (text) => {
          const redacted = redactor.redactText(text);
          if ('withheld' in redacted) throw new Error(redacted.withheld);
          expect(leak(redacted.text)).toBe(null);
          expect(redactor.redactText(redacted.text)).toEqual({ text: redacted.text, counts: {} });
        },
      ),
      { numRuns: 1500 },
    );
  });
});

test('the check sees what it looks for', () => {
  for (const { text } of SECRETS) expect(leak({ a: [text] })).not.toBe(null);
  expect(leak(['138', '00', '138000'])).not.toBe(null);
});

test('content without secrets stays the same object', { timeout: 120_000 }, () => {
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 5 },
      honest,
      // A whole number of 13 digits and more may be that of a bank card, and is masked then.
      fc.double({ noNaN: true }).filter((number) => Math.abs(number) < 1e10 || !Number.isFinite(number)),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('any'), { maxLength: 5 }),
      fc.dictionary(honest, tie('any'), { maxKeys: 5 }),
      fc.array(tie('any'), { maxLength: 3 }).map((inner) => JSON.stringify(inner, null, 1)),
    ),
  })).any;
  const [, redactor] = REDACTORS[0]!;
  fc.assert(
    fc.property(value, (honestContent) => {
      const redacted = redactor.redactContent(honestContent);
      expect(redacted).toEqual({ value: honestContent, counts: {} });
      if (!('withheld' in redacted)) expect(redacted.value).toBe(honestContent);
    }),
    { numRuns: 1000 },
  );
});

test('any JSON and any text come out as JSON and text, and a second time unchanged', { timeout: 120_000 }, () => {
  const [, redactor] = REDACTORS[0]!;
  const nasty = fc
    .array(
      fc.constantFrom(
        ...'a1@.:="\\{}[],-+ %４＠\u200b\ud83d'.split(''),
        'password',
        'sk-',
        'eyJ',
        '13800138000',
        '4111 ',
      ),
      { maxLength: 30 },
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.jsonValue(),
        nasty,
        fc.array(nasty),
        nasty.map((text) => JSON.stringify({ [text]: text })),
      ),
      (value) => {
        const redacted = redactor.redactContent(value);
        if ('withheld' in redacted) throw new Error(redacted.withheld);
        expect(JSON.parse(JSON.stringify(redacted.value))).toEqual(JSON.parse(JSON.stringify(redacted.value)));
        expect(redactor.redactContent(redacted.value)).toEqual({ value: redacted.value, counts: {} });
      },
    ),
    { numRuns: 3000 },
  );
});
