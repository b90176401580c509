import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countKeys, JsonScan } from './json-scan.js';
import { anyContainer } from './testdata/json-texts.js';

function scan(text: string, start = 0, limit?: number): Pick<JsonScan, 'end' | 'keys' | 'depth'> {
  const bytes = Buffer.from(text);
  const scanner = new JsonScan();
  scanner.scan(bytes, start, limit ?? bytes.length);
  const { end, keys, depth } = scanner;
  return { end, keys, depth };
}

test('end, keys and depth of any value, with any spacing, whatever stands around it', () => {
  fc.assert(
    fc.property(anyContainer, fc.string(), fc.string(), ({ text, value, keys, depth }, before, behind) => {
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      const start = Buffer.byteLength(before);
      expect(scan(before + text + behind, start)).toEqual({ end: start + Buffer.byteLength(text), keys, depth });
      expect(countKeys(JSON.parse(text))).toBe(keys);
    }),
    { numRuns: 500 },
  );
});

test('a value cut anywhere never ends, and what lies behind the limit is not looked at', () => {
  fc.assert(
    fc.property(anyContainer, fc.nat(), ({ text }, at) => {
      const bytes = Buffer.from(text);
      const cut = at % bytes.length;
      const scanner = new JsonScan();
      scanner.scan(bytes, 0, cut);
      expect(scanner.end).toBe(-1);
      scanner.scan(bytes.subarray(0, cut), 0, cut);
      expect(scanner.end).toBe(-1);
    }),
  );
});

test('any bytes at all: it comes to an end, within the limit', () => {
  const nasty = fc.array(fc.constantFrom(...Buffer.from('{}[]":,\\a\n 0\xff')), { maxLength: 60 });
  fc.assert(
    fc.property(nasty, (bytes) => {
      const scanner = new JsonScan();
      scanner.scan(Uint8Array.from(bytes), 0, bytes.length);
      expect(scanner.end).toBeGreaterThanOrEqual(-1);
      expect(scanner.end).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 1000 },
  );
});

test.each([1, 2, 3, 62, 63, 64, 65, 66, 1000, 1001])('a string with %i backslashes in a row', (count) => {
  const inner = '\\'.repeat(count);
  const text = `{"a":${JSON.stringify(`${inner}"}`)},"b":1}`;
  expect(scan(`${text}:`)).toEqual({ end: text.length, keys: 2, depth: 1 });
  // An odd number escapes the quote, so that the string goes on.
  const raw = `{"a":"${inner}"}`;
  expect(scan(raw).end).toBe(count % 2 === 0 ? raw.length : -1);
});

test('100,000 levels are counted without recursion', () => {
  const text = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(scan(text)).toEqual({ end: 200_000, keys: 0, depth: 100_000 });
});

test('a scanner remembers nothing of what it scanned before', () => {
  const scanner = new JsonScan();
  const deep = Buffer.from('{"a":{"b":{"c":1}}}');
  scanner.scan(deep, 0, deep.length);
  scanner.scan(Buffer.from('[]'), 0, 2);
  expect(scanner).toMatchObject({ end: 2, keys: 0, depth: 1 });
});
