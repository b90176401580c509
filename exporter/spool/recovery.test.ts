import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Recovery, recoverSegments } from './recovery.js';
import { NewerSegmentError, SEGMENT_HEADER_BYTES, segmentName } from './segment.js';
import { FaultyFiles } from './testdata/faulty-files.js';
import { encodeFrame, encodeSegment, frame } from './testdata/frames.js';
import { cleanUp, flip, listOf, scratchFolder } from './testdata/toy-spool.js';

afterEach(cleanUp);

/** A data directory made by hand: what any history of crashes and damage may leave. */
class Disk {
  readonly root = scratchFolder();
  readonly directory = path.join(this.root, 'segments');
  readonly setAside = path.join(this.root, 'set-aside');
  readonly files = new FaultyFiles();

  constructor() {
    fs.mkdirSync(this.directory);
    fs.mkdirSync(this.setAside);
  }

  /** @returns the file, and where each frame ends */
  segment(first: number, previous: number, sequences: number[], tail: Buffer = Buffer.alloc(0)) {
    const { bytes, ends } = encodeSegment(
      first,
      previous,
      sequences.map((sequence) => frame(sequence)),
    );
    const file = path.join(this.directory, segmentName(first));
    fs.writeFileSync(file, Buffer.concat([bytes, tail]));
    return { file, ends };
  }

  async recover(after = 0, seen = after): Promise<Recovery & { visited: number[] }> {
    const visited: number[] = [];
    const { files, directory, setAside } = this;
    const visit = ({ sequence }: { sequence: number }) => visited.push(sequence);
    const recovery = await recoverSegments({ files, directory, setAside, after, seen, visit });
    return { ...recovery, visited };
  }

  /** As the next process does at its start, so that it can be recovered again. */
  startSegment({ lastSequence, nextSequence }: Recovery): void {
    this.segment(nextSequence, lastSequence, []);
  }

  get everything(): Record<string, string> {
    const files: Record<string, string> = {};
    for (const folder of ['segments', 'set-aside']) {
      for (const name of listOf(this.root, folder)) {
        files[`${folder}/${name}`] = fs.readFileSync(path.join(this.root, folder, name)).toString('hex');
      }
    }
    return files;
  }
}

const CLEAN = { cutBytes: 0, setAside: [], lost: [] };

test('an empty folder: a beginning', async () => {
  expect(await new Disk().recover()).toMatchObject({ ...CLEAN, visited: [], lastSequence: 0, nextSequence: 1 });
});

test('every frame behind the snapshot, in order, through all segments', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1, 2, 3]);
  disk.segment(4, 3, [4, 5]);
  disk.segment(6, 5, [6]);
  const before = disk.everything;
  for (let after = 0; after <= 6; after += 1) {
    const recovery = await disk.recover(after);
    expect(recovery, `after ${after}`).toMatchObject({ ...CLEAN, lastSequence: 6 });
    expect(recovery.visited).toEqual([1, 2, 3, 4, 5, 6].slice(after));
    expect(recovery.nextSequence).toBe(7);
    expect(recovery.segments.map(({ firstSequence, lastSequence }) => [firstSequence, lastSequence])).toEqual([
      [1, 3],
      [4, 5],
      [6, 6],
    ]);
  }
  expect(disk.everything).toEqual(before);
});

test('a segment that the snapshot covers is not even read', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1, 2, 3]);
  disk.segment(4, 3, [4, 5]);
  await disk.recover(3);
  expect(disk.files.count('read', segmentName(1))).toBe(0);
});

