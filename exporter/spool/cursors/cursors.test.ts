import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ArrivalClock } from '../arrival-clock.js';
import { FRAME_KINDS } from '../frame.js';
import { segmentName } from '../segment.js';
import type { SpoolOptions } from '../spool.js';
import { FaultyFiles } from '../testdata/faulty-files.js';
import { cleanUp, flip, listOf, ToySpool } from '../testdata/toy-spool.js';
import { FrameReader } from './frame-reader.js';
import { idsOf, readAll, sequencesOf } from './testdata/read-all.js';

afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

const NO_BUDGET = { budgetBytes: Number.POSITIVE_INFINITY, budgetAgeMs: Number.POSITIVE_INFINITY };
const LOGS = { name: 'logs', ...NO_BUDGET };

/** Two frames a segment; the timers stand still. */
async function open(
  dataDir?: string,
  options: Pick<Partial<SpoolOptions<string>>, 'clock' | 'cursors' | 'segmentBytes' | 'freeDiskReserveBytes'> & {
    files?: FaultyFiles;
  } = {},
): Promise<ToySpool> {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  return ToySpool.open(dataDir, { segmentBytes: 150, cursors: [LOGS], ...options });
}

/** What the timer does each second. */
const second = () => vi.advanceTimersByTimeAsync(1000).then(() => settled());
/** Files are written by real threads, which fake timers do not wait for. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Snapshots that cover all but the last record. */
async function cover(toy: ToySpool): Promise<void> {
  await toy.spool.snapshot();
  await toy.send(`cover-${toy.spool.state.durableSequence}`);
  await toy.spool.snapshot();
}

const segmentsOf = (toy: ToySpool) => toy.list('segments').map((name) => Number.parseInt(name, 10));
const savedIn = (dataDir: string) =>
  JSON.parse(fs.readFileSync(path.join(dataDir, 'cursors', 'logs'), 'utf8').slice(9)) as Record<string, unknown>;

test('a segment stays until the snapshots cover it and the cursor has passed it', async () => {
  const toy = await open();
  await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1');
  await second();
  expect(segmentsOf(toy)).toEqual([1, 3, 5]);
  await cover(toy);
  expect(segmentsOf(toy)).toEqual([1, 3, 5]);

  const cursor = toy.spool.cursor('logs');
  cursor.advance(3);
  expect(segmentsOf(toy)).toEqual([1, 3, 5]);
  await second();
  expect(segmentsOf(toy)).toEqual([3, 5]);
  cursor.advance(4);
  await second();
  expect(segmentsOf(toy)).toEqual([5]);
  // The other way round: passed, and not covered.
  await toy.sendEach('d1', 'd2', 'd3');
  cursor.advance(toy.spool.state.durableSequence);
  await second();
  expect(segmentsOf(toy)).toEqual([5, 7, 9]);
});

test('the position is saved at most once a second, when there is progress, and at the stop', async () => {
  const toy = await open();
  await toy.sendEach('a', 'b', 'c');
  await second();
  const before = toy.files.count('rename', 'logs');
  toy.spool.cursor('logs').advance(1);
  toy.spool.cursor('logs').advance(2);
  await second();
  await second();
  expect(toy.files.count('rename', 'logs')).toBe(before + 1);
  expect(savedIn(toy.dataDir).position).toBe(2);
  expect(fs.statSync(path.join(toy.dataDir, 'cursors', 'logs')).mode & 0o777).toBe(0o600);
  toy.spool.cursor('logs').advance(3);
  await toy.close();
  expect(savedIn(toy.dataDir).position).toBe(3);
  expect(toy.files.done.slice(-40).join('\n')).toMatch(
    /sync logs\.tmp\n(.*\n)*rename logs\.tmp\n(.*\n)*syncDirectory cursors/,
  );
});

test('kill -9: reading goes on at the saved position; what came behind it is read again', async () => {
  const toy = await open();
  await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1', 'c2');
  const reader = new FrameReader(toy.spool.cursor('logs').attach(), { blockBytes: 1 });
  for (let frames = 0; frames < 3; frames += 1) reader.advance((await reader.read())!.upTo);
  await second();
  reader.advance((await reader.read())!.upTo);
  await reader.read();
  await reader.close();

  const again = await open(toy.crash());
  expect(again.spool.cursor('logs')).toMatchObject({ position: 3, lag: { frames: 3 } });
  expect(again.cursorNews).toEqual([]);
  const rest = new FrameReader(again.spool.cursor('logs').attach());
  expect(idsOf(await readAll(rest))).toEqual(['b2', 'c1', 'c2']);
  expect(again.spool.cursor('logs')).toMatchObject({ position: 6, lag: { frames: 0, bytes: 0, ageMs: 0 } });
  await rest.close();
});

