import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentIntact, FRAME_HEADER_BYTES, type Frame, frameBound, readFrame, writeFrame } from './frame.js';
import { anyFrame, encodeFrame, frame } from './testdata/frames.js';

function read(bytes: Buffer, at = 0): Frame {
  const result = readFrame(bytes, at);
  if (typeof result === 'string') throw new Error(`the frame is ${result}`);
  return result;
}

test('what is written reads back, wherever in a buffer it stands', () => {
  fc.assert(
    fc.property(anyFrame, fc.nat(40), fc.nat(40), (written, before, behind) => {
      const { header, meta, content } = written;
      const buffer = Buffer.alloc(before + frameBound(meta, content) + behind, 0xf5);
      const end = writeFrame(buffer, before, header, meta, content);
      expect(end).toBeLessThanOrEqual(before + frameBound(meta, content));
      const found = read(buffer, before);
      expect(found).toMatchObject({ ...header, start: before, end });
      const asUtf8 = Buffer.from(meta, 'utf8');
      expect(buffer.subarray(found.metaStart, found.metaEnd).equals(asUtf8)).toBe(true);
      expect(buffer.subarray(found.metaEnd, found.end).equals(content ?? new Uint8Array(0))).toBe(true);
      expect(contentIntact(buffer, found)).toBe(true);
    }),
  );
});

test('the largest sequence, arrival and hash there can be', () => {
  const header = {
    kind: 2,
    sequence: Number.MAX_SAFE_INTEGER,
    arrival: Number.MAX_SAFE_INTEGER,
    hashLow: 0xffff_ffff,
    hashHigh: 0xffff_ffff,
  } as const;
  expect(read(encodeFrame({ header, meta: '{}', content: null }))).toMatchObject(header);
});

test('any flipped bit in header or meta is noticed', () => {
  fc.assert(
    fc.property(anyFrame, (written) => {
      const bytes = encodeFrame(written);
      const { metaEnd } = read(bytes);
      for (let at = 0; at < metaEnd; at += 1) {
        for (let bit = 0; bit < 8; bit += 1) {
          bytes[at] = bytes[at]! ^ (1 << bit);
          expect(readFrame(bytes, 0), `byte ${at}, bit ${bit}`).toSatisfy((result) => typeof result === 'string');
          bytes[at] = bytes[at]! ^ (1 << bit);
        }
      }
    }),
    { numRuns: 20 },
  );
});

test('a flipped bit is never taken for an unfinished write, which would be cut off in silence', () => {
  for (const written of [frame(7), frame(7, Buffer.from('content'))]) {
    const bytes = encodeFrame(written);
    const { metaEnd } = read(bytes);
    for (let bit = 0; bit < metaEnd * 8; bit += 1) {
      const at = bit >> 3;
      bytes[at] = bytes[at]! ^ (1 << (bit & 7));
      expect(readFrame(bytes, 0), `bit ${bit}`).toBe('damaged');
      bytes[at] = bytes[at]! ^ (1 << (bit & 7));
    }
  }
});

test('a flipped bit in content is noticed by contentIntact alone', () => {
  const bytes = encodeFrame(frame(3, Buffer.from('what was said')));
  const { metaEnd, end } = read(bytes);
  for (let at = metaEnd; at < end; at += 1) {
    bytes[at] = bytes[at]! ^ 0x10;
    const found = read(bytes);
    expect(found.sequence).toBe(3);
    expect(contentIntact(bytes, found)).toBe(false);
    bytes[at] = bytes[at]! ^ 0x10;
  }
});

test('cut at every length: incomplete, never a frame, never a throw', () => {
  fc.assert(
    fc.property(anyFrame, (written) => {
      const bytes = encodeFrame(written);
      for (let length = 0; length < bytes.length; length += 1) {
        expect(readFrame(bytes.subarray(0, length), 0)).toBe('incomplete');
      }
    }),
    { numRuns: 50 },
  );
});

test('random bytes never throw and are never a frame', () => {
  const magic = Buffer.from([0xf5, 0x4d, 0x4f, 0x46]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (random, withMagic) => {
      const bytes = withMagic ? Buffer.concat([magic, random]) : Buffer.from(random);
      for (let at = 0; at <= bytes.length; at += 1) expect(typeof readFrame(bytes, at)).toBe('string');
    }),
  );
});

test('meta cannot contain the magic, whatever it says', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(Buffer.from(text, 'utf8').includes(0xf5)).toBe(false);
    }),
  );
});

test('the header has the size that the format says', () => {
  expect(encodeFrame({ ...frame(1), meta: '' })).toHaveLength(FRAME_HEADER_BYTES);
});