test('a torn tail, cut at every byte of the last frame, goes; the rest stays', async () => {
  const whole = new Disk();
  const { ends } = whole.segment(1, 0, [1, 2, 3]);
  for (let length = ends[1]! + 1; length < ends[2]!; length += 1) {
    const disk = new Disk();
    const { file } = disk.segment(1, 0, [1, 2, 3]);
    fs.truncateSync(file, length);
    const recovery = await disk.recover();
    expect(recovery).toMatchObject({ visited: [1, 2], lastSequence: 2, setAside: [], lost: [] });
    expect(recovery.cutBytes).toBe(length - ends[1]!);
    expect(recovery.nextSequence).toBeGreaterThan(3);
    expect(fs.statSync(file).size).toBe(ends[1]);
    // Once cut, it is cut.
    expect(await disk.recover()).toMatchObject({ ...CLEAN, visited: [1, 2] });
  }
});

test('frames that were recovered are synced: a killed process may have left them in memory alone', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1]);
  disk.segment(2, 1, [2]);
  await disk.recover();
  expect(disk.files.count('sync', segmentName(2))).toBe(1);
  expect(disk.files.count('sync', segmentName(1))).toBe(0);
});

test('a flipped bit in the middle: that frame is set aside and counted, once, and the others stay', async () => {
  const disk = new Disk();
  const { file, ends } = disk.segment(1, 0, [1, 2, 3]);
  flip(file, ends[0]! + 20);
  const bytes = fs.readFileSync(file);
  const first = await disk.recover();
  expect(first).toMatchObject({
    visited: [1, 3],
    lastSequence: 3,
    cutBytes: 0,
    setAside: [
      { file: path.join(disk.setAside, `${segmentName(1)}-${ends[0]}-${ends[1]}`), bytes: ends[1]! - ends[0]! },
    ],
    lost: [`${segmentName(1)}, bytes ${ends[0]} to ${ends[1]}: damaged`],
  });
  expect(fs.readFileSync(first.setAside[0]!.file).equals(bytes.subarray(ends[0], ends[1]))).toBe(true);
  expect(fs.statSync(first.setAside[0]!.file).mode & 0o777).toBe(0o600);
  disk.startSegment(first);
  // At the next start a snapshot covers it.
  expect(await disk.recover(3)).toMatchObject({ visited: [], setAside: [], lost: [] });
  // Without one it is lost again, but not set aside a second time.
  expect(await disk.recover()).toMatchObject({ visited: [1, 3], setAside: [], lost: first.lost });
});

test.each([
  { after: 0, lost: 1 },
  { after: 1, lost: 1 },
  { after: 2, lost: 0 },
  { after: 3, lost: 0 },
])('frame 2 is damaged and the snapshot covers up to $after: lost $lost', async ({ after, lost }) => {
  const disk = new Disk();
  const { file, ends } = disk.segment(1, 0, [1, 2, 3]);
  flip(file, ends[0]! + 20);
  expect((await disk.recover(after)).lost).toHaveLength(lost);
});

test('a copy to set aside that a crash left half written is written again', async () => {
  const disk = new Disk();
  const { file, ends } = disk.segment(1, 0, [1, 2, 3]);
  flip(file, ends[0]! + 20);
  const copy = path.join(disk.setAside, `${segmentName(1)}-${ends[0]}-${ends[1]}`);
  fs.writeFileSync(`${copy}.tmp`, 'half');
  expect((await disk.recover()).setAside).toHaveLength(1);
  expect(listOf(disk.root, 'set-aside')).toEqual([path.basename(copy)]);
});

test('every single flipped bit of a segment: what is left is right, and what may be missing is said', async () => {
  const disk = new Disk();
  const { file, ends } = disk.segment(1, 0, [1, 2, 3]);
  const whole = fs.readFileSync(file);
  for (let at = SEGMENT_HEADER_BYTES; at < whole.length; at += 1) {
    flip(file, at, at % 8);
    const recovery = await disk.recover();
    const hit = ends.findIndex((end) => at < end) + 1;
    expect(recovery.visited, `byte ${at}`).toEqual([1, 2, 3].filter((sequence) => sequence !== hit));
    expect(recovery.lost, `byte ${at}`).toHaveLength(1);
    expect(recovery.cutBytes, `byte ${at}`).toBe(0);
    expect(recovery.nextSequence).toBeGreaterThan(3);
    fs.writeFileSync(file, whole);
  }
});

