import { describe, expect, test } from 'vitest';
import type { RedactionPattern } from './options.js';
import { createRedactor } from './redactor.js';

const KEY = '0123456789abcdef';

describe('actions', () => {
  test('hash: equal values stay recognisable, however they are written', () => {
    const redactor = createRedactor({ actions: { email: 'hash', phone: 'hash', bank_card: 'hash' }, hashKey: KEY });
    const hashes = (text: string): string[] => {
      const redacted = redactor.redactText(text);
      if ('withheld' in redacted) throw new Error(redacted.withheld);
      return redacted.text.match(/\[\w+:[0-9a-f]{12}\]/g) ?? [];
    };
    const [first, second, third] = hashes('alice@example.com ALICE＠example.com bob@example.com');
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(new Set(hashes('13800138000, +86 138-0013-8000, (+86)138 0013 8000')).size).toBe(1);
    expect(new Set(hashes('4111111111111111, 4111-1111-1111-1111')).size).toBe(1);
    expect(hashes('13800138000, 13900139000')).toHaveLength(2);
  });

  test('hash: another key, another hash', () => {
    const by = (hashKey: string | Uint8Array) =>
      createRedactor({ actions: { email: 'hash' }, hashKey }).redactText('alice@example.com');
    expect(by(KEY)).toEqual(by(Buffer.from(KEY)));
    expect(by(KEY)).not.toEqual(by('another key of enough bytes'));
  });

  test('hash: redacting again changes nothing, though a hash may look like a number', () => {
    const redactor = createRedactor({ patterns: [{ name: 'digits', pattern: '[0-9a-f]{6}' }] });
    const text = '[email:138001380001] [phone:411111111111]';
    expect(redactor.redactText(text)).toEqual({ text, counts: {} });
  });

  test('drop: the whole string goes, and says why', () => {
    const redactor = createRedactor({ actions: { api_key: 'drop' } });
    const key = `sk-${'0123456789abcdef'.repeat(2)}`;
    const content = {
      a: `my key is ${key}, mail alice@example.com`,
      b: JSON.stringify({ c: key, d: 'stays' }),
      e: 'alice@example.com',
    };
    expect(redactor.redactContent(content)).toEqual({
      value: { a: '[dropped:api_key]', b: '{"c":"[dropped:api_key]","d":"stays"}', e: '[email]' },
      counts: { api_key: 2, email: 2 },
    });
  });

  test('of two that find the same, the more telling one names it; of two that overlap, the longer', () => {
    const redactor = createRedactor({ patterns: [{ name: 'mail', pattern: '[a-z.]+@corp\\.example' }] });
    expect(redactor.redactText('bob@corp.example')).toMatchObject({ text: '[mail]', counts: { mail: 1 } });
    expect(redactor.redactText('password=alice@example.com')).toMatchObject({ text: 'password=[credential]' });
    expect(redactor.redactText('+44 20 7946 0958@example.com')).toMatchObject({ text: '[phone]' });
  });
});

describe('modes and detectors', () => {
  test('full: everything stays', () => {
    const content = { a: 'alice@example.com', password: 'hunter22' };
    expect(createRedactor({ mode: 'full', patterns: [{ name: 'x', pattern: 'a' }] }).redactContent(content)).toEqual({
      value: content,
      counts: {},
    });
  });

  test('only the detectors that were asked for', () => {
    const redactor = createRedactor({ detectors: ['phone'] });
    const content = { a: 'alice@example.com 13800138000', password: 'hunter22', n: 4111111111111111 };
    expect(redactor.redactContent(content)).toEqual({
      value: { ...content, a: 'alice@example.com [phone]' },
      counts: { phone: 1 },
    });
  });
});

describe('patterns', () => {
  test('find in text, in keys, in numbers, across the border of windows', () => {
    const redactor = createRedactor({ patterns: [{ name: 'employee', pattern: '(?i)\\bEMP-?\\d{6}\\b' }] });
    const filler = 'words '.repeat(5000);
    const content = { emp123456: [`${filler}EMP-654321 ${filler}`, `${'x'.repeat(4090)} EMP-000001`], n: 1 };
    const redacted = redactor.redactContent(content);
    expect(redacted).toEqual({
      value: { '[employee]': [`${filler}[employee] ${filler}`, `${'x'.repeat(4090)} [employee]`], n: 1 },
      counts: { employee: 3 },
    });
    expect(
      createRedactor({ patterns: [{ name: 'six', pattern: '\\b\\d{6}\\b' }] }).redactContent({ n: 123456, m: 12 }),
    ).toMatchObject({
      value: { n: '[six]', m: 12 },
    });
  });

  test('see through disguises as detectors do', () => {
    const redactor = createRedactor({ patterns: [{ name: 'project', pattern: 'Project Falcon' }] });
    expect(redactor.redactText('{"x":"Ｐｒｏｊｅｃｔ\\u0020Fal\u200bcon')).toMatchObject({ text: '{"x":"[project]' });
  });

  test('one that matches placeholders comes to an end', () => {
    const redactor = createRedactor({ patterns: [{ name: 'all', pattern: '(?s).+' }] });
    expect(redactor.redactText('a [b] [all] c')).toMatchObject({ text: '[all]' });
  });

  test.each<[what: string, patterns: RedactionPattern[], message: RegExp]>([
    ['syntax', [{ name: 'bad', pattern: '(' }], /the pattern bad is no regular expression of RE2.*missing closing \)/],
    ['a backreference', [{ name: 'back', pattern: '(a)\\1' }], /the pattern back is no regular expression of RE2/],
    ['lookahead', [{ name: 'ahead', pattern: 'a(?=b)' }], /the pattern ahead is no regular expression of RE2/],
    ['matches nothing', [{ name: 'empty', pattern: 'a*' }], /the pattern empty matches the empty text: use \+/],
    [
      'too long',
      [{ name: 'long', pattern: 'a'.repeat(1001) }],
      /the pattern long must have 1 to 1000 characters, not 1001/,
    ],
    ['too large', [{ name: 'large', pattern: '(?:abcdefgh){900}' }], /the pattern large is too large/],
    ['a name with capitals', [{ name: 'Bad', pattern: 'a' }], /the pattern name "Bad" must be 1 to 32 small letters/],
    ['the name of a detector', [{ name: 'email', pattern: 'a' }], /the pattern name email is taken/],
    [
      'a name twice',
      [
        { name: 'a', pattern: 'a' },
        { name: 'a', pattern: 'b' },
      ],
      /the pattern name a is taken/,
    ],
    [
      'too many',
      Array.from({ length: 33 }, (_, index) => ({ name: `p${index}`, pattern: 'a' })),
      /at most 32 patterns/,
    ],
    [
      'hash without a key',
      [{ name: 'h', pattern: 'a', action: 'hash' }],
      /the action hash needs a hash key of 16 bytes/,
    ],
  ])('refused: %s', (_, patterns, message) => {
    expect(() => createRedactor({ patterns })).toThrow(message);
  });

  test('refused: a detector that does not exist', () => {
    // As from a configuration that nobody checked.
    const detectors = JSON.parse('["mail"]');
    expect(() => createRedactor({ detectors })).toThrow(
      /there is no detector mail: the detectors are private_key, jwt/,
    );
  });
});
