import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../entry.js';
import { type Encoding, encodePush } from './encode-push.js';
import { streamsOf } from './stream.js';
import { decodePush, entriesOf } from './testdata/decode-push.js';
import { decompressSnappy } from './testdata/decompress-snappy.js';
import { anyLogEntry, logEntries, logEntry } from './testdata/log-entries.js';

const roundTrip = (entries: readonly LogEntry[], encoding: Encoding) => {
  const { body, headers } = encodePush(entries, encoding);
  return decodePush(body, headers);
};

const wellFormed = ({ labels, timestampNs, line, metadata }: LogEntry): LogEntry => ({
  labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value.toWellFormed()])),
  timestampNs,
  line: line.toWellFormed(),
  metadata: metadata.map(([name, value]) => [name, value.toWellFormed()]),
});

describe.each(['protobuf', 'json'] as const)('%s', (encoding) => {
  test('what is read is what was written, stream by stream, lone surrogates made well-formed', () => {
    fc.assert(
      fc.property(fc.array(anyLogEntry, { maxLength: 20 }), (entries) => {
        const expected = streamsOf(entries).flatMap((stream) => stream.entries.map(wellFormed));
        expect(entriesOf(roundTrip(entries, encoding))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('the same entries give the same bytes, whatever the order of their labels', () => {
    const a = logEntry({ labels: { model: 'm', log: 'audit' } });
    const b = logEntry({ labels: { log: 'audit', model: 'm' } });
    const streams = roundTrip([a, b], encoding);
    expect(streams).toHaveLength(1);
    expect(streams[0]!.name).toBe('{log="audit", model="m"}');
    expect(encodePush([a, b], encoding).body).toEqual(encodePush([a, b], encoding).body);
  });

  test('entries of two streams that come in turns keep their order', () => {
    const entries = logEntries(10, (index) => ({ labels: { log: index % 2 === 0 ? 'audit' : 'inference' } }));
    const streams = roundTrip(entries, encoding);
    expect(streams.map(({ labels }) => labels.log)).toEqual(['audit', 'inference']);
    expect(streams[1]!.entries.map(({ line }) => line)).toEqual([1, 3, 5, 7, 9].map((n) => `{"call_id":"${n}"}`));
  });

  test('a line of 20 MB, and one of 3 bytes a character', () => {
    const entries = [logEntry({ line: 'x'.repeat(20_000_000) }), logEntry({ line: '漢字'.repeat(500_000) })];
    const push = encodePush(entries, encoding);
    expect(entriesOf(decodePush(push.body, push.headers))).toEqual(entries);
    expect(push.plainBytes).toBeGreaterThan(23_000_000);
    expect(push.body.length).toBeLessThan(3_000_000);
  });

  test('no metadata, and an empty line', () => {
    const entry = logEntry({ metadata: [], line: '' });
    expect(entriesOf(roundTrip([entry], encoding))).toEqual([entry]);
  });
});

test('protobuf to the byte: the fields of logproto.PushRequest', () => {
  const entry = logEntry({
    labels: { a: 'b' },
    timestampNs: 1_500_000_000_000_000_007n,
    line: 'hi',
    metadata: [['k', 'v']],
  });
  const expected = [
    ...[0x0a, 0x21], // streams, 33 bytes
    ...[0x0a, 0x07, ...Buffer.from('{a="b"}')], // labels
    ...[0x12, 0x16], // an entry
    ...[0x0a, 0x08, 0x08, 0x80, 0xde, 0xa0, 0xcb, 0x05, 0x10, 0x07], // timestamp: seconds, nanos
    ...[0x12, 0x02, ...Buffer.from('hi')], // line
    ...[0x1a, 0x06, 0x0a, 0x01, 0x6b, 0x12, 0x01, 0x76], // structured metadata: name, value
  ];
  const plain = decompressSnappy(encodePush([entry], 'protobuf').body);
  expect([...plain]).toEqual(expected);
});

test('labels that need escapes are escaped as Loki reads them', () => {
  const labels = { model: 'a"b\\c\nd\u0001é', log: 'x' };
  expect(roundTrip([logEntry({ labels })], 'protobuf')[0]!.name).toBe('{log="x", model="a\\"b\\\\c\\nd\\u0001é"}');
});

test('a time before 1970 cannot be written', () => {
  expect(() => encodePush([logEntry({ timestampNs: -1n })], 'protobuf')).toThrow(RangeError);
});

describe('Snappy', () => {
  test('nothing at all', () => {
    expect([...encodePush([], 'protobuf').body]).toEqual([0]);
    expect(roundTrip([], 'protobuf')).toEqual([]);
  });

  test.each([
    ['one byte', Buffer.from('a')],
    ['what repeats', Buffer.alloc(300_000, 'abcdefg')],
    ['zeros across blocks', Buffer.alloc(200_001)],
  ])('%s', (_name, line) => {
    const entry = logEntry({ line: line.toString('latin1'), metadata: [] });
    expect(entriesOf(roundTrip([entry], 'protobuf'))).toEqual([entry]);
  });

  test('what does not repeat grows by little', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1000, maxLength: 100_000 }), (line) => {
        const { body, plainBytes } = encodePush([logEntry({ line })], 'protobuf');
        expect(body.length).toBeLessThan(plainBytes * 1.01 + 64);
        expect(decompressSnappy(body)).toHaveLength(plainBytes);
      }),
      { numRuns: 20 },
    );
  });
});