test('a reader that takes the place of another one begins at the position', async () => {
  const toy = await open();
  await toy.sendEach('a', 'b', 'c');
  const cursor = toy.spool.cursor('logs');
  const first = new FrameReader(cursor.attach(), { blockBytes: 1 });
  first.advance((await first.read())!.upTo);
  await first.read();
  const second = new FrameReader(cursor.attach());
  // The one before may still be alive: it has no say any more.
  first.advance(2);
  expect(cursor.position).toBe(1);
  expect(idsOf(await readAll(second))).toEqual(['b', 'c']);
  await first.close();
  await second.close();
});

test.each([
  ['damaged', (file: string) => flip(file, 20), 'the checksum does not match'],
  ['cut', (file: string) => fs.truncateSync(file, 15), 'the checksum does not match'],
  ['empty', (file: string) => fs.writeFileSync(file, ''), 'the checksum does not match'],
])('a %s file of a cursor: it begins at the oldest segment, and says so', async (_, harm, reason) => {
  const toy = await open();
  await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1');
  await cover(toy);
  toy.spool.cursor('logs').advance(4);
  await second();
  await second();
  expect(segmentsOf(toy)).toEqual([5]);
  const dataDir = toy.crash();
  harm(path.join(dataDir, 'cursors', 'logs'));
  const again = await open(dataDir);
  expect(again.cursorNews).toEqual([`logs: at 4, ${path.join(dataDir, 'cursors', 'logs')}: ${reason}`]);
  expect(again.spool.cursor('logs').position).toBe(4);
  await second();
  expect((await open(again.crash())).cursorNews).toEqual([]);
});

test('a position behind the end of the log, as after the loss of a volume: nothing that is to come is passed over', async () => {
  const toy = await open();
  await toy.sendEach('a', 'b', 'c');
  toy.spool.cursor('logs').advance(3);
  await toy.close();
  for (const folder of ['segments', 'snapshots']) {
    for (const name of toy.list(folder as 'segments')) fs.rmSync(path.join(toy.dataDir, folder, name));
  }
  const again = await open(toy.dataDir);
  expect(again.cursorNews).toEqual(['logs: at 0, it was behind frame 3, and the log ends at frame 0']);
  await again.send('d');
  const reader = new FrameReader(again.spool.cursor('logs').attach());
  expect(idsOf(await readAll(reader))).toEqual(['d']);
  await reader.close();
});

test('a cursor that is not wanted any more holds no segments, and its file goes', async () => {
  const toy = await open();
  await toy.sendEach('a1', 'a2', 'b1');
  await cover(toy);
  await second();
  expect(segmentsOf(toy)[0]).toBe(1);
  const again = await open(toy.crash(), { cursors: [] });
  expect(again.cursorNews).toEqual(['logs: removed']);
  expect(again.list('cursors')).toEqual([]);
  await cover(again);
  expect(segmentsOf(again)[0]).not.toBe(1);
  expect(again.spool.state.cursorLags).toEqual({ snapshot: 0 });
  expect(() => again.spool.cursor('logs')).toThrow('The spool was opened without a cursor logs');
});

test('names that cannot be a file are refused', async () => {
  for (const name of ['', '../x', 'a.tmp', 'A', '9']) {
    await expect(open(undefined, { cursors: [{ ...LOGS, name }] })).rejects.toThrow(RangeError);
  }
});

