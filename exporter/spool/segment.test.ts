import * as fs from 'node:fs';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentIntact, FRAME_KINDS, FRAME_MAGIC, type Frame } from './frame.js';
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  isSegmentName,
  NewerSegmentError,
  SEGMENT_HEADER_BYTES,
  SEGMENT_VERSION,
  scanSegment,
  segmentName,
} from './segment.js';
import { encodeFrame, encodeSegment, type FrameToWrite, frame } from './testdata/frames.js';

const GOLDEN = new URL('testdata/segment-v1.seg', import.meta.url);

/** The frames of the golden segment. Never to be changed: segments like it are on users' disks. */
const GOLDEN_FRAMES: FrameToWrite[] = [
  {
    header: { kind: FRAME_KINDS.call, sequence: 41, arrival: 1_767_225_600_123, hashLow: 0x89abcdef, hashHigh: 1 },
    meta: '{"id":"golden-1","model":"模型 😀"}',
    content: null,
  },
  {
    header: { kind: FRAME_KINDS.call, sequence: 42, arrival: 1_767_225_600_123, hashLow: 0, hashHigh: 0xffffffff },
    meta: '{"id":"golden-2"}',
    // Content that quotes a magic.
    content: Buffer.concat([Buffer.from([0, 255]), FRAME_MAGIC, Buffer.from('{"messages":[]}')]),
  },
  {
    header: { kind: FRAME_KINDS.notification, sequence: 43, arrival: 1_767_225_601_000, hashLow: 7, hashHigh: 0 },
    meta: '{"id":"golden-3"}',
    content: null,
  },
];
const GOLDEN_HEADER = { version: 1, firstSequence: 41, previousSequence: 40, created: 1_767_225_600_000 };

function scanned(bytes: Buffer) {
  const frames: Frame[] = [];
  return { ...scanSegment(bytes, (found) => frames.push(found)), found: frames };
}

test('golden: the segment of format version 1 reads back exactly, for ever', () => {
  const bytes = fs.readFileSync(GOLDEN);
  expect(decodeSegmentHeader(bytes, 'golden')).toEqual(GOLDEN_HEADER);
  const scan = scanned(bytes);
  expect(scan).toMatchObject({ frames: 3, firstSequence: 41, lastSequence: 43, damaged: [], tornTail: false });
  scan.found.forEach((found, index) => {
    const { header, meta, content } = GOLDEN_FRAMES[index]!;
    expect(found).toMatchObject(header);
    expect(bytes.toString('utf8', found.metaStart, found.metaEnd)).toBe(meta);
    expect(bytes.subarray(found.metaEnd, found.end).equals(content ?? Buffer.alloc(0))).toBe(true);
    expect(contentIntact(bytes, found)).toBe(true);
  });
});

test('golden: the same frames are written as the very same bytes', () => {
  const written = Buffer.concat([encodeSegmentHeader(GOLDEN_HEADER), ...GOLDEN_FRAMES.map(encodeFrame)]);
  // How the file was made, once: fs.writeFileSync(GOLDEN, written).
  expect(written.equals(fs.readFileSync(GOLDEN))).toBe(true);
});

test('each intact frame is found once, in order, whatever is damaged around it', () => {
  const scenario = fc.record({
    contents: fc.array(fc.option(fc.uint8Array({ maxLength: 60 }), { nil: null }), { minLength: 1, maxLength: 12 }),
    hits: fc.array(fc.record({ at: fc.nat(), xor: fc.integer({ min: 1, max: 255 }) }), { maxLength: 8 }),
    cut: fc.option(fc.nat(400), { nil: 0 }),
  });
  fc.assert(
    fc.property(scenario, ({ contents, hits, cut }) => {
      const { bytes: whole, ends } = encodeSegment(
        11,
        10,
        contents.map((content, index) => frame(11 + index, content)),
      );
      const intact = scanned(whole).found;
      const damagedAt = new Set<number>();
      for (const { at, xor } of hits) {
        const place = SEGMENT_HEADER_BYTES + (at % (whole.length - SEGMENT_HEADER_BYTES));
        if (damagedAt.has(place)) continue;
        damagedAt.add(place);
        whole[place] = whole[place]! ^ xor;
      }
      const bytes = whole.subarray(0, Math.max(SEGMENT_HEADER_BYTES, whole.length - (cut ?? 0)));
      const unharmed = intact.filter(
        ({ start, metaEnd, end }) => end <= bytes.length && ![...damagedAt].some((at) => at >= start && at < metaEnd),
      );
      const scan = scanned(bytes);
      expect(scan.found.map(({ sequence }) => sequence)).toEqual(unharmed.map(({ sequence }) => sequence));
      expect(scan.found.map(({ start }) => start)).toEqual(unharmed.map(({ start }) => start));
      // Frames and damaged ranges together are the whole file.
      const covered = [...scan.found.map(({ start, end }) => ({ start, end })), ...scan.damaged];
      let at = SEGMENT_HEADER_BYTES;
      for (const { start, end } of covered.sort((a, b) => a.start - b.start)) {
        expect(start).toBe(at);
        at = end;
      }
      expect(at).toBe(bytes.length);
      expect(scan.intactEnd).toBe(unharmed.at(-1)?.end ?? SEGMENT_HEADER_BYTES);
      for (const { start, end, after, before } of scan.damaged) {
        const lost = ends.flatMap((frameEnd, index) => (frameEnd > start && frameEnd <= end ? [11 + index] : []));
        for (const sequence of lost) {
          expect(sequence).toBeGreaterThan(after ?? 10);
          expect(sequence).toBeLessThan(before ?? Number.POSITIVE_INFINITY);
        }
      }
    }),
    { numRuns: 400 },
  );
});

