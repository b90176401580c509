import { expect, test } from 'vitest';
import { createRedactor } from '../redactor.js';

const redactor = createRedactor();

function redacted(text: string): string {
  const result = redactor.redactText(text);
  if ('withheld' in result) throw new Error(result.withheld);
  return result.text;
}

test.each([
  ['password=hunter22', 'password=[credential]'],
  ['password = "correct horse battery"', 'password = "[credential]"'],
  ["DB_PASSWORD='s3cr3t!'", "DB_PASSWORD='[credential]'"],
  ['export OPENAI_API_KEY=abcdef123456', 'export OPENAI_API_KEY=[credential]'],
  ['apiKey: "abcdef123456"', 'apiKey: "[credential]"'],
  ['{"api_key": "abcdef123456", "n": 1, "cut', '{"api_key": "[credential]", "n": 1, "cut'],
  ['password: hunter22', 'password: [credential]'],
  ['密码：hunter22，谢谢', '密码：[credential]，谢谢'],
  ['我的密码: abcdefgh', '我的密码: [credential]'],
  ['https://example.com/?api_key=abcdef123456&page=2', 'https://example.com/?api_key=[credential]&page=2'],
  ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [credential]'],
  ['authorization: Basic YWxpY2U6aHVudGVyMg==', 'authorization: Basic [credential]'],
  ['curl -H "Authorization: Bearer abc.def-123"', 'curl -H "Authorization: Bearer [credential]"'],
  ['it says bearer 0123456789abcdef0123 somewhere', 'it says bearer [credential] somewhere'],
  ['postgres://app:hunter2@db/orders', 'postgres://app:[credential]@db/orders'],
  ['redis://:hunter2@cache:6379', 'redis://:[credential]@cache:6379'],
  ['next_token=abcdef0123456789abcdef', 'next_token=[credential]'],
  ['os.environ["API_KEY"] = "abcdef123456"', 'os.environ["API_KEY"] = "[credential]"'],
  ['client_secret => "abcdef123456"', 'client_secret => "[credential]"'],
  ['if password == "hunter22":', 'if password == "[credential]":'],
  // A vendor's key says more than that it is a credential.
  [`api_key=sk-${'0123456789abcdef'.repeat(2)}`, 'api_key=[api_key]'],
  [`aws AKIA${'IOSFODNN7EXAMPLE'} wJalrXUtnFEMI/K7MDENG/bPxRfiCY${'EXAMPLEKEY'}`, 'aws [api_key] [api_key]'],
])('%s', (text, expected) => {
  expect(redacted(text)).toBe(expected);
});

test.each([
  'password: string',
  'password=$PASSWORD',
  `password=$${'{PASSWORD}'}`,
  'api_key=<your key>',
  'api_key={{api_key}}',
  'password=****',
  'api_key = os.environ["OPENAI_API_KEY"]',
  'api_key=settings.api_key',
  'login(user, password=password)',
  'password = getpass()',
  'password: null',
  'Password: at least eight characters',
  'the password: never write it down',
  'max_tokens=4096, token: hello',
  'compass=north-by-northwest-2026-11',
  'the bearer of good news',
  'see https://example.com:8080/a@b',
  'http://localhost:9490/v1/calls',
])('%s stays', (text) => {
  expect(redacted(text)).toBe(text);
});