test('a damaged header: the frames are all there, and the header is set aside', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1, 2]);
  const { file } = disk.segment(3, 2, [3, 4]);
  disk.segment(5, 4, [5]);
  flip(file, 20);
  const recovery = await disk.recover();
  expect(recovery).toMatchObject({ visited: [1, 2, 3, 4, 5], lastSequence: 5, lost: [] });
  expect(recovery.setAside).toEqual([{ file: path.join(disk.setAside, `${segmentName(3)}-0-48`), bytes: 48 }]);
  expect((await disk.recover()).setAside).toEqual([]);
});

test('a damaged header behind a missing segment does not hide that it is missing', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1, 2]);
  const { file } = disk.segment(6, 5, [6]);
  flip(file, 20);
  expect((await disk.recover()).lost).toEqual([`frames 3 to 5 before ${segmentName(6)} are missing`]);
  // Nor that the segments before the first one went with a snapshot that is no longer there.
  const trimmed = new Disk();
  flip(trimmed.segment(51, 50, [51]).file, 20);
  expect((await trimmed.recover()).lost).toHaveLength(1);
});

test('a missing segment in the middle', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1, 2]);
  disk.segment(5, 4, [5]);
  const recovery = await disk.recover();
  expect(recovery).toMatchObject({ visited: [1, 2, 5], lastSequence: 5, nextSequence: 6 });
  expect(recovery.lost).toEqual([`frames 3 to 4 before ${segmentName(5)} are missing`]);
  expect((await disk.recover(3)).lost).toEqual([`frames 4 to 4 before ${segmentName(5)} are missing`]);
  expect((await disk.recover(4)).lost).toEqual([]);
});

test('missing segments behind a snapshot', async () => {
  const disk = new Disk();
  const recovery = await disk.recover(70);
  expect(recovery).toMatchObject({ lastSequence: 70, nextSequence: 71 });
  expect(recovery.lost).toEqual(['all segments are missing, frames after 70 with them']);
});

test('a missing tail of the newest segment: at a frame border, below what the snapshot covers', async () => {
  const disk = new Disk();
  const { file, ends } = disk.segment(1, 0, [1, 2, 3]);
  fs.truncateSync(file, ends[1]!);
  const recovery = await disk.recover(3);
  expect(recovery).toMatchObject({ visited: [], lastSequence: 3, nextSequence: 4 });
  expect(recovery.lost).toEqual(['the newest segment ends at frame 2, before frame 3 that a snapshot covers']);
  disk.startSegment(recovery);
  expect((await disk.recover(3)).lost).toEqual([]);
});

test('a missing tail is noticed by a snapshot that is itself of no use any more', async () => {
  const disk = new Disk();
  const { file, ends } = disk.segment(1, 0, [1, 2, 3, 4]);
  fs.truncateSync(file, ends[2]!);
  // The one in use covers 2; a damaged one covered 4.
  const recovery = await disk.recover(2, 4);
  expect(recovery.visited).toEqual([3]);
  expect(recovery.lost).toHaveLength(1);
  expect(recovery.lastSequence).toBe(4);
  disk.startSegment(recovery);
  expect((await disk.recover(4)).lost).toEqual([]);
});

test('a damaged tail stays noticed, however recovery begins: its frames are never passed over later', async () => {
  const disk = new Disk();
  const { file } = disk.segment(1, 0, [1, 2, 3]);
  flip(file, -3);
  const recovery = await disk.recover();
  expect(recovery.lost).toHaveLength(1);
  disk.startSegment(recovery);
  expect((await disk.recover(recovery.lastSequence)).lost).toEqual([]);
  // The snapshot of the new epoch is damaged: counting from the start would continue the old one.
  expect((await disk.recover()).lost).toHaveLength(1);
});