test('over the budget of bytes: whole segments are skipped, the oldest first, and counted exactly', async () => {
  const toy = await open(undefined, { cursors: [{ ...LOGS, budgetBytes: 400 }] });
  await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1', 'd2', 'e1');
  const sizes = toy.list('segments').map((name) => fs.statSync(path.join(toy.dataDir, 'segments', name)).size);
  await second();
  const [skip] = toy.skips;
  expect(toy.skips).toHaveLength(1);
  expect(skip).toMatchObject({ cursor: 'logs', reason: 'bytes', segments: 3, records: 6 });
  // Without the headers of the segments.
  expect(skip!.bytes).toBe(sizes.slice(0, 3).reduce((sum, size) => sum + size - 48, 0));
  expect(toy.spool.cursor('logs')).toMatchObject({ position: 6, skipped: { bytes: { segments: 3, records: 6 } } });
  await second();
  expect(toy.skips).toHaveLength(1);
  await cover(toy);
  expect(segmentsOf(toy)).toEqual([7, 9]);
  const reader = new FrameReader(toy.spool.cursor('logs').attach());
  expect(idsOf(await readAll(reader))).toEqual(['d1', 'd2', 'e1', 'cover-9']);
  await reader.close();
});

test('notifications that are skipped count with the calls: they are missing in the logs too', async () => {
  const toy = await open(undefined, { cursors: [{ ...LOGS, budgetBytes: 0 }] });
  await toy.spool.append(FRAME_KINDS.notification, toy.clock.now(), 1, 1, '{"id":"n"}', null, 'n').durable;
  await toy.sendEach('a', 'b', 'c');
  await second();
  expect(toy.skips).toMatchObject([{ segments: 1, records: 2 }]);
});

test('what the reader has is not skipped: it is delivered, and the count says so', async () => {
  const toy = await open(undefined, { cursors: [{ ...LOGS, budgetBytes: 0 }] });
  await toy.sendEach('a1', 'a2');
  const reader = new FrameReader(toy.spool.cursor('logs').attach(), { blockBytes: 1 });
  const batch = await reader.read();
  expect(idsOf(batch!.frames)).toEqual(['a1']);
  await toy.sendEach('b1', 'b2', 'c1');
  await second();
  expect(toy.skips).toMatchObject([{ segments: 2, records: 3 }]);
  // The first segment stays for a start after a crash, until its frame is acknowledged.
  await cover(toy);
  expect(segmentsOf(toy)).toEqual([1, 5]);
  const left = toy.crash();
  reader.advance(batch!.upTo);
  expect(toy.spool.cursor('logs').position).toBe(4);
  await second();
  expect(segmentsOf(toy)).toEqual([5]);
  expect(idsOf(await readAll(reader))).toEqual(['c1', 'cover-5']);
  await reader.close();

  const again = await open(left);
  expect(again.spool.cursor('logs').skipped.bytes.records).toBe(3);
  const reread = new FrameReader(again.spool.cursor('logs').attach());
  // What was counted as skipped stays skipped, though the segment with it is still there.
  expect(idsOf(await readAll(reread))).toEqual(['a1', 'c1', 'cover-5']);
  await second();
  expect(again.cursorNews).toEqual([]);
  await reread.close();
});

test('what was skipped before is not counted again when a new reader begins before it', async () => {
  const toy = await open(undefined, { cursors: [{ ...LOGS, budgetBytes: 0 }] });
  const cursor = toy.spool.cursor('logs');
  await toy.sendEach('a1', 'a2', 'b1');
  const reader = new FrameReader(cursor.attach(), { blockBytes: 1 });
  await reader.read();
  await toy.sendEach('b2', 'c1');
  await second();
  expect(toy.skips).toMatchObject([{ segments: 2, records: 3 }]);
  // It has the first frame again, and no snapshot has let the segments go.
  cursor.attach();
  await toy.sendEach('c2', 'd1');
  await second();
  expect(toy.skips.slice(1)).toMatchObject([{ segments: 2, records: 3 }]);
  expect(cursor.skipped.bytes.records).toBe(6);
  await reader.close();
});

test('over the budget of age: segments that hold nothing younger are skipped; what is too old in others is not read', async () => {
  let wall = 1_700_000_000_000;
  const clock = new ArrivalClock(0, () => wall);
  const toy = await open(undefined, { clock, cursors: [{ ...LOGS, budgetAgeMs: 10_000 }] });
  await toy.sendEach('a1', 'a2', 'b1');
  wall += 5000;
  await toy.sendEach('b2', 'c1', 'c2');
  expect(toy.spool.cursor('logs').lag).toMatchObject({ frames: 6, ageMs: 5000 });
  wall += 6000;
  await second();
  expect(toy.skips).toMatchObject([{ reason: 'age', segments: 1, records: 2 }]);
  const reader = new FrameReader(toy.spool.cursor('logs').attach(), { now: () => wall });
  expect(idsOf(await readAll(reader))).toEqual(['b2', 'c1', 'c2']);
  await second();
  expect(toy.skips.slice(1)).toMatchObject([{ reason: 'age', segments: 0, records: 1 }]);
  expect(toy.spool.cursor('logs').skipped.age).toMatchObject({ segments: 1, records: 3 });
  await reader.close();
});

