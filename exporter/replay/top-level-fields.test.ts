import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findTopLevelFields } from './top-level-fields.js';

function found(text: string) {
  const line = Buffer.from(text);
  const fields = findTopLevelFields(line);
  if (fields === null) return null;
  const part = (span: { start: number; end: number } | null) => span && line.toString('utf8', span.start, span.end);
  return { id: part(fields.id), time: part(fields.time), close: fields.close, empty: fields.empty };
}

test.each([
  ['{}', { id: null, time: null, close: 1, empty: true }],
  ['{ }', { id: null, time: null, close: 2, empty: true }],
  ['{"id":"a","time":12.50}', { id: '"a"', time: '12.50', close: 22, empty: false }],
  ['{ "x" : {"id":1,"time":[2]} , "id" : null }', { id: 'null', time: null, close: 42, empty: false }],
  ['{"\\u0069d":"a\\"}","y":"\\\\"}', { id: '"a\\"}"', time: null, close: 26, empty: false }],
  ['{"identity":1,"times":2}', { id: null, time: null, close: 23, empty: false }],
])('%s', (text, expected) => expect(found(text)).toEqual(expected));

test.each([
  '[]',
  '1',
  '"{}"',
  '{',
  '{"a"',
  '{"a":}',
  '{"a":1,}',
  '{"a":"x}',
  '{"a":[1}',
  '{"a":1} {"b":2}',
  '{a:1}',
  '{"a" 1}',
  'null',
])('no object: %s', (text) => expect(found(text)).toBeNull());

test('finds what JSON.parse finds, in every object', () => {
  const key = fc.oneof(fc.constantFrom('id', 'time'), fc.string());
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 }), fc.boolean(), (object, spaced) => {
      const text = spaced ? JSON.stringify(object, null, 1).replaceAll('\n', ' ') : JSON.stringify(object);
      const fields = found(text);
      expect(fields?.close).toBe(Buffer.byteLength(text) - 1);
      expect(fields?.id ?? null).toEqual('id' in object ? expect.anything() : null);
      const whole = JSON.parse(text) as Record<string, unknown>;
      for (const name of ['id', 'time'] as const) {
        if (Object.hasOwn(whole, name)) expect(JSON.parse(fields![name]!)).toEqual(whole[name]);
      }
    }),
  );
});

test('never fails, whatever the bytes', () => {
  const bytes = fc.array(fc.constantFrom(...Buffer.from('{}[]",:\\ idtme1\x00\xff')), { maxLength: 30 });
  fc.assert(fc.property(bytes, (line) => findTopLevelFields(Buffer.from([0x7b, ...line])) !== undefined));
});
