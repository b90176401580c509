import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DETECTORS } from './catalogue.js';
import { ContentRedaction, KnownKeys } from './content-redaction.js';
import { compilePatterns } from './patterns.js';
import { createRedactor } from './redactor.js';
import { SECRETS } from './testdata/secrets.js';
import { TextRedaction } from './text-redaction.js';
import { Work } from './work.js';

/**
 * Texts that make a careless detector slow: long runs of what it looks for, what nearly is a find again and again, and
 * what it has to look ahead for that never comes.
 */
const UNITS: readonly string[] = [
  ...[
    'a',
    'A',
    '7',
    '0',
    ' ',
    '-',
    '_',
    '.',
    '@',
    '=',
    ':',
    '"',
    '\\',
    '%',
    '/',
    '+',
    '(',
    ')',
    '\n',
    '中',
    '＠',
    '３',
  ],
  ...[
    '\u200b',
    '\u0301',
    '\ud83d',
    '。',
    '：',
    '{',
    '[',
    '[[',
    '{"a":',
    '"{',
    '[1,',
    '\\"',
    '\\\\',
    '\\u',
    '\\u00',
    '%2',
  ],
  ...['%25', '%2525', 'a@', 'a@b.', 'a.b@', '@a.', 'a@b.c', 'alice@example.com', 'a@b.cc', 'é@', 'a-', '.com@'],
  ...[
    '1 ',
    '1-',
    '13',
    '13 ',
    '138 ',
    '138-',
    '1380 ',
    '1111 ',
    '4111 ',
    '4111-',
    '+1',
    '+ ',
    '+1 ',
    '(1)',
    '86 ',
    '+86 ',
  ],
  ...[
    '138001380',
    '13800138000',
    '138001380001',
    '13800138000,',
    '138 0013 8000 ',
    '13800138000.',
    '+8613800138000',
    '+4930901820123',
    '41111111111111111111',
    '010-',
    '1(',
    ') - ',
  ],
  ...['110105 ', '110105 19491231 ', '11010519491231002X', '11010519491231002', '110105194912310021', 'X'],
  ...[
    'sk-',
    'sk-a',
    'sk-aaaaaaaaaaaaaaaa-',
    'sk-a1b2c3d4e5f6g7h8',
    'sk-aaaaaaaaaaaaaaaaaa ',
    'hf_',
    'hf_a',
    'AKIA',
    'SG.',
    'SG.a',
  ],
  ...[
    'xoxb-',
    'AIza',
    'ghp_',
    '123456789:',
    '123456789:a',
    '1:',
    `AKIA${'IOSFODNN7EXAMPLE'} `,
    'LTAI',
    'ya29.',
    '-hf_',
    '/AKIA',
  ],
  ...['eyJ', 'eyJ.', '-eyJ', 'eyJhbGciOiJIUzI1NiJ9', 'eyJhbGciOiJIUzI1NiJ9.', '.eyJhbGciOiJIUzI1NiJ9', 'eyJ-eyJ', '..'],
  ...[
    '-----',
    '-----BEGIN ',
    '-----BEGIN PRIVATE KEY',
    '-----BEGIN PRIVATE KEY-----',
    '-----END ',
    '-----END PRIVATE KEY-----',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n',
    '-----BEGIN A-----',
    '-----BEGIN PRIVATE KEY-----\\n',
  ],
  ...[
    'password',
    'password=',
    'password="',
    "password='",
    'password: ',
    'password=a',
    'password=a(',
    'api_key=a&',
    'pwd=',
    'pwd="a',
  ],
  ...[
    'token=',
    'token="a',
    'token=aaaa ',
    '密码：',
    'a=',
    '"a":',
    '"password":"',
    'Bearer ',
    'bearer bearer',
    'Bearer a',
    'Authorization: ',
  ],
  ...[
    '://',
    '://a',
    '://a:',
    '://a:b',
    '://a@',
    '://a:b@',
    'http://',
    'data:',
    'data:;base64,',
    'data:a;base64,A',
    ';base64,',
  ],
  ...[
    '[email]',
    '[email',
    '[dropped:',
    '[a:',
    '[email:0123456789ab]',
    ';size=1',
    ';size=1;sha256=0123456789abcdef',
    '[email] a@b.cc ',
  ],
  ...['data: {"a":1}\n', 'data: {"delta":"a@"}\n', '{"a":1}\n', '{}\n', '\n\n', 'data:\n'],
  ...SECRETS.map(({ text }) => text),
  ...SECRETS.map(({ text }) => `${text} `),
  ...SECRETS.map(({ text }) => text.slice(0, -1)),
  ...SECRETS.map(({ text }) => JSON.stringify(text)),
];

