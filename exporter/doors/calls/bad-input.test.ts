import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, TestApp } from './testdata/test-app.js';

/** A record that is as it should be. Each of them is a call of its own. */
const GOOD = { model: 'good', duration_ms: 12, usage: { prompt_tokens: 3, completion_tokens: 4 } };
const DAY = 24 * 3600 * 1000;

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({
    config: { limits: { body_bytes: '1MiB', decompressed_bytes: '4MiB', record_bytes: '64KiB', batch_records: 100 } },
  });
});
afterAll(() => app.remove());

/** Runs it, and says how many good calls were counted meanwhile. */
async function counting(run: () => Promise<Answer>): Promise<{ answer: Answer; counted: number }> {
  const before = await app.calls('good');
  const answer = await run();
  return { answer, counted: (await app.calls('good')) - before };
}

interface Refused {
  field: string;
  message: string | RegExp;
}

/** Each is JSON text as a client might send it, with what is said of it. */
const BAD_RECORDS: [string, string, Refused][] = [
  ['no model', '{"duration_ms":1}', { field: 'model', message: /^is missing: name the model/ }],
  ['a model that is no text', '{"model":7}', { field: 'model', message: 'must be a string, not 7' }],
  ['no object', '"hello"', { field: '', message: 'must be a JSON object, not "hello"' }],
  ['null', 'null', { field: '', message: 'must be a JSON object, not null' }],
  ['an array', '[{"model":"bad"}]', { field: '', message: 'must be a JSON object, not a list' }],
  ['NaN', '{"model":"bad","duration_ms":NaN}', { field: '', message: /^is not valid JSON: Unexpected token 'N'/ }],
  ['Infinity', '{"model":"bad","duration_ms":-Infinity}', { field: '', message: /^is not valid JSON: / }],
  ['single quotes', "{'model':'bad'}", { field: '', message: /^is not valid JSON: / }],
  ['a trailing comma', '{"model":"bad",}', { field: '', message: /^is not valid JSON: / }],
  ['a negative duration', '{"model":"bad","duration_ms":-1}', { field: 'duration_ms', message: /not -1$/ }],
  ['a huge duration', '{"model":"bad","duration_ms":1e999}', { field: 'duration_ms', message: /not Infinity$/ }],
  [
    'negative tokens',
    '{"model":"bad","usage":{"prompt_tokens":-3}}',
    { field: 'usage.prompt_tokens', message: /^must be a whole number from 0 to \d+, not -3$/ },
  ],
  [
    'huge tokens',
    '{"model":"bad","usage":{"completion_tokens":1e999}}',
    { field: 'usage.completion_tokens', message: /not Infinity$/ },
  ],
  [
    'half a token',
    '{"model":"bad","usage":{"total_tokens":0.5}}',
    { field: 'usage.total_tokens', message: /not 0.5$/ },
  ],
  [
    'a first token after the end',
    '{"model":"bad","protocol":"SSE","duration_ms":10,"first_token_ms":11}',
    { field: 'first_token_ms', message: 'must not exceed duration_ms (10), but is 11' },
  ],
  [
    'a first token on HTTP',
    '{"model":"bad","protocol":"HTTP","duration_ms":10,"first_token_ms":1}',
    { field: 'first_token_ms', message: /^belongs to streamed calls/ },
  ],
  [
    'a time in the far past',
    `{"model":"bad","time":${Date.now() - 31 * DAY}}`,
    { field: 'time', message: /^is more than 30 days ago/ },
  ],
  [
    'a time in the future',
    `{"model":"bad","time":"${new Date(Date.now() + DAY).toISOString()}"}`,
    { field: 'time', message: /^is more than 5 minutes ahead of this server's clock/ },
  ],
  [
    'seconds instead of milliseconds',
    `{"model":"bad","time":${Math.floor(Date.now() / 1000)}}`,
    { field: 'time', message: /is it in seconds\? Milliseconds are expected$/ },
  ],
  ['a key twice', '{"model":"bad","model":"worse"}', { field: 'model', message: /^stands twice in the same object/ }],
  [
    'a key twice, once in disguise',
    '{"model":"bad","mod\\u0065l":"worse"}',
    { field: 'model', message: /^stands twice/ },
  ],
  [
    'a key twice in usage',
    '{"model":"bad","usage":{"prompt_tokens":1,"prompt_tokens":2}}',
    { field: 'usage.prompt_tokens', message: /^stands twice/ },
  ],
  ['__proto__ twice', '{"model":"bad","__proto__":1,"__proto__":{}}', { field: '__proto__', message: /^stands twice/ }],
  [
    'deep nesting',
    `{"model":"bad","request":${'['.repeat(70)}${']'.repeat(70)}}`,
    { field: '', message: 'nests deeper than limits.nesting_depth (64)' },
  ],
  [
    'deep nesting of nothing but arrays',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    { field: '', message: 'nests deeper than limits.nesting_depth (64)' },
  ],
  [
    'an oversized record',
    `{"model":"bad","request":"${'x'.repeat(70_000)}"}`,
    { field: '', message: 'is larger than limits.record_bytes (65536 bytes)' },
  ],
  ['half a surrogate pair', '{"model":"bad\\ud800"}', { field: 'model', message: /^holds half of a surrogate pair/ }],
  ['an empty id', '{"model":"bad","id":""}', { field: 'id', message: 'must have 1 to 128 characters' }],
];

/** Rejections can carry what the record calls itself, and those below have no id. */
function rejection(index: number, { field, message }: Refused, line?: number): object {
  const said = typeof message === 'string' ? message : expect.stringMatching(message);
  return { index, field, message: said, ...(line === undefined ? {} : { line }) };
}

describe.each(BAD_RECORDS)('a record with %s', (_name, bad, refused) => {
  test('among good ones in an array: it alone is refused', async () => {
    const good = JSON.stringify(GOOD);
    const { answer, counted } = await counting(() => app.post(`[${good}, ${bad} ,${good}]`));
    expect(answer).toMatchObject({ status: 202, json: { accepted: 2, duplicates: 0, late: 0 } });
    expect(answer.json.rejected).toEqual([rejection(1, refused)]);
    expect(counted).toBe(2);
  });

  test('among good ones in NDJSON: its line is named', async () => {
    const good = JSON.stringify(GOOD);
    const { answer, counted } = await counting(() => app.ndjson(`${good}\n\n${bad}\r\n${good}`));
    expect(answer).toMatchObject({ status: 202, json: { accepted: 2 } });
    expect(answer.json.rejected).toEqual([rejection(1, refused, 3)]);
    expect(counted).toBe(2);
  });

  test('first of all: those behind it are none the worse', async () => {
    const good = JSON.stringify({ ...GOOD, time: Date.now() });
    const { answer, counted } = await counting(() => app.post(`[${bad},${bad},${good}]`));
    expect(answer).toMatchObject({ status: 202, json: { accepted: 1, late: 0 } });
    expect(answer.json.rejected).toEqual([rejection(0, refused), rejection(1, refused)]);
    expect(counted).toBe(1);
  });

  test('alone: 400 with the reason', async () => {
    const answer = await app.post(`[${bad}]`);
    expect(answer).toMatchObject({ status: 400, problem: 'no-valid-record', json: { accepted: 0, status: 400 } });
    expect(answer.json.rejected).toEqual([rejection(0, refused)]);
    expect(answer.json.detail).toMatch(/^record 0: /);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});

test('of nothing above was anything counted', async () => {
  expect(await app.metrics()).not.toContain('model="bad');
  expect(await app.metric('model_observation_rejected_records_total', 'field="model"')).toBeGreaterThan(0);
});

test('a refused record is named by its id', async () => {
  const { answer } = await counting(() => app.post([{ id: 'mine', model: '' }, GOOD]));
  expect(answer.json.rejected).toEqual([
    { index: 0, id: 'mine', field: 'model', message: expect.stringContaining('missing') },
  ]);
});

test('many bad ones: the problem names the first and counts the others', async () => {
  const answer = await app.ndjson('{"model":1}\n\n{"model":2}\nx\n');
  expect(answer.json.detail).toBe('line 1: model must be a string, not 1 (and 2 more)');
  expect(answer.json.rejected.map((one: { line: number }) => one.line)).toEqual([1, 3, 4]);
});

test('the path of a refused key is bounded, whatever the client calls it', async () => {
  const key = 'k'.repeat(30_000);
  const answer = await app.post(`{"model":"bad","request":{"${key}":1,"${key}":2}}`);
  expect(answer.json.rejected[0].field).toMatch(/^request\.k+…$/);
  expect(answer.json.rejected[0].field).toHaveLength(200);
});

describe('what is odd and good all the same', () => {
  test('__proto__ and constructor as keys: no more than names that nobody knows', async () => {
    const { answer, counted } = await counting(() =>
      app.post(
        '{"model":"good","__proto__":{"model":"bad"},"constructor":1,"usage":{"__proto__":{"prompt_tokens":-1}}}',
      ),
    );
    expect(answer).toMatchObject({
      status: 202,
      json: { accepted: 1, ignored: ['__proto__', 'constructor', 'usage.__proto__'] },
    });
    expect(counted).toBe(1);
    expect(({} as { model?: unknown }).model).toBeUndefined();
  });

  test('a usage in which nothing is known: its fields are named in the answer', async () => {
    const answer = await app.post('{"model":"good","usage":{"promt_tokens":5000,"completions":7}}');
    expect(answer).toMatchObject({ status: 202, json: { ignored: ['usage.promt_tokens', 'usage.completions'] } });
  });

  test('fields that nobody knows are named in the answer, of refused records too', async () => {
    const answer = await app.post([
      { ...GOOD, duration: 7 },
      { model_name: 'm' },
      { ...GOOD, duration: 8, durationMs: 8 },
    ]);
    expect(answer).toMatchObject({
      status: 202,
      json: { accepted: 2, ignored: ['duration', 'model_name', 'durationMs'] },
    });
    expect((await app.post([GOOD])).json).toStrictEqual({ accepted: 1, duplicates: 0, late: 0, rejected: [] });
    const refused = await app.post({ model_name: 'm' });
    expect(refused).toMatchObject({ status: 400, json: { ignored: ['model_name'] } });
  });

  test('no more than 20 of them, each no longer than 64 characters', async () => {
    const made = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${'x'.repeat(100)}${i}`, 1]));
    expect((await app.post({ ...GOOD, ...made })).json.ignored).toEqual(['x'.repeat(64)]);
    const short = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x${i}`, 1]));
    expect((await app.post({ ...GOOD, ...short })).json.ignored).toHaveLength(20);
  });

  test('a byte order mark, spaces, CRLF, no last line end', async () => {
    const good = JSON.stringify(GOOD);
    const { counted } = await counting(() => app.ndjson(`\ufeff${good}\r\n \r\n${good}`));
    expect(counted).toBe(2);
    expect((await counting(() => app.post(`\ufeff\n [ ${good} ] \r\n`))).counted).toBe(1);
  });

  test('a late record counts, and is said to be late', async () => {
    const { answer, counted } = await counting(() => app.post({ ...GOOD, time: Date.now() - DAY }));
    expect(answer.json).toMatchObject({ accepted: 1, late: 1 });
    expect(counted).toBe(1);
  });
});

