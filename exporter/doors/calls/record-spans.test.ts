import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyProblem, BodyText, countLines, jsonSpans, ndjsonSpans, type RecordSpan } from './record-spans.js';
import { anyContainer, anyValue } from './testdata/json-texts.js';

const MARK = '\ufeff';
const NOT_UTF8 = Buffer.from([0x22, 0xff, 0xfe, 0x22]);

interface Found {
  line: number | null;
  /** null where the bytes are not UTF-8. */
  text: string | null;
}

function textsOf(body: Buffer, spans: Iterable<RecordSpan>): Found[] {
  const texts = new BodyText(body);
  return Array.from(spans, (span) => ({ line: span.line, text: texts.of(span) }));
}

function json(body: string | Buffer, limit = 100): (string | null)[] {
  const bytes = Buffer.from(body);
  return textsOf(bytes, jsonSpans(bytes, limit)).map(({ text }) => text);
}

function ndjson(body: string | Buffer): Found[] {
  const bytes = Buffer.from(body);
  return textsOf(bytes, ndjsonSpans(bytes));
}

function problemOf(body: string | Buffer): string {
  try {
    json(body);
  } catch (error) {
    if (error instanceof BodyProblem) return error.message;
    throw error;
  }
  return 'none';
}

describe('an array', () => {
  const gap = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

  test('of any elements with any spacing comes apart into these', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 8 }), gap, gap, fc.boolean(), (values, before, behind, marked) => {
        const elements = values.map(({ text }) => before + text + behind);
        const body = `${marked ? MARK : ''}${before}[${elements.join(',')}${before}]${behind}`;
        const spans = json(body);
        expect(spans).toHaveLength(values.length);
        for (const [index, { text }] of values.entries()) expect(JSON.parse(spans[index]!)).toEqual(JSON.parse(text));
      }),
      { numRuns: 300 },
    );
  });

  test('with one broken element still has the others', () => {
    expect(json('[{"a":1},{"a":},{"a":NaN},nul,"x,]",-,[1,[2]],{"b":"]"}]')).toEqual([
      '{"a":1}',
      '{"a":}',
      '{"a":NaN}',
      'nul',
      '"x,]"',
      '-',
      '[1,[2]]',
      '{"b":"]"}',
    ]);
  });

  test('empty: no records', () => {
    expect(json('[]')).toEqual([]);
    expect(json(' [ \n ] ')).toEqual([]);
  });

  test('longer than the limit: one more than it, and no further', () => {
    expect(json('[1,2,3,and then,anything', 2)).toEqual(['1', '2', '3']);
    expect(json('[1,2]', 2)).toEqual(['1', '2']);
  });

  test.each([
    ['[', 'The array ends inside its element 0.'],
    ['[{"a":1}', 'The array is broken behind its element 0: "," or "]" is missing.'],
    ['[{"a":1},', 'The array ends inside its element 1.'],
    ['[{"a":1},{"b":"]', 'The array ends inside its element 1.'],
    ['[1,"a', 'The array ends inside its element 1.'],
    ['[{"a":1} {"b":2}]', 'The array is broken behind its element 0: "," or "]" is missing.'],
    ['[{"a":1}}', 'The array is broken behind its element 0: "," or "]" is missing.'],
    ['[{"a":1},]', 'The array has a comma behind its last element.'],
    ['[{"a":1} , ]', 'The array has a comma behind its last element.'],
    ['[{"a":1}] x', 'Something follows the array.'],
    ['[][]', 'Something follows the array.'],
    ['[1]\n[2]', 'Something follows the array.'],
  ])('%j: %s', (body, problem) => {
    expect(problemOf(body)).toBe(problem);
  });

  test('anything made of its characters: spans or a problem, in order and inside the body', () => {
    const nasty = fc.array(fc.constantFrom('[', ']', '{', '}', '"', ',', ':', '\\', ' ', '\n', '1', 'ä'), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(nasty, (characters) => {
        const bytes = Buffer.from(`[${characters.join('')}`);
        let spans: RecordSpan[];
        try {
          spans = jsonSpans(bytes, 100);
        } catch (error) {
          expect(error).toBeInstanceOf(BodyProblem);
          return;
        }
        let before = 0;
        for (const { start, end } of spans) {
          expect(start).toBeGreaterThan(before);
          expect(end).toBeGreaterThanOrEqual(start);
          before = end;
        }
        expect(before).toBeLessThan(bytes.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('one JSON object', () => {
  test('is the whole body, spaces and byte order mark left aside', () => {
    fc.assert(
      fc.property(anyContainer, ({ text }) => {
        fc.pre(text.startsWith('{'));
        const found = json(`${MARK} \r\n${text}\n `);
        expect(found).toHaveLength(1);
        expect(JSON.parse(found[0]!)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(['{"a":1', '"text"', '12', 'null', 'NaN', '}', 'hello'])(
    '%j is one record too, for its reader to refuse',
    (body) => {
      expect(json(body)).toEqual([body]);
    },
  );

  test('NDJSON sent as JSON: the problem says how to send it', () => {
    expect(problemOf('{"a":1}\n{"a":2}\n')).toBe(
      'Something follows the first record, at byte 9. For one record a line (NDJSON) send content-type ' +
        'application/x-ndjson; otherwise send an array.',
    );
  });
});

test.each(['', ' ', '\n\t\r ', MARK, `${MARK}\n`])('an empty JSON body %j', (body) => {
  expect(problemOf(body)).toBe('The body is empty: send one call record, an array, or NDJSON.');
});

test('a JSON body that is not UTF-8, or UTF-16, is refused whole', () => {
  expect(problemOf(Buffer.concat([Buffer.from('[{"a":1},'), NOT_UTF8, Buffer.from(']')]))).toBe(
    'The body is not valid UTF-8.',
  );
  expect(problemOf(Buffer.from('\ufeff{"model":"m"}', 'utf16le'))).toBe('The body is not valid UTF-8.');
});

describe('NDJSON', () => {
  test('any records, with any line ends, blank lines, byte order mark, with and without a last line end', () => {
    const lineEnd = fc.constantFrom('\n', '\r\n', '\n\n', '\n \t\r\n');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(anyValue, lineEnd), { maxLength: 8 }),
        fc.boolean(),
        fc.boolean(),
        (records, marked, ended) => {
          let body = marked ? MARK : '';
          const expected: { line: number; text: string }[] = [];
          let line = 1;
          for (const [{ value }, end] of records) {
            const text = JSON.stringify(value);
            expected.push({ line, text });
            body += text + end;
            line += end.split('\n').length - 1;
          }
          if (!ended) body = body.trimEnd();
          const found = ndjson(body);
          expect(found.map(({ line, text }) => ({ line, text: text?.trimEnd() }))).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a line that is not UTF-8 costs no other line', () => {
    const body = Buffer.concat([Buffer.from('{"a":"ä"}\n'), NOT_UTF8, Buffer.from('\r\n{"b":1}')]);
    expect(ndjson(body)).toEqual([
      { line: 1, text: '{"a":"ä"}' },
      { line: 2, text: null },
      { line: 3, text: '{"b":1}' },
    ]);
  });

  test('a character cut in two by a line feed spoils both of its lines only', () => {
    const body = Buffer.concat([Buffer.from('1\n'), Buffer.from([0xc3, 0x0a, 0xa4]), Buffer.from('\n2\n')]);
    expect(ndjson(body)).toEqual([
      { line: 1, text: '1' },
      { line: 2, text: null },
      { line: 3, text: null },
      { line: 4, text: '2' },
    ]);
  });

  test('empty and blank bodies have no records', () => {
    for (const body of ['', '\n', '\r\n\r\n', MARK, `${MARK}\n`, ' \t ']) expect(ndjson(body), body).toEqual([]);
  });

  test('lines are counted, blank ones too, up to one more than the limit', () => {
    expect(countLines(Buffer.from(''), 10)).toBe(0);
    expect(countLines(Buffer.from('a'), 10)).toBe(1);
    expect(countLines(Buffer.from('a\n'), 10)).toBe(1);
    expect(countLines(Buffer.from('a\n\nb'), 10)).toBe(3);
    expect(countLines(Buffer.from('\n'.repeat(50)), 10)).toBe(11);
    expect(countLines(Buffer.from('\n'.repeat(10)), 10)).toBe(10);
  });
});