const SHORT = 2_000;
/** Four times the length may take this much more; quadratic time would be 16 times. */
const MOST_GROWTH = 4.6;
/** Of all together: what is cut off at the end of the text may take a pass more. */
const MOST_GROWTH_OF_ALL = 8;
/** Steps a character that any detector may need, whatever the text. */
const MOST_STEPS = 400;

function text(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}

function workFor(): Work {
  const work = new Work(Number.POSITIVE_INFINITY);
  work.admit(1e9);
  return work;
}

function grows(steps: (text: string) => number, unit: string, before = '', after = '', most = MOST_GROWTH): void {
  const short = steps(before + text(unit, SHORT) + after);
  const long = steps(before + text(unit, 4 * SHORT) + after);
  expect(long, `${long} steps after ${short} for ${JSON.stringify(unit)}`).toBeLessThanOrEqual(most * short + 10_000);
  expect(long / SHORT / 4, `steps a character for ${JSON.stringify(unit)}`).toBeLessThan(MOST_STEPS);
}

/** Pieces of anything that a detector looks for, put together at random. */
const shuffled = fc.array(fc.constantFrom(...UNITS), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));

describe.each(DETECTORS.map(({ name, detector }) => ({ name, detector })))('$name', ({ detector }) => {
  const steps = (searched: string): number => {
    const work = workFor();
    detector.find(searched, () => {}, work);
    return work.spent;
  };

  test.each(['', 'x', 'password="', '-----BEGIN PRIVATE KEY-----', 'eyJhbGciOiJIUzI1NiJ9.', '+'])(
    'takes linear time behind %j',
    { timeout: 60_000 },
    (before) => {
      for (const unit of UNITS) grows(steps, unit, before);
    },
  );

  test('takes linear time for whatever a search comes up with', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(shuffled, shuffled, shuffled, (before, unit, after) => grows(steps, unit, before, after)),
      { numRuns: 400 },
    );
  });

  test('reports nothing twice, and nothing that overlaps', () => {
    fc.assert(
      fc.property(shuffled, (unit) => {
        const searched = text(unit, 2000);
        let finds = 0;
        detector.find(
          searched,
          (start, end) => {
            expect(start).toBeLessThan(end);
            expect(end).toBeLessThanOrEqual(searched.length);
            finds += 1;
          },
          workFor(),
        );
        expect(finds).toBeLessThanOrEqual(searched.length);
      }),
    );
  });
});

describe('all of it', () => {
  const redaction = new TextRedaction({});
  const steps = (value: unknown): number => {
    const work = workFor();
    new ContentRedaction(redaction, new KnownKeys(), { keepMedia: false, maxDepth: 200 }, work).redact(value);
    return work.spent;
  };

  test('a text', { timeout: 120_000 }, () => {
    for (const unit of UNITS) {
      grows(steps, unit, '', '', MOST_GROWTH_OF_ALL);
      grows(steps, unit, '{"a":"', '"}', MOST_GROWTH_OF_ALL);
      grows((searched) => steps({ [searched]: searched }), unit, '', '', MOST_GROWTH_OF_ALL);
    }
  });

  test('a stream of chunks', { timeout: 120_000 }, () => {
    const chunks = (searched: string): unknown => {
      const pieces = searched.match(/[\s\S]{1,7}/g) ?? [];
      return pieces.map((content) => ({ choices: [{ delta: { content } }] }));
    };
    for (const unit of UNITS) grows((searched) => steps(chunks(searched)), unit, '', '', MOST_GROWTH_OF_ALL);
  });

  test('JSON in strings, as deep as it goes', () => {
    const nested = (searched: string): unknown => {
      let value: unknown = searched;
      for (let level = 0; level < 9; level += 1) value = JSON.stringify([value]);
      return value;
    };
    const short = (length: number): string => text('a@b.cc ', length);
    expect(steps(nested(short(16_000)))).toBeLessThanOrEqual(MOST_GROWTH * steps(nested(short(4000))));
  });

  test('patterns', { timeout: 60_000 }, () => {
    const [pattern] = compilePatterns([{ name: 'p', pattern: 'a.*b|a' }]);
    const search = (searched: string): number => {
      const work = workFor();
      pattern!.find(searched, () => {}, work);
      return work.spent;
    };
    expect(search('a'.repeat(16_000))).toBeLessThanOrEqual(MOST_GROWTH * search('a'.repeat(4000)));
  });

  // What no step counts would be minutes here, beyond the runner's patience.
  test('gets through 100,000 characters of each', { timeout: 120_000 }, () => {
    const redactor = createRedactor();
    for (const unit of UNITS) expect(redactor.redactText(text(unit, 100_000))).toHaveProperty('text');
  });
});
