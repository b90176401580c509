import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Call } from './call.js';
import { boundLabelValue } from './label-value.js';
import {
  idOf,
  MAX_AGE_MS,
  MAX_AHEAD_MS,
  MAX_ERROR_MESSAGE_LENGTH,
  RECORD_FIELDS,
  RecordProblem,
  readRecord,
} from './record.js';

const NOW = Date.UTC(2026, 10, 24, 3, 24, 41, 870);
const LONE = 'a\ud800b';
/** What JSON.parse makes of 1e999. */
const HUGE = Number.POSITIVE_INFINITY;

/** Reads a record with a model and whatever else is given. */
function read(fields: Record<string, unknown>): Call | RecordProblem {
  return readRecord({ model: 'm', ...fields }, NOW);
}

function good(fields: Record<string, unknown>): Call {
  const call = read(fields);
  if (call instanceof RecordProblem) throw new Error(`${call.field} ${call.message}`);
  return call;
}

test('a model is enough: everything else has a default', () => {
  expect(good({})).toStrictEqual({
    id: '',
    time: Number.NaN,
    workspace: '',
    model: 'm',
    apikey: '',
    inferenceType: 'realtime',
    protocol: 'HTTP',
    statusCode: 200,
    outcome: 'success',
    failure: null,
    errorCode: '',
    errorMessage: '',
    durationUs: null,
    firstTokenUs: null,
    usage: null,
    cost: null,
    unpriced: false,
    late: false,
    monitoring: 'advanced',
    traceId: '',
    application: '',
    user: '',
    tags: [],
    logs: 'audit',
    withheld: '',
    redacted: null,
  });
});

test('null is missing, in every field but the model', () => {
  const nulls = Object.fromEntries(RECORD_FIELDS.map((field) => [field, null]));
  expect(good({ ...nulls, model: 'm' })).toStrictEqual(good({}));
});

test('a whole record', () => {
  const call = good({
    id: 'c-1',
    time: '2026-11-24T03:24:40Z',
    workspace_id: 'shop',
    apikey_id: 'checkout',
    inference_type: 'batch',
    protocol: 'WS',
    status_code: 504,
    error_code: 'RequestTimeOut',
    error_message: 'timed out',
    duration_ms: 1840.2504,
    first_token_ms: 310,
    usage: { prompt_tokens: 3019, completion_tokens: 104, total_tokens: 3123 },
    request: { messages: [] },
    response: 'any',
    trace_id: 't',
    application: 'cart',
    user: 'u',
    tags: ['a', 'b'],
  });
  expect(call).toMatchObject({
    id: 'c-1',
    time: NOW - 1870,
    workspace: 'shop',
    apikey: 'checkout',
    inferenceType: 'batch',
    protocol: 'WS',
    statusCode: 504,
    outcome: 'failure',
    failure: 'timeout',
    errorCode: 'RequestTimeOut',
    errorMessage: 'timed out',
    durationUs: 1_840_250,
    firstTokenUs: 310_000,
    usage: { input_tokens: 3019, output_tokens: 104, total_tokens: 3123 },
    traceId: 't',
    application: 'cart',
    user: 'u',
    tags: ['a', 'b'],
  });
});

test.each([
  [null, 'null'],
  [[{ model: 'm' }], 'a list'],
  ['{}', '"{}"'],
  [7, '7'],
  [true, 'true'],
])('%j is no record', (raw, found) => {
  expect(readRecord(raw, NOW)).toEqual(new RecordProblem('', `must be a JSON object, not ${found}`));
});

