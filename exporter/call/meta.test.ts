import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CALL_LOGS,
  type Call,
  FAILURES,
  INFERENCE_TYPES,
  OUTCOMES,
  PROTOCOLS,
  USAGE_TYPES,
  type Usage,
} from './call.js';
import { decodeMeta } from './meta.js';
import { encodeLabels, MetaWriter } from './meta-writer.js';

/** As a frame gets it: at an offset, and within the bound that the writer gave. */
function encodeMeta(call: Call, labels: Uint8Array): string {
  const writer = new MetaWriter().of(call, labels);
  const { bound } = writer;
  const buffer = Buffer.alloc(7 + bound + 7, 0xee);
  const end = writer.write(buffer, 7);
  expect(end - 7).toBeLessThanOrEqual(bound);
  return buffer.toString('utf8', 7, end);
}

/** Lone surrogates too: a log field may hold one. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.constantFrom('', '"', '\\', '\u2028', '\u007f', '\u0000', '\ud800', '😀', '","id":"x', 'x'.repeat(100)),
  // The longest that any text can become, and texts that need an escape at their far end only.
  fc.constantFrom(
    '\u0000'.repeat(16_384),
    '\ud800'.repeat(300),
    '€'.repeat(250),
    `${'x'.repeat(199)}"`,
    'x'.repeat(201),
  ),
);
const whole = fc.oneof(fc.nat(), fc.maxSafeNat());
const usage = fc.record(
  Object.fromEntries(USAGE_TYPES.map((type) => [type, fc.oneof(fc.constant(0), whole)])),
) as fc.Arbitrary<Usage>;
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });

const anyCall: fc.Arbitrary<Call> = fc.record({
  id: text,
  time: fc.integer({ min: -8.64e15, max: 8.64e15 }),
  workspace: text,
  model: text,
  apikey: text,
  inferenceType: fc.constantFrom(...INFERENCE_TYPES),
  protocol: fc.constantFrom(...PROTOCOLS),
  statusCode: fc.integer({ min: 100, max: 599 }),
  outcome: fc.constantFrom(...OUTCOMES),
  failure: orNull(fc.constantFrom(...FAILURES)),
  errorCode: text,
  errorMessage: text,
  durationUs: orNull(whole),
  firstTokenUs: orNull(whole),
  usage: orNull(usage),
  cost: orNull(fc.record({ currency: fc.stringMatching(/^[A-Z]{3}$/), nano: whole })),
  unpriced: fc.boolean(),
  late: fc.boolean(),
  monitoring: fc.constantFrom('basic', 'advanced'),
  traceId: text,
  application: text,
  user: text,
  tags: fc.array(text, { maxLength: 16 }),
  logs: fc.constantFrom(...CALL_LOGS),
  withheld: text,
  redacted: orNull(fc.dictionary(fc.string({ minLength: 1 }), whole)),
});

test('any call comes back as it went in', () => {
  fc.assert(
    fc.property(anyCall, (call) => {
      const meta = encodeMeta(call, encodeLabels(call.workspace, call.model, call.apikey));
      expect(decodeMeta(meta)).toEqual(call);
    }),
    { numRuns: 500 },
  );
});

test('the meta of a call is frozen: these names, in frame format version 1', () => {
  const call: Call = {
    id: 'c-1',
    time: 1_764_000_000_123,
    workspace: 'shop',
    model: 'qwen-plus',
    apikey: 'checkout',
    inferenceType: 'realtime',
    protocol: 'SSE',
    statusCode: 504,
    outcome: 'failure',
    failure: 'timeout',
    errorCode: 'RequestTimeOut',
    errorMessage: 'Request timed out, please try again later.',
    durationUs: 1_840_250,
    firstTokenUs: 310_000,
    usage: Object.fromEntries(USAGE_TYPES.map((type, index) => [type, index + 1])) as Usage,
    cost: { currency: 'CNY', nano: 2_622_000 },
    unpriced: true,
    late: true,
    monitoring: 'basic',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    application: 'cart',
    user: 'u-7',
    tags: ['a', 'b'],
    logs: 'inference',
    withheld: 'redaction failed',
    redacted: { email: 2, media: 1 },
  };
  const frozen =
    '{"id":"c-1","time":1764000000123,"workspace_id":"shop","model":"qwen-plus","apikey_id":"checkout",' +
    '"inference_type":"realtime","protocol":"SSE","status_code":504,"outcome":"failure","failure":"timeout",' +
    '"error_code":"RequestTimeOut","error_message":"Request timed out, please try again later.",' +
    '"duration_us":1840250,"first_token_us":310000,"usage":{"total_tokens":1,"input_tokens":2,"output_tokens":3,' +
    '"cache_tokens":4,"cache_write_tokens":5,"reasoning_tokens":6,"image_tokens":7,"audio_tokens":8,"video_tokens":9,' +
    '"image_count":10,"audio_count":11,"video_count":12,"duration":13,"characters":14,"times":15},' +
    '"cost":{"currency":"CNY","nano":2622000},"unpriced":true,"late":true,"monitoring":"basic",' +
    '"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","application":"cart","user":"u-7","tags":["a","b"],' +
    '"logs":"inference","withheld":"redaction failed","redacted":{"email":2,"media":1}}';
  expect(encodeMeta(call, encodeLabels('shop', 'qwen-plus', 'checkout'))).toBe(frozen);
  expect(decodeMeta(frozen)).toStrictEqual(call);
});

test('the meta of a call before there were logs: it goes to the audit log', () => {
  const earlier =
    '{"id":"a","time":1,"workspace_id":"w","model":"m","apikey_id":"k","inference_type":"batch","protocol":"WS",' +
    '"status_code":200,"outcome":"success"}';
  expect(decodeMeta(earlier)).toMatchObject({ logs: 'audit', withheld: '', redacted: null });
});

test('a field of a later version is passed over', () => {
  const later =
    '{"id":"a","time":1,"workspace_id":"w","model":"m","apikey_id":"k","inference_type":"batch","protocol":"WS",' +
    '"status_code":200,"outcome":"success","from_the_future":{"x":1}}';
  expect(decodeMeta(later)).toMatchObject({ id: 'a', protocol: 'WS', failure: null, usage: null, tags: [] });
});

test.each(['inference_type', 'protocol', 'outcome', 'failure'])('%s with an unknown value is an error', (field) => {
  const good = {
    ...{ id: 'a', time: 1, workspace_id: 'w', model: 'm', apikey_id: 'k', inference_type: 'batch', protocol: 'WS' },
    ...{ status_code: 500, outcome: 'failure', failure: 'server_error' },
  };
  expect(decodeMeta(JSON.stringify(good))).toMatchObject({ failure: 'server_error' });
  expect(() => decodeMeta(JSON.stringify({ ...good, [field]: 'new' }))).toThrow(RangeError);
});

test('what is not JSON is an error', () => {
  expect(() => decodeMeta('{"id":')).toThrow(SyntaxError);
});
