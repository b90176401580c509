import * as fs from 'node:fs';
import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { FRAME_KINDS } from '../frame.js';
import { SEGMENT_HEADER_BYTES, segmentName } from '../segment.js';
import { encodeFrame, frame } from '../testdata/frames.js';
import { cleanUp, flip } from '../testdata/toy-spool.js';
import { readAll, sequencesOf } from './testdata/read-all.js';
import { SegmentFolder } from './testdata/segment-folder.js';

afterEach(cleanUp);

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

test('all that stands in a frame, notifications too', async () => {
  const folder = new SegmentFolder();
  const written = frame(1, Buffer.from('{"request":"😀"}'), '{"id":"漢"}');
  const notification = frame(2);
  notification.header.kind = FRAME_KINDS.notification;
  folder.segment(1, 0, [written, notification]);
  folder.durable.publish(2);
  const [call, other] = await readAll(folder.reader());
  expect(call).toMatchObject({ sequence: 1, arrival: 1_700_000_000_001, kind: FRAME_KINDS.call, meta: '{"id":"漢"}' });
  expect(call?.content?.toString()).toBe('{"request":"😀"}');
  expect(other).toMatchObject({ kind: FRAME_KINDS.notification, content: null, isContentDamaged: false });
});

test('from any position, through all segments, whatever the block: each frame once, in order', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, frame(2, Buffer.alloc(700, 7)), 3]);
  folder.segment(4, 3, [4, 5]);
  folder.segment(6, 5, [6]);
  folder.durable.publish(6);
  for (let position = 0; position <= 6; position += 1) {
    for (const blockBytes of [1, 49, 60, 100, 200, 1 << 20]) {
      const reader = folder.reader(position, { blockBytes });
      expect(sequencesOf(await readAll(reader)), `${position}, ${blockBytes}`).toEqual(range(position + 1, 6));
      expect(folder.words.get('missing')).toBe(0);
      await reader.close();
    }
  }
  expect(folder.files.count('open')).toBe(folder.files.count('close'));
});

test('no frame above what is durable, though it stands in the file; and those that follow, once they are', async () => {
  const folder = new SegmentFolder();
  const { file, ends } = folder.segment(1, 0, [1, 2, 3, 4], encodeFrame(frame(5)).subarray(0, 30));
  const reader = folder.reader();
  expect(await reader.read()).toBeNull();
  folder.durable.publish(2);
  expect(sequencesOf(await readAll(reader))).toEqual([1, 2]);
  folder.durable.publish(3);
  expect(sequencesOf(await readAll(reader))).toEqual([3]);
  // The torn one becomes whole, and one follows.
  fs.truncateSync(file, ends[3]!);
  fs.appendFileSync(file, Buffer.concat([encodeFrame(frame(5)), encodeFrame(frame(6))]));
  folder.durable.publish(6);
  expect(sequencesOf(await readAll(reader))).toEqual([4, 5, 6]);
});

test('a frame cut anywhere when it was first looked at is read whole later', async () => {
  const whole = encodeFrame(frame(2, Buffer.alloc(40, 1)));
  for (let cut = 0; cut < whole.length; cut += 1) {
    const folder = new SegmentFolder();
    const { file } = folder.segment(1, 0, [1], whole.subarray(0, cut));
    folder.durable.publish(1);
    const reader = folder.reader(0, { blockBytes: 1 << 16 });
    expect(sequencesOf(await readAll(reader))).toEqual([1]);
    fs.appendFileSync(file, whole.subarray(cut));
    folder.durable.publish(2);
    expect(sequencesOf(await readAll(reader)), `cut at ${cut}`).toEqual([2]);
    await reader.close();
  }
});

test('a segment that begins while the last one is read', async () => {
  const folder = new SegmentFolder();
  const { file } = folder.segment(1, 0, [1]);
  folder.durable.publish(1);
  const reader = folder.reader();
  expect(sequencesOf(await readAll(reader))).toEqual([1]);
  fs.appendFileSync(file, encodeFrame(frame(2)));
  // Its header is not written yet, and nothing in it is durable.
  fs.writeFileSync(folder.file(3), 'MOSP');
  folder.durable.publish(2);
  expect(sequencesOf(await readAll(reader))).toEqual([2]);
  folder.segment(3, 2, [3]);
  folder.durable.publish(3);
  expect(sequencesOf(await readAll(reader))).toEqual([3]);
});