test('the age of the budget is told again after a restart, by segments that were not read', async () => {
  let wall = 1_700_000_000_000;
  const options = { clock: new ArrivalClock(0, () => wall), cursors: [{ ...LOGS, budgetAgeMs: 10_000 }] };
  vi.spyOn(Date, 'now').mockImplementation(() => wall);
  const toy = await open(undefined, options);
  await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1');
  await second();
  await cover(toy);
  const again = await open(toy.crash(), { ...options, clock: new ArrivalClock(0, () => wall) });
  await second();
  expect(again.skips).toEqual([]);
  wall += 20_000;
  await second();
  vi.restoreAllMocks();
  expect(again.skips).toMatchObject([{ reason: 'age', records: 6 }]);
});

test('a disk that is nearly full: logs are skipped, and records are taken', async () => {
  const files = new FaultyFiles();
  const toy = await open(undefined, { files, freeDiskReserveBytes: 1000 });
  await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1', 'c2', 'd1');
  await cover(toy);
  await second();
  expect(segmentsOf(toy)).toEqual([1, 3, 5, 7]);
  const [size = 0] = toy.list('segments').map((name) => fs.statSync(path.join(toy.dataDir, 'segments', name)).size);
  files.free = 1000 - size - 1;
  // What is deleted is free.
  const remove = files.remove.bind(files);
  vi.spyOn(files, 'remove').mockImplementation(async (file) => {
    await remove(file);
    if (file.endsWith('.seg')) files.free = files.free! + size;
  });
  await second();
  await second();
  expect(segmentsOf(toy)).toEqual([5, 7]);
  expect(toy.skips).toMatchObject([{ reason: 'disk', segments: 2, records: 4 }]);
  expect(toy.spool.refusal).toBeNull();
  expect(toy.reserve).toEqual([]);
  expect(await toy.send('e')).toBe('accepted');
});

test('a disk that is nearly full, and no segment that could go: records are refused, no log is skipped', async () => {
  const files = new FaultyFiles();
  const toy = await open(undefined, { files, freeDiskReserveBytes: 1000 });
  await toy.sendEach('a1', 'a2', 'b1');
  files.free = 10;
  await second();
  await second();
  expect(toy.skips).toEqual([]);
  expect(toy.reserve).toEqual(['reached']);
});

test('a full disk on which no position can be saved: segments go all the same', async () => {
  const files = new FaultyFiles();
  const toy = await open(undefined, { files });
  await toy.sendEach('a1', 'a2', 'b1', 'b2');
  await cover(toy);
  await second();
  expect(segmentsOf(toy)[0]).toBe(1);
  files.fail('write', 'ENOSPC', 'logs', 2);
  toy.spool.cursor('logs').advance(4);
  await second();
  expect(toy.cursorNews[0]).toContain('ENOSPC');
  expect(segmentsOf(toy)).toEqual([5]);
  files.heal();
  await second();
  expect(savedIn(toy.dataDir).position).toBe(4);
  expect(toy.list('cursors')).toEqual(['logs']);
});

test('a position that cannot be saved for another reason keeps its segments, and is tried again', async () => {
  const toy = await open();
  await toy.sendEach('a1', 'a2', 'b1', 'b2');
  await cover(toy);
  await second();
  toy.files.fail('rename', 'EIO', 'logs');
  toy.spool.cursor('logs').advance(4);
  await second();
  expect(toy.cursorNews).toEqual([expect.stringContaining('EIO')]);
  expect(segmentsOf(toy)[0]).toBe(1);
  await second();
  expect(segmentsOf(toy)).toEqual([5]);
});