test('whole frames that content quotes are not counted when the frame around them is damaged', () => {
  const forged = encodeFrame(frame(7, null, '{"id":"forged"}'));
  const { bytes, ends } = encodeSegment(101, 100, [frame(101), frame(102, forged), frame(103)]);
  bytes[ends[0]! + 30] = bytes[ends[0]! + 30]! ^ 1;
  const scan = scanned(bytes);
  expect(scan.found.map(({ sequence }) => sequence)).toEqual([101, 103]);
  expect(scan.damaged).toEqual([{ start: ends[0], end: ends[1], after: 101, before: 103 }]);
});

test('content full of magic bytes costs no time and fools nobody', () => {
  const content = Buffer.alloc(2_000_000);
  for (let at = 0; at + 48 <= content.length; at += 48) {
    FRAME_MAGIC.copy(content, at);
    content.writeUInt32LE(content.length - at, at + 8);
    content.writeUInt32LE(content.length - at - 48, at + 16);
  }
  const { bytes, ends } = encodeSegment(1, 0, [frame(1, content), frame(2)]);
  bytes[SEGMENT_HEADER_BYTES + 5] = bytes[SEGMENT_HEADER_BYTES + 5]! ^ 1;
  const began = performance.now();
  const scan = scanned(bytes);
  // Checksums of all that the quoted headers claim would be 40 GB of work.
  expect(performance.now() - began).toBeLessThan(2000);
  expect(scan.found.map(({ start, sequence }) => [start, sequence])).toEqual([[ends[0], 2]]);
});

test('a tail cut at every length is torn; a damaged one is not', () => {
  const { bytes, ends } = encodeSegment(1, 0, [frame(1), frame(2, Buffer.from('x'))]);
  for (let length = ends[0]! + 1; length < bytes.length; length += 1) {
    expect(scanned(bytes.subarray(0, length)), `${length}`).toMatchObject({
      frames: 1,
      tornTail: true,
      intactEnd: ends[0],
    });
  }
  for (let at = ends[0]!; at < bytes.length - 1; at += 1) {
    bytes[at] = bytes[at]! ^ 1;
    expect(scanned(bytes), `${at}`).toMatchObject({ frames: 1, tornTail: false });
    bytes[at] = bytes[at]! ^ 1;
  }
});

test('a tail of zeros, as a file system leaves them after a power failure, is torn', () => {
  const { bytes } = encodeSegment(1, 0, [frame(1)]);
  const scan = scanned(Buffer.concat([bytes, Buffer.alloc(5000)]));
  expect(scan).toMatchObject({ frames: 1, tornTail: true, intactEnd: bytes.length });
});

test('header: any flipped bit is noticed, and none but in the version is taken for another version', () => {
  const bytes = encodeSegmentHeader({
    version: SEGMENT_VERSION,
    firstSequence: 2 ** 40,
    previousSequence: 3,
    created: 4,
  });
  for (let bit = 0; bit < SEGMENT_HEADER_BYTES * 8; bit += 1) {
    const at = bit >> 3;
    bytes[at] = bytes[at]! ^ (1 << (bit & 7));
    if (at >= 8 && at < 12) {
      // Version 0 never was; anything above is for a newer program to say.
      if (bytes.readUInt32LE(8) > SEGMENT_VERSION) {
        expect(() => decodeSegmentHeader(bytes, 'f')).toThrow(NewerSegmentError);
      } else expect(decodeSegmentHeader(bytes, 'f')).toBeNull();
    } else expect(decodeSegmentHeader(bytes, 'f'), `bit ${bit}`).toBeNull();
    bytes[at] = bytes[at]! ^ (1 << (bit & 7));
  }
  for (let length = 0; length < bytes.length; length += 1) {
    expect(decodeSegmentHeader(bytes.subarray(0, length), 'f')).toBeNull();
  }
});

test('a newer version is refused, even where the rest of the header is of another shape', () => {
  const head = Buffer.alloc(12);
  head.write('MOSPOOL\n', 'latin1');
  head.writeUInt32LE(SEGMENT_VERSION + 1, 8);
  expect(() => decodeSegmentHeader(head, '/data/x.seg')).toThrow(
    '/data/x.seg has format version 2; this program reads up to 1. It was written by a newer Model Observation: ' +
      'start that version again, or a later one.',
  );
});

test('names sort as their sequences do', () => {
  const names = [1, 9, 10, 99_999, 2 ** 32, Number.MAX_SAFE_INTEGER].map(segmentName);
  expect([...names].sort()).toEqual(names);
  expect(names.every(isSegmentName)).toBe(true);
  expect(['1.seg', '0000000000000001.seg.tmp', 'lock.sock'].some(isSegmentName)).toBe(false);
});