test('frames of a commit that failed are not read, and the sequences that they had are not missing', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, 2, 3, 4]);
  folder.segment(5, 2, []);
  folder.segment(7, 2, [7, 8], encodeFrame(frame(9)).subarray(0, 50));
  folder.segment(12, 8, [12]);
  folder.durable.publish(12);
  expect(sequencesOf(await readAll(folder.reader()))).toEqual([1, 2, 7, 8, 12]);
  expect(folder.words.get('missing')).toBe(0);
});

test.each([1, 60, 1 << 20])(
  'damage is passed over as recovery does it, and counted: blocks of %i bytes',
  async (blockBytes) => {
    const folder = new SegmentFolder();
    const quoted = encodeFrame(frame(900));
    const { file, ends } = folder.segment(1, 0, [1, frame(2, Buffer.concat([quoted, encodeFrame(frame(1))])), 3, 4, 5]);
    folder.segment(6, 5, [6]);
    folder.durable.publish(6);
    flip(file, ends[0]! + 25);
    flip(file, ends[2]! + 9);
    const reader = folder.reader(0, { blockBytes });
    expect(sequencesOf(await readAll(reader))).toEqual([1, 3, 5, 6]);
    expect(folder.words.get('missing')).toBe(2);
  },
);

test('every single flipped bit of header or meta: the others are read, and one is missing', async () => {
  const folder = new SegmentFolder();
  const { file, ends } = folder.segment(1, 0, [1, 2, 3]);
  folder.segment(4, 3, [4]);
  folder.durable.publish(4);
  const whole = fs.readFileSync(file);
  for (let at = SEGMENT_HEADER_BYTES; at < whole.length; at += 1) {
    flip(file, at, at % 8);
    const hit = ends.findIndex((end) => at < end) + 1;
    const reader = folder.reader();
    expect(sequencesOf(await readAll(reader)), `byte ${at}`).toEqual([1, 2, 3, 4].filter((each) => each !== hit));
    expect(folder.words.get('missing'), `byte ${at}`).toBe(1);
    await reader.close();
    fs.writeFileSync(file, whole);
  }
});

test('damage at the end of the open segment: what follows it is read once it is durable', async () => {
  const folder = new SegmentFolder();
  const { file, ends } = folder.segment(1, 0, [1, 2]);
  flip(file, ends[0]! + 25);
  folder.durable.publish(2);
  const reader = folder.reader();
  expect(sequencesOf(await readAll(reader))).toEqual([1]);
  fs.appendFileSync(file, encodeFrame(frame(3)));
  folder.durable.publish(3);
  const again = folder.reader(1);
  expect(sequencesOf(await readAll(again))).toEqual([3]);
  expect(folder.words.get('missing')).toBe(1);
});

test('damaged content is told apart from none; meta is read all the same', async () => {
  const folder = new SegmentFolder();
  const { file, ends } = folder.segment(1, 0, [frame(1, Buffer.from('abc')), frame(2, Buffer.from('def'))]);
  folder.durable.publish(2);
  flip(file, ends[0]! - 1);
  expect(await readAll(folder.reader())).toMatchObject([
    { sequence: 1, meta: '{"id":"r1"}', content: null, isContentDamaged: true },
    { sequence: 2, content: Buffer.from('def'), isContentDamaged: false },
  ]);
});

test('a damaged header of a segment, and a damaged end of the log that a restart has gone on behind', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, 2]);
  flip(folder.segment(3, 2, [3, 4]).file, 20);
  flip(folder.segment(5, 4, [5, 6]).file, -3);
  folder.segment(9, 7, [9]);
  folder.durable.publish(9);
  expect(sequencesOf(await readAll(folder.reader()))).toEqual([1, 2, 3, 4, 5, 9]);
  // 6, and 7 for which there was room.
  expect(folder.words.get('missing')).toBe(2);
});

