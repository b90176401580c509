import { expect, test } from 'vitest';
import { createRedactor } from './redactor.js';

const redactor = createRedactor();

/** Texts full of digits and dots in which nothing is secret. */
const HONEST = [
  '2026-11-24T07:29:18.123456Z',
  '1764000000',
  '1764000000123',
  '1764000000123456789',
  '2026-11-24 07:29:18 to 2026-11-25 08:30:00',
  '20261124072918',
  'order 2026112400012345',
  'order no. 700112345678',
  'TB20261124-0001-778899',
  '550e8400-e29b-41d4-a716-446655440000',
  '12345678-1234-1234-1234-123456789012',
  'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'sha256:4111111111111111aaaa13800138000bbbb',
  'chatcmpl-9f8e7d6c5b4a39281706f5e4d3c2b1a0',
  'req_13800138000abc',
  'call_0123456789abcdefABCDEF01',
  '0.13800138000',
  '3.14159265358979323846',
  '-0.0123456789012345',
  '13800138000.5',
  '1,234,567,890,123',
  '192.168.100.100:9090',
  '10.0.0.1 255.255.255.255',
  '2001:0db8:85a3:0000:0000:8a2e:0370:7334',
  'fe80::1ff:fe23:4567:890a',
  'ISBN 978-7-111-54742-6',
  'ISBN 9787111547426',
  'ISBN 0-306-40615-2',
  'qwen3-235b-a22b-instruct-2507',
  'qwen-plus-2025-07-28',
  'claude-sonnet-4-5-20250929',
  'gpt-4o-mini-2024-07-18',
  'deepseek-ai/DeepSeek-R1-Distill-Qwen-32B',
  'text-embedding-v4',
  'scikit-learn and sk-learn-based-classifier-pipeline',
  'the task-queue-management-system1 is down',
  'hf_search_index_of_production',
  'npm_config_registry and npm_lifecycle_event',
  '@types/node lodash@4.17.21 @grafana/grafana-foundation-sdk@0.0.21',
  'logo@2x.png icon@3x.webp',
  'git@github.com:owner/name.git',
  'user@localhost',
  'a @ b, and A@B.T',
  '@alice @bob',
  'https://example.com/docs/2026/11/24/release-notes?id=123456789012',
  'https://host/0123456789abcdef0123456789abcdef/report-13800138000x.html',
  'base64: QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk=',
  '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20',
  Array.from({ length: 40 }, (_, index) => 1000 + index * 137).join(' '),
  '2048 4096',
  '100 200 300 400 500 600 700 800',
  '+08:00 UTC+8',
  '+12345678',
  'x = y + 13800138',
  '12:34:56.789012345',
  'version 1.138.0013.8000',
  '第12345678910章',
  '2026年11月24日07时29分18秒',
  '价格：1234567.89元',
  '110105194912310021', // an identity card number but for its check character
  '4111111111111112', // a card number but for its check digit
  '12800138000', // no mobile begins with 12
  'the key is under the mat; password rules apply',
  'a:b=c:d',
  '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----',
  '-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG\n-----END CERTIFICATE-----',
  'eyJ is how a header begins',
  'a.b.c.d eyJhbGc.x.y',
  '你好，世界！👋🏽👩‍👩‍👧‍👦🇨🇳',
  'half a pair: \ud83d and \udc4b',
  'e\u0301 n\u0303 \u200b\u200d\ufeff',
  '①②③ ½ ﬁ ㎏ ２０２６年 ＡＢＣ，：（）！',
  'C:\\new\\table\\users 100% sure, 50%25 off',
  '{"not": "json',
  '[1, 2, 3',
  '[email] [phone:0123456789ab] [dropped:email] [nobody]',
];

test.each(HONEST)('%s', (text) => {
  expect(redactor.redactText(text)).toEqual({ text, counts: {} });
});

test('honest texts stay within a content, as values and as keys, and the content stays the same object', () => {
  const content = { messages: HONEST, ...Object.fromEntries(HONEST.map((text, index) => [text, index])) };
  const redacted = redactor.redactContent(content);
  if ('withheld' in redacted) throw new Error(redacted.withheld);
  expect(redacted.counts).toEqual({});
  expect(redacted.value).toBe(content);
});

test('honest numbers stay', () => {
  const content = [
    0,
    -1,
    0.1,
    1e300,
    1764000000123,
    Number('1764000000123456789'),
    12345678901,
    4111111111111112,
    2 ** 53,
  ];
  const redacted = redactor.redactContent(content);
  expect(redacted).toEqual({ value: content, counts: {} });
});

/**
 * What passes for something that it is not. Nothing in the text tells them apart, and a wrong find costs a reader some
 * digits, a missed one somebody's number.
 */
test.each([
  ['an order number of eleven digits that begins like a mobile', '15900001111', '[phone]'],
  ['an order number that passes the check of a card', '4929123456781236', '[bank_card]'],
  ['a path segment that is a number by itself', '/users/13800138000/orders', '/users/[phone]/orders'],
])('accepted: %s', (_, text, expected) => {
  expect(redactor.redactText(text)).toMatchObject({ text: expected });
});