describe('a body that cannot be taken apart: nothing of it is', () => {
  const good = JSON.stringify(GOOD);
  const utf8 = (text: string): Buffer => Buffer.from(text);
  const invalid = Buffer.concat([utf8(`[${good},{"model":"`), Buffer.from([0xff, 0xfe]), utf8(`"}]`)]);

  test.each<[string, string | Buffer, string]>([
    ['empty', '', 'The body is empty: send one call record, an array, or NDJSON.'],
    ['blank', ' \n ', 'The body is empty: send one call record, an array, or NDJSON.'],
    ['an empty array', '[]', 'The body holds no record: send one call record, an array, or NDJSON.'],
    ['an array with a trailing comma', `[${good},]`, 'The array has a comma behind its last element.'],
    ['an array that ends too early', `[${good},{"model":`, 'The array ends inside its element 1.'],
    [
      'an array without a comma',
      `[${good} ${good}]`,
      'The array is broken behind its element 0: "," or "]" is missing.',
    ],
    ['two arrays', `[${good}][${good}]`, 'Something follows the array.'],
    [
      'NDJSON sent as JSON',
      `${good}\n${good}\n`,
      `Something follows the first record, at byte ${good.length + 2}. For one record a line (NDJSON) send content-type application/x-ndjson; otherwise send an array.`,
    ],
    ['invalid UTF-8', invalid, 'The body is not valid UTF-8.'],
    ['UTF-16', Buffer.from(`\ufeff${good}`, 'utf16le'), 'The body is not valid UTF-8.'],
  ])('%s', async (_name, body, detail) => {
    const { answer, counted } = await counting(() => app.post(body));
    expect(answer).toMatchObject({ status: 400, problem: 'malformed-body', json: { detail } });
    expect(counted).toBe(0);
  });

  test('an empty body of NDJSON, and one of blank lines', async () => {
    for (const body of ['', '\n\r\n']) {
      expect(await app.ndjson(body)).toMatchObject({ status: 400, problem: 'malformed-body' });
    }
  });

  test('a single record that is cut off', async () => {
    const answer = await app.post('{"model":"good"');
    expect(answer).toMatchObject({ status: 400, problem: 'no-valid-record' });
    expect(answer.json.detail).toMatch(/^record 0: the record is not valid JSON: /);
  });

  test('an array sent as NDJSON: the line says what it is', async () => {
    const answer = await app.ndjson(`[${good}]\n`);
    expect(answer).toMatchObject({ status: 400, problem: 'no-valid-record' });
    expect(answer.json.detail).toBe('line 1: the record must be a JSON object, not a list');
  });

  test('too many records, in an array and in lines', async () => {
    const many = Array.from({ length: 101 }, () => GOOD);
    for (const send of [() => app.post(many), () => app.ndjson(many)]) {
      const { answer, counted } = await counting(send);
      expect(answer).toMatchObject({ status: 413, problem: 'body-too-large' });
      expect(answer.json.detail).toContain('limits.batch_records (100)');
      expect(counted).toBe(0);
    }
    expect((await counting(() => app.post(many.slice(1)))).counted).toBe(100);
    expect((await counting(() => app.ndjson(many.slice(1)))).counted).toBe(100);
  });
});