test('a missing segment is counted, however the reader comes to it', async () => {
  const folder = new SegmentFolder();
  folder.segment(3, 2, [3]);
  folder.segment(7, 6, [7]);
  folder.durable.publish(7);
  expect(sequencesOf(await readAll(folder.reader()))).toEqual([3, 7]);
  expect(folder.words.get('missing')).toBe(2 + 3);
  expect(sequencesOf(await readAll(folder.reader(4)))).toEqual([7]);
  expect(folder.words.get('missing')).toBe(2);
});

test('what was skipped is passed over, whether it is there or not, and is not missing', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, 2, 3]);
  folder.segment(10, 9, [10, 11]);
  folder.durable.publish(11);
  expect(sequencesOf(await readAll(folder.reader(0, { skipped: [[1, 9]] })))).toEqual([1, 10, 11]);
  expect(folder.words.get('missing')).toBe(0);
  expect(
    sequencesOf(
      await readAll(
        folder.reader(0, {
          skipped: [
            [1, 2],
            [4, 10],
          ],
        }),
      ),
    ),
  ).toEqual([1, 3, 11]);
  expect(folder.words.get('missing')).toBe(1);
});

test('a segment that goes while it is read, or between the listing and the opening', async () => {
  const folder = new SegmentFolder();
  const { file } = folder.segment(1, 0, [1, 2, 3, 4]);
  folder.segment(5, 4, [5]);
  folder.segment(6, 5, [6]);
  folder.durable.publish(6);
  const reader = folder.reader(0, { blockBytes: 1 });
  expect(sequencesOf((await reader.read())!.frames)).toEqual([1]);
  // The open file stays to be read.
  fs.rmSync(file);
  expect(sequencesOf((await reader.read())!.frames)).toEqual([2]);
  // Skipped by the thread that commits, and deleted.
  expect(folder.words.skip(5)).toBe(2);
  fs.rmSync(folder.file(5));
  expect(sequencesOf(await readAll(reader))).toEqual([6]);
  expect(folder.words.get('missing')).toBe(0);
});

test('what is skipped while a block is read is not handed out', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, 2, 3]);
  folder.segment(4, 3, [4, 5]);
  folder.durable.publish(5);
  const reader = folder.reader(0, { blockBytes: 1 << 20 });
  const hold = folder.files.hold('readAt');
  const reading = reader.read();
  await hold.arrived;
  expect(folder.words.skip(2)).toBe(0);
  hold.release();
  expect(sequencesOf((await reading)!.frames)).toEqual([3]);
  // And what a reader has cannot be skipped any more.
  expect(folder.words.skip(3)).toBeNull();
  expect(folder.words.skip(4)).toBe(3);
  expect(sequencesOf(await readAll(reader))).toEqual([5]);
});

test('frames that are too old are passed over and counted, once they are acknowledged', async () => {
  const folder = new SegmentFolder();
  const notification = frame(2);
  notification.header.kind = FRAME_KINDS.notification;
  const frames = [frame(1), notification, frame(3), frame(4)];
  folder.segment(1, 0, frames);
  folder.durable.publish(4);
  // Frames arrive 1 ms after each other; it is 997 ms after the third.
  const reader = folder.reader(0, { budgetAgeMs: 997, blockBytes: 1 << 20 });
  const batch = await reader.read();
  expect(sequencesOf(batch!.frames)).toEqual([3, 4]);
  expect(folder.words.get('agedRecords')).toBe(0);
  reader.advance(4);
  expect(folder.words.get('agedRecords')).toBe(2);
  expect(folder.words.get('agedBytes')).toBe(encodeFrame(frames[0]!).length + encodeFrame(notification).length);
});

test('only frames too old: the position moves on all the same', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, 2]);
  folder.durable.publish(2);
  const reader = folder.reader(0, { budgetAgeMs: 10 });
  expect(await readAll(reader)).toEqual([]);
  expect(folder.words.get('position')).toBe(2);
  expect(folder.words.get('agedRecords')).toBe(2);
});

