import { expect, test } from 'vitest';
import { createRedactor, type RedactedContent } from './redactor.js';

const redactor = createRedactor();

function redact(value: unknown): RedactedContent {
  const redacted = redactor.redactContent(value);
  if ('withheld' in redacted) throw new Error(redacted.withheld);
  expect(redactor.redactContent(redacted.value)).toEqual({ value: redacted.value, counts: {} });
  return redacted;
}

const text = (value: unknown): unknown => redact(value).value;

test('arguments of a tool call: all but the find stays byte for byte', () => {
  const raw = '{ "to" : "alice@example.com",\n  "id": 12345678901234567890, "n": 1.0, "n": 2 }';
  expect(text(raw)).toBe(raw.replace('alice@example.com', '[email]'));
});

test('JSON in JSON in JSON: as many levels as before', () => {
  let value: unknown = { mail: 'alice@example.com', mobile: 13800138000, 'bob@example.com': '\n' };
  for (let level = 0; level < 4; level += 1) value = { inner: JSON.stringify(value) };
  let redacted = text(value);
  for (let level = 0; level < 4; level += 1) redacted = JSON.parse((redacted as { inner: string }).inner);
  expect(redacted).toEqual({ mail: '[email]', mobile: '[phone]', '[email]': '\n' });
});

test('deeper than is parsed: escapes undone', () => {
  let value: unknown = { mail: 'alice\u0040example.com', key: 'say "password=\\"hunter22\\""' };
  for (let level = 0; level < 9; level += 1) value = { inner: JSON.stringify(value) };
  const written = JSON.stringify(text(value));
  expect(written).not.toMatch(/alice|hunter/);
});

test('a JSON text as a string literal', () => {
  expect(text(JSON.stringify(JSON.stringify({ mail: 'alice@example.com' })))).toBe('"{\\"mail\\":\\"[email]\\"}"');
});

test('a number in JSON text becomes a string', () => {
  expect(JSON.parse(text('{"mobile":13800138000,"id":[4111111111111111]}') as string)).toEqual({
    mobile: '[phone]',
    id: ['[bank_card]'],
  });
});

test('the first of two equal keys is not forgotten', () => {
  expect(text('{"a":"alice@example.com","a":"x"}')).toBe('{"a":"[email]","a":"x"}');
});

test.each([
  ['cut off', '{"to":"alice@example.com","text":"hel', '{"to":"[email]","text":"hel'],
  ['a unicode escape', '{"to":"alice\\u0040example.com","te', '{"to":"[email]","te'],
  ['escaped twice', '{\\"to\\":\\"alice\\\\u0040example.com\\",\\"te', '{\\"to\\":\\"[email]\\",\\"te'],
  ['a line break before', '"first\\nalice@example.com\\n13800138000\\n', '"first\\n[email]\\n[phone]\\n'],
  ['slashes', 'https:\\/\\/app:hunter22@host\\/x', 'https:\\/\\/app:[credential]@host\\/x'],
  ['quotes', '{\\"password\\":\\"hunter22\\",\\"te', '{\\"password\\":\\"[credential]\\",\\"te'],
  ['digits', '{"a":"\\u0031\\u0033800138000', '{"a":"[phone]'],
  ['a number', '{"mobile": 13800138000, "te', '{"mobile": "[phone]", "te'],
])('JSON text that does not parse: %s', (_, raw, expected) => {
  expect(text(raw)).toBe(expected);
});

test('keys', () => {
  const value = {
    'alice@example.com': 1,
    'bob@example.com': 2,
    'x\n13800138000': {
      password: 'hunter22',
      Authorization: 'Bearer abc',
      'api-key': ['abcdef', 'ghijkl'],
      pwd: 123456,
    },
  };
  expect(text(value)).toEqual({
    '[email]': 1,
    '[email]#2': 2,
    'x\n[phone]': {
      password: '[credential]',
      Authorization: '[credential]',
      'api-key': ['[credential]', '[credential]'],
      pwd: '[credential]',
    },
  });
});

test('keys that are no secrets, and schemas', () => {
  const value = {
    logprobs: { content: [{ token: 'Hello', logprob: -0.1 }] },
    max_tokens: 4096,
    properties: { password: { type: 'string' }, token: { description: 'the token' } },
    password: '',
    api_key: null,
    secret: 'the butler did it',
    access_token: '{{TOKEN}}',
  };
  expect(text(value)).toBe(value);
});

test('a key that a prototype has is a key like any other', () => {
  const value = JSON.parse('{"__proto__":{"mail":"alice@example.com"},"constructor":"bob@example.com"}');
  expect(JSON.stringify(text(value))).toBe('{"__proto__":{"mail":"[email]"},"constructor":"[email]"}');
});

test('numbers', () => {
  expect(text({ a: 13800138000, b: 4111111111111111, c: Number('110101199003071233') })).toEqual({
    a: '[phone]',
    b: '[bank_card]',
    c: '[identity_card]',
  });
});