test('one line of NDJSON that is not UTF-8 costs no other line', async () => {
  const good = Buffer.from(`${JSON.stringify(GOOD)}\n`);
  const bad = Buffer.concat([Buffer.from('{"model":"ba'), Buffer.from([0xc3, 0x28]), Buffer.from('"}\n')]);
  const { answer, counted } = await counting(() => app.ndjson(Buffer.concat([good, bad, good])));
  expect(answer).toMatchObject({ status: 202, json: { accepted: 2 } });
  expect(answer.json.rejected).toEqual([{ index: 1, line: 2, field: '', message: 'is not valid UTF-8' }]);
  expect(counted).toBe(2);
});

test('100,000 levels of nesting, of every kind, closed and open: refused, and the service goes on', async () => {
  // A limit on the size of a record would say so first.
  const wide = await TestApp.start();
  try {
    const depth = 100_000;
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
      ['[{"a":', '}]'],
    ] as const) {
      for (const inner of [open.repeat(depth) + 1 + close.repeat(depth), open.repeat(depth)]) {
        for (const body of [`{"model":"m","request":${inner}}`, inner]) {
          const answer = await wide.ndjson(`${JSON.stringify(GOOD)}\n${body}\n`);
          expect(answer).toMatchObject({ status: 202, json: { accepted: 1 } });
          expect(answer.json.rejected).toMatchObject([
            { line: 2, message: expect.stringMatching(/^nests deeper than/) },
          ]);
          expect((await wide.post(body)).status).toBe(400);
        }
      }
    }
  } finally {
    await wide.remove();
  }
}, 60_000);