test('an error of the disk is thrown, and the next call goes on where it happened', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, 2]);
  folder.segment(3, 2, [3]);
  folder.durable.publish(3);
  const reader = folder.reader(0, { blockBytes: 1 });
  for (const operation of ['list', 'readHead', 'open', 'readAt'] as const) {
    folder.files.fail(operation, 'EIO');
    await expect(reader.read(), operation).rejects.toThrow('EIO');
  }
  expect(sequencesOf(await readAll(reader))).toEqual([1, 2, 3]);
  expect(folder.words.get('missing')).toBe(0);
});

test('an error behind a gap: the gap is told with what comes next', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1]);
  folder.segment(5, 4, [5]);
  folder.durable.publish(5);
  const reader = folder.reader();
  reader.advance((await reader.read())!.upTo);
  folder.files.fail('readAt', 'EIO', segmentName(5));
  await expect(reader.read()).rejects.toThrow('EIO');
  expect(() => reader.advance(4)).toThrow(RangeError);
  expect(sequencesOf(await readAll(reader))).toEqual([5]);
  expect(folder.words.get('missing')).toBe(3);
});

test('what was not read cannot be acknowledged', async () => {
  const folder = new SegmentFolder();
  folder.segment(1, 0, [1, 2]);
  folder.durable.publish(2);
  const reader = folder.reader(0, { blockBytes: 1 });
  await reader.read();
  expect(() => reader.advance(2)).toThrow('Cursor toy has read up to 1, not to 2');
});

test('a length that damage has made up costs no more memory than the file has', async () => {
  const folder = new SegmentFolder();
  const { file, ends } = folder.segment(1, 0, [1, 2, 3]);
  folder.segment(4, 3, [4]);
  const bytes = fs.readFileSync(file);
  // Both lengths of the second frame: 400 MiB.
  bytes.writeUInt32LE(400 << 20, ends[0]! + 8);
  bytes.writeUInt32LE(399 << 20, ends[0]! + 16);
  fs.writeFileSync(file, bytes);
  folder.durable.publish(4);
  const before = process.memoryUsage().arrayBuffers;
  const frames = await readAll(folder.reader(0, { blockBytes: 64 }));
  expect(sequencesOf(frames)).toEqual([1, 3, 4]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
});

test('a long backlog is read in the memory of a block', async () => {
  const folder = new SegmentFolder();
  const content = Buffer.alloc(30_000, 65);
  for (let first = 1; first <= 2000; first += 200) {
    folder.segment(
      first,
      first - 1,
      range(first, first + 199).map((sequence) => frame(sequence, content)),
    );
  }
  folder.durable.publish(2000);
  const reader = folder.reader(0, { blockBytes: 1 << 20 });
  let expected = 1;
  let most = 0;
  for (let batch = await reader.read(); batch !== null; batch = await reader.read()) {
    let bytes = 0;
    for (const { sequence, content: found } of batch.frames) {
      expect(sequence).toBe(expected);
      expected += 1;
      bytes += found!.length;
    }
    most = Math.max(most, bytes);
    reader.advance(batch.upTo);
  }
  expect(expected).toBe(2001);
  expect(most).toBeLessThanOrEqual(1 << 20);
});

test('any frames, any blocks, any growth of the log: all of them, in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          content: fc.option(fc.nat(500), { nil: null }),
          rotate: fc.boolean(),
          jump: fc.nat(3),
          read: fc.boolean(),
        }),
        { maxLength: 20 },
      ),
      fc.constantFrom(1, 64, 150, 4096),
      async (steps, blockBytes) => {
        const folder = new SegmentFolder();
        const reader = folder.reader(0, { blockBytes });
        const written: number[] = [];
        const found: number[] = [];
        let file = folder.segment(1, 0, []).file;
        let next = 1;
        for (const { content, rotate, jump, read } of steps) {
          if (rotate) {
            next += jump;
            file = folder.segment(next, written.at(-1) ?? 0, []).file;
          }
          fs.appendFileSync(file, encodeFrame(frame(next, content === null ? null : Buffer.alloc(content, 0xf5))));
          written.push(next);
          folder.durable.publish(next);
          next += 1;
          if (read) found.push(...sequencesOf(await readAll(reader)));
        }
        found.push(...sequencesOf(await readAll(reader)));
        expect(found).toEqual(written);
        expect(folder.words.get('missing')).toBe(0);
        await reader.close();
      },
    ),
    { numRuns: 60 },
  );
});