test.each([1, 3])(
  'segment %i cannot be read when it is skipped: no less is counted than was skipped',
  async (first) => {
    const toy = await open(undefined, { cursors: [{ ...LOGS, budgetBytes: 0 }] });
    await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1');
    toy.files.fail('readAt', 'EIO', segmentName(first));
    await second();
    expect(toy.skips).toMatchObject([{ records: 4 }]);
    expect(toy.cursorNews).toEqual([expect.stringContaining('EIO')]);
  },
);

test('damaged and lost frames are told once they were passed', async () => {
  const toy = await open();
  await toy.sendEach('a1', 'a2', 'b1', 'b2', 'c1');
  await toy.spool.snapshot();
  flip(path.join(toy.dataDir, 'segments', toy.list('segments')[0]!), 60);
  fs.rmSync(path.join(toy.dataDir, 'segments', toy.list('segments')[1]!));
  const reader = new FrameReader(toy.spool.cursor('logs').attach());
  expect(idsOf(await readAll(reader))).toEqual(['a2', 'c1']);
  await second();
  expect(toy.cursorNews).toEqual(['logs: 3 missing']);
  expect((await open(toy.crash())).spool.cursor('logs').missing).toBe(3);
  await reader.close();
});

test('the lag: frames, bytes and age, of what has become durable since', async () => {
  let wall = 1_700_000_000_000;
  const toy = await open(undefined, { segmentBytes: 1 << 20, clock: new ArrivalClock(0, () => wall) });
  const cursor = toy.spool.cursor('logs');
  expect(cursor.lag).toEqual({ frames: 0, bytes: 0, ageMs: 0 });
  wall += 60_000;
  await toy.send('a');
  await toy.send('b');
  wall += 3000;
  expect(cursor.lag).toMatchObject({ frames: 2, ageMs: 3000 });
  expect(toy.spool.state.cursorLags).toEqual({ snapshot: 2, logs: 2 });
  const reader = new FrameReader(cursor.attach(), { blockBytes: 1, now: () => wall });
  reader.advance((await reader.read())!.upTo);
  await toy.send('c');
  wall += 1000;
  await reader.read();
  expect(cursor.lag).toMatchObject({ frames: 2, ageMs: 4000 });
  expect(cursor.lag.bytes).toBeGreaterThan(80);
  expect(cursor.lag.bytes).toBeLessThan(200);
  reader.advance(2);
  expect(cursor.lag).toMatchObject({ frames: 1, ageMs: 4000 });
  await readAll(reader);
  expect(cursor.lag).toEqual({ frames: 0, bytes: 0, ageMs: 0 });
  wall += 86_400_000;
  await toy.send('d');
  expect(cursor.lag).toMatchObject({ frames: 1, ageMs: 0 });
  await reader.close();
});

test('beside appends, rotations, snapshots and failed commits, a reader sees each durable frame once', async () => {
  const toy = await ToySpool.open(undefined, { segmentBytes: 2000, cursors: [LOGS] });
  const reader = new FrameReader(toy.spool.cursor('logs').attach(), { blockBytes: 500 });
  const abort = new AbortController();
  const found: string[] = [];
  const reading = (async () => {
    while (!abort.signal.aborted) {
      found.push(...idsOf(await readAll(reader)));
      await reader.wait(1000, abort.signal);
    }
    found.push(...idsOf(await readAll(reader)));
  })();
  const accepted: string[] = [];
  for (let round = 0; round < 60; round += 1) {
    if (round % 7 === 3) toy.files.fail('sync', 'EIO', '.seg');
    if (round % 14 === 3) toy.files.fail('truncate', 'EIO', '.seg');
    const ids = Array.from({ length: round % 9 }, (_, index) => `${round}-${index}`);
    const answers = await Promise.allSettled(ids.map((id) => toy.send(id, Buffer.alloc(round * 10))));
    accepted.push(...ids.filter((_, index) => answers[index]!.status === 'fulfilled'));
    toy.files.heal();
    if (round % 5 === 0) await toy.spool.snapshot();
  }
  abort.abort();
  await reading;
  expect(found).toEqual(accepted);
  expect(found).toEqual(toy.projection.order);
  expect(toy.spool.cursor('logs')).toMatchObject({ missing: 0, position: toy.spool.state.durableSequence });
  expect(sequencesOf(await readAll(reader))).toEqual([]);
  await reader.close();
  await toy.spool.snapshot();
  await toy.close();
  expect(listOf(toy.dataDir, 'segments').length).toBeLessThan(8);
});