describe('what is refused, and what is said of it', () => {
  const days = 24 * 3600 * 1000;
  const text = 'must be a string, not';
  const short = 'must have at most 256 characters, not 257';
  const ms = `must be milliseconds from 0 to ${MAX_AGE_MS} (30 days), not`;
  const status = 'must be a whole number from 100 to 599, not';
  const surrogate = 'holds half of a surrogate pair (\\ud800 to \\udfff), which is not text';
  const moment = 'must be an RFC 3339 time such as "2026-01-31T08:15:30.123Z" or milliseconds since 1970, not';

  test.each<[string, unknown, string]>([
    ['model', undefined, 'is missing: name the model as it was requested'],
    ['model', null, 'is missing: name the model as it was requested'],
    ['model', '', 'is missing: name the model as it was requested'],
    ['model', 7, `${text} 7`],
    ['model', '*', 'must not be "*", which stands for all models in alerts: name the model'],
    ['workspace_id', '*', 'must not be "*", which stands for the whole account in quotas and alerts'],
    ['model', ['m'], `${text} a list`],
    ['id', '', 'must have 1 to 128 characters'],
    ['id', 'x'.repeat(129), 'must have 1 to 128 characters, not 129'],
    ['id', 17, `${text} 17`],
    ['id', LONE, surrogate],
    ['time', 'yesterday', `${moment} "yesterday"`],
    ['time', '2026-11-24', `${moment} "2026-11-24"`],
    ['time', '2026-11-24T03:24:41', `${moment} "2026-11-24T03:24:41"`],
    ['time', 'x'.repeat(1000), `${moment} a string of 1000 characters`],
    ['time', {}, `${moment} an object`],
    ['time', true, `${moment} true`],
    ['time', HUGE, `${moment} Infinity`],
    ['time', NOW * 1_000_000, `${moment} ${NOW * 1_000_000}`],
    ['time', NOW - 31 * days, 'is more than 30 days ago (2026-10-24T03:24:41.870Z)'],
    ['time', '1970-01-01T00:00:00Z', 'is more than 30 days ago (1970-01-01T00:00:00.000Z)'],
    ['time', 0, 'is more than 30 days ago (1970-01-01T00:00:00.000Z)'],
    ['time', -8.64e15, 'is more than 30 days ago (-271821-04-20T00:00:00.000Z)'],
    [
      'time',
      Math.floor(NOW / 1000),
      'is more than 30 days ago (1970-01-21T18:44:50.681Z); is it in seconds? Milliseconds are expected',
    ],
    [
      'time',
      NOW + 6 * 60_000,
      "is more than 5 minutes ahead of this server's clock (2026-11-24T03:30:41.870Z); check both clocks",
    ],
    [
      'time',
      '9999-12-31T23:59:59Z',
      "is more than 5 minutes ahead of this server's clock (9999-12-31T23:59:59.000Z); check both clocks",
    ],
    ['workspace_id', 1, `${text} 1`],
    ['apikey_id', { id: 'x' }, `${text} an object`],
    ['inference_type', 'Batch', 'must be realtime or batch, not "Batch"'],
    ['inference_type', 0, 'must be realtime or batch, not 0'],
    ['inference_type', '', 'must be realtime or batch, not ""'],
    ['protocol', 'http', 'must be HTTP or SSE or WS, not "http"'],
    ['protocol', [], 'must be HTTP or SSE or WS, not a list'],
    ['status_code', 99, `${status} 99`],
    ['status_code', 600, `${status} 600`],
    ['status_code', 200.5, `${status} 200.5`],
    ['status_code', -200, `${status} -200`],
    ['status_code', '200', `${status} "200"`],
    ['status_code', HUGE, `${status} Infinity`],
    ['error_code', 500, `${text} 500`],
    ['error_code', LONE, surrogate],
    ['error_message', {}, `${text} an object`],
    ['duration_ms', -1, `${ms} -1`],
    ['duration_ms', -0.001, `${ms} -0.001`],
    ['duration_ms', MAX_AGE_MS + 1, `${ms} ${MAX_AGE_MS + 1}`],
    ['duration_ms', HUGE, `${ms} Infinity`],
    ['duration_ms', '1840', `${ms} "1840"`],
    ['duration_ms', true, `${ms} true`],
    ['first_token_ms', -1, `${ms} -1`],
    ['first_token_ms', HUGE, `${ms} Infinity`],
    ['first_token_ms', [], `${ms} a list`],
    ['trace_id', 1, `${text} 1`],
    ['trace_id', 'x'.repeat(257), short],
    ['application', false, `${text} false`],
    ['application', 'x'.repeat(257), short],
    ['user', {}, `${text} an object`],
    ['user', 'x'.repeat(257), short],
    ['tags', 'a,b', 'must be a list of strings, not "a,b"'],
    ['tags', {}, 'must be a list of strings, not an object'],
    ['tags', Array(17).fill('a'), 'must have at most 16 entries, not 17'],
  ])('%s: %j', (field, value, message) => {
    expect(read({ [field]: value })).toEqual(new RecordProblem(field, message));
  });

  test.each([
    [['a', 1], 'tags[1]'],
    [['x'.repeat(129)], 'tags[0]'],
    [[null], 'tags[0]'],
  ])('tags %j', (tags, field) => {
    expect(read({ tags })).toEqual(new RecordProblem(field, 'must be a string of at most 128 characters'));
  });

  test('usage, with the path of what is wrong in it', () => {
    expect(read({ usage: [] })).toMatchObject({ field: 'usage', message: 'must be an object, not an array' });
    expect(read({ usage: { prompt_tokens: -1 } })).toMatchObject({ field: 'usage.prompt_tokens' });
    expect(read({ usage: { prompt_tokens: HUGE } })).toMatchObject({
      field: 'usage.prompt_tokens',
      message: expect.stringMatching(/not Infinity$/),
    });
    expect(read({ usage: { prompt_tokens_details: { cached_tokens: '1' } } })).toMatchObject({
      field: 'usage.prompt_tokens_details.cached_tokens',
    });
  });

  test('a first token after the end', () => {
    expect(read({ duration_ms: 100, first_token_ms: 100.1 })).toEqual(
      new RecordProblem('first_token_ms', 'must not exceed duration_ms (100), but is 100.1'),
    );
  });

  test('a first token of a call that was not streamed', () => {
    expect(read({ protocol: 'HTTP', first_token_ms: 1 })).toEqual(
      new RecordProblem('first_token_ms', 'belongs to streamed calls (protocol SSE or WS); this one says HTTP'),
    );
  });
});