test.each([0, 1, 11, 12, 47, 48])('a file of %i bytes that a crash left while making it goes', async (length) => {
  const disk = new Disk();
  disk.segment(1, 0, [1]);
  const file = path.join(disk.directory, segmentName(2));
  fs.writeFileSync(file, Buffer.alloc(length));
  expect(await disk.recover()).toMatchObject({ ...CLEAN, visited: [1], lastSequence: 1, nextSequence: 2 });
  expect(listOf(disk.root, 'segments')).toEqual([segmentName(1)]);
});

test('a segment without frames is no loss', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1]);
  disk.segment(2, 1, []);
  disk.segment(5, 1, []);
  const recovery = await disk.recover();
  expect(recovery).toMatchObject({ ...CLEAN, visited: [1], lastSequence: 1 });
  // Its name is taken.
  expect(recovery.nextSequence).toBeGreaterThan(5);
});

test('frames of a commit that failed are left in the old segment: they never counted', async () => {
  const disk = new Disk();
  // 3 and 4 were written, the sync failed, so did the truncate; the clients sent them again as 5 and 6.
  disk.segment(1, 0, [1, 2, 3, 4]);
  disk.segment(5, 2, [5, 6]);
  expect(await disk.recover()).toMatchObject({ ...CLEAN, visited: [1, 2, 5, 6], lastSequence: 6, nextSequence: 7 });
  expect(await disk.recover(2)).toMatchObject({ ...CLEAN, visited: [5, 6] });
});

test.each([
  ['torn', (end: Buffer) => end.subarray(0, 30)],
  ['damaged', (end: Buffer) => Buffer.concat([Buffer.from([1, 2, 3]), end])],
])('the end of a segment whose commit failed is %s: nothing that ever counted', async (_, tail) => {
  const disk = new Disk();
  disk.segment(1, 0, [1, 2], tail(encodeFrame(frame(3))));
  disk.segment(5, 2, [5]);
  expect(await disk.recover()).toMatchObject({ ...CLEAN, visited: [1, 2, 5] });
});

test('a commit that failed, and a crash while the next segment was made: nothing is lost', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1, 2], encodeFrame(frame(3)).subarray(0, 40));
  fs.writeFileSync(path.join(disk.directory, segmentName(4)), 'MOSPOOL');
  expect(await disk.recover()).toMatchObject({ visited: [1, 2], cutBytes: 40, setAside: [], lost: [] });
});

test('the next sequence is above everything ever seen, also what cannot be read', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1]);
  // Segments 2 to 99 are gone, and of the newest nothing can be read.
  const file = path.join(disk.directory, segmentName(100));
  fs.writeFileSync(file, Buffer.alloc(1000, 7));
  const recovery = await disk.recover();
  expect(recovery.nextSequence).toBeGreaterThan(100 + 19);
  disk.startSegment(recovery);
  expect((await disk.recover()).nextSequence).toBeGreaterThan(recovery.nextSequence);
  expect((await new Disk().recover(0, 500)).nextSequence).toBe(501);
});

test('nothing is changed on disk before all versions are known', async () => {
  const disk = new Disk();
  const { file } = disk.segment(1, 0, [1, 2]);
  fs.truncateSync(file, fs.statSync(file).size - 1);
  fs.writeFileSync(path.join(disk.directory, segmentName(3)), 'MOSPOOL');
  const newer = disk.segment(9, 2, [9]).file;
  const bytes = fs.readFileSync(newer);
  bytes.writeUInt32LE(2, 8);
  fs.writeFileSync(newer, bytes);
  const before = disk.everything;
  await expect(disk.recover()).rejects.toThrow(NewerSegmentError);
  expect(disk.everything).toEqual(before);
});

test('files that are not ours are left alone', async () => {
  const disk = new Disk();
  disk.segment(1, 0, [1]);
  fs.writeFileSync(path.join(disk.directory, 'notes.txt'), 'x');
  await disk.recover();
  expect(listOf(disk.root, 'segments')).toContain('notes.txt');
});
