import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findDuplicateKey } from './duplicate-key.js';
import { countKeys } from './json-scan.js';
import { anyContainer, escaped, trickyText, write } from './testdata/json-texts.js';

test('no value that was written once per key has one', () => {
  fc.assert(
    fc.property(anyContainer, ({ text }) => {
      expect(findDuplicateKey(text)).toBeNull();
    }),
  );
});

test.each([
  ['{"a":1,"a":2}', 'a'],
  ['{"a":1,"\\u0061":2}', 'a'],
  ['{"\\u0061":1,"b":{"a":1},"a":2}', 'a'],
  ['{"usage":{"prompt_tokens":1,"completion_tokens":2,"prompt_tokens":3}}', 'usage.prompt_tokens'],
  ['{"usage":{"prompt_tokens_details":{"x":1,"x":1}}}', 'usage.prompt_tokens_details.x'],
  ['{"request":[{"role":1},{"role":1,"role":2}]}', 'request.role'],
  ['{"__proto__":1,"__proto__":2}', '__proto__'],
  ['{"":1,"":2}', ''],
  ['{"1":1,"1":2}', '1'],
  ['{"a\\"b":1,"a\\u0022b":2}', 'a"b'],
  [' {\n"a" : [ "a" , "a" ] , "b" : {"a":1} , "a" :\t2 } ', 'a'],
  ['{"😀":1,"\\ud83d\\ude00":2}', '😀'],
])('%s has one: %j', (text, path) => {
  expect(findDuplicateKey(text)).toBe(path);
});

test.each(['{"a":"a","b":"a"}', '{"a":["a","a"]}', '[{"a":1},{"a":1}]', '{"a":{"a":{"a":1}}}', '{"A":1,"a":2}'])(
  '%s has none',
  (text) => {
    expect(findDuplicateKey(text)).toBeNull();
  },
);

test('a key repeated in any spelling is found, and parsing has one key less', () => {
  fc.assert(
    fc.property(trickyText, fc.nat({ max: 3 }), fc.nat({ max: 3 }), anyContainer, (key, one, other, inner) => {
      const [first, second] = [one, other].map((every) => (every === 0 ? JSON.stringify(key) : escaped(key, every)));
      const text = `{"outer":{${first}:${inner.text},${second}:${write(null, [], 0).text}}}`;
      expect(findDuplicateKey(text)).toBe(key === '' ? 'outer' : `outer.${key}`);
      // The value that stood first is gone, and its keys with it.
      expect(countKeys(JSON.parse(text))).toBe(2);
    }),
  );
});