describe('what is just allowed', () => {
  test.each<[string, unknown, Partial<Call>]>([
    ['model', ' ', { model: ' ' }],
    ['model', 'm'.repeat(10_000), { model: 'm'.repeat(10_000) }],
    ['id', 'x'.repeat(128), { id: 'x'.repeat(128) }],
    ['id', '😀', { id: '😀' }],
    ['time', NOW - MAX_AGE_MS, { time: NOW - MAX_AGE_MS }],
    ['time', NOW + MAX_AHEAD_MS, { time: NOW + MAX_AHEAD_MS }],
    ['time', NOW - 0.5, { time: NOW - 1 }],
    ['workspace_id', '', { workspace: '' }],
    ['apikey_id', '', { apikey: '' }],
    ['status_code', 100, { statusCode: 100, outcome: 'success' }],
    ['status_code', 101, { outcome: 'success' }],
    ['status_code', 499, { outcome: 'cancelled', failure: null }],
    ['status_code', 599, { statusCode: 599, failure: 'server_error' }],
    ['status_code', 200.0, { statusCode: 200 }],
    ['error_code', 'Throttling', { statusCode: 500, failure: 'server_error' }],
    ['error_code', '', { statusCode: 200, outcome: 'success' }],
    ['duration_ms', 0, { durationUs: 0 }],
    ['duration_ms', MAX_AGE_MS, { durationUs: MAX_AGE_MS * 1000 }],
    ['duration_ms', 0.0004, { durationUs: 0 }],
    ['first_token_ms', 12, { firstTokenUs: 12_000, protocol: 'SSE' }],
    ['trace_id', 'x'.repeat(256), { traceId: 'x'.repeat(256) }],
    ['user', LONE, { user: LONE }],
    ['tags', [], { tags: [] }],
    ['tags', Array(16).fill('x'.repeat(128)), { tags: Array(16).fill('x'.repeat(128)) }],
  ])('%s: %j', (field, value, expected) => {
    expect(good({ [field]: value })).toMatchObject(expected);
  });

  test('a first token at the very end, and one of a call over WebSocket', () => {
    expect(good({ duration_ms: 100, first_token_ms: 100 })).toMatchObject({ firstTokenUs: 100_000, protocol: 'SSE' });
    expect(good({ protocol: 'WS', first_token_ms: 0 })).toMatchObject({ firstTokenUs: 0, protocol: 'WS' });
  });

  test('a status code stands over what an error code implies', () => {
    expect(good({ status_code: 200, error_code: 'content_filter' })).toMatchObject({ outcome: 'success' });
    expect(good({ status_code: 429, error_code: 'Throttling' })).toMatchObject({ failure: 'rate_limited' });
  });

  test('a long error code is bounded as a label is, a long message is cut and stays text', () => {
    const code = 'E'.repeat(500);
    expect(good({ error_code: code }).errorCode).toBe(boundLabelValue(code));
    expect(good({ error_message: 'x'.repeat(100_000) }).errorMessage).toHaveLength(MAX_ERROR_MESSAGE_LENGTH);
    const cut = good({ error_message: `${'x'.repeat(MAX_ERROR_MESSAGE_LENGTH - 1)}😀 and more` }).errorMessage;
    expect(cut).toBe('x'.repeat(MAX_ERROR_MESSAGE_LENGTH - 1));
  });
});

test('any JSON in any field: a call or a problem with one of the fields, never an exception', () => {
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('', 'm', 0, -1, HUGE, 1e300, LONE, [], {}, [[]]));
  const record = fc.dictionary(fc.oneof(fc.constantFrom(...RECORD_FIELDS), fc.string()), value, {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(fc.oneof(record, fc.jsonValue()), fc.boolean(), (raw, named) => {
      const result = readRecord(named && typeof raw === 'object' ? { ...raw, model: 'm' } : raw, NOW);
      if (result instanceof RecordProblem) {
        const field = result.field.split(/[.[]/)[0]!;
        if (field !== '') expect(RECORD_FIELDS).toContain(field);
        expect(result.message.isWellFormed()).toBe(true);
        expect(result.message.length).toBeLessThan(300);
      } else {
        expect(result.statusCode).toBeGreaterThanOrEqual(100);
        expect(result.failure !== null).toBe(result.outcome === 'failure');
      }
    }),
    { numRuns: 1000 },
  );
});

test.each([
  [{ id: 'a' }, 'a'],
  [{ id: 'x'.repeat(500) }, 'x'.repeat(128)],
  [{ id: LONE }, 'a\ufffdb'],
  [{ id: '' }, null],
  [{ id: 7 }, null],
  [{}, null],
  [null, null],
  ['id', null],
  [[{ id: 'a' }], null],
])('the id in an answer about %j is %j', (raw, id) => {
  expect(idOf(raw)).toBe(id);
});
