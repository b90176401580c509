import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { CommitError, CommitLog } from './commit-log.js';
import { FRAME_KINDS } from './frame.js';
import type { Group } from './group.js';
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES, scanSegment, segmentName } from './segment.js';
import { SealedSegments } from './segments.js';
import { FaultyFiles } from './testdata/faulty-files.js';
import { cleanUp, scratchFolder } from './testdata/toy-spool.js';

afterEach(async () => {
  vi.restoreAllMocks();
  await cleanUp();
});

/** A log of ids; what becomes durable, what fails, and what stands on disk. */
class Bench {
  readonly directory = scratchFolder();
  readonly files = new FaultyFiles();
  readonly durable: string[] = [];
  readonly failures: { error: Error; intact: boolean }[] = [];
  readonly sealed = new SealedSegments(this.directory, this.files, []);
  readonly log: CommitLog<string>;

  constructor(segmentBytes = 1 << 20, durableSequence = 0) {
    this.log = new CommitLog<string>({
      files: this.files,
      directory: this.directory,
      sealed: this.sealed,
      segmentBytes,
      durableSequence,
      nextSequence: durableSequence + 1,
      onDurable: (group) => this.durable.push(...group.payloads.map(String)),
      onFailure: (error, intact) => this.failures.push({ error, intact }),
    });
  }

  append(id: number, content: Uint8Array | null = null): Group<string> {
    return this.log.append(FRAME_KINDS.call, 1_700_000_000_000, id, 9, JSON.stringify({ id }), content, `r${id}`);
  }

  async send(id: number, content: Uint8Array | null = null): Promise<void> {
    await this.append(id, content).durable;
  }

  /** Segment name → sequences in it. */
  get onDisk(): Record<string, number[]> {
    const segments: Record<string, number[]> = {};
    for (const name of fs.readdirSync(this.directory).sort()) {
      const sequences: number[] = [];
      scanSegment(fs.readFileSync(path.join(this.directory, name)), ({ sequence }) => sequences.push(sequence));
      segments[name] = sequences;
    }
    return segments;
  }

  headerOf(name: string) {
    return decodeSegmentHeader(fs.readFileSync(path.join(this.directory, name)), name);
  }
}

async function opened(segmentBytes?: number, durableSequence?: number): Promise<Bench> {
  const bench = new Bench(segmentBytes, durableSequence);
  await bench.log.open();
  return bench;
}

test('what is appended in one turn, and while a commit is under way, shares a sync', async () => {
  const bench = await opened();
  const before = bench.files.count('sync');
  const hold = bench.files.hold('sync');
  const first = [1, 2, 3].map((id) => bench.append(id));
  await hold.arrived;
  const second: Group<string>[] = [];
  for (let id = 4; id < 104; id += 1) {
    second.push(bench.append(id));
    if (id % 10 === 0) await new Promise(setImmediate);
  }
  expect(bench.durable).toEqual([]);
  hold.release();
  await Promise.all([...first, ...second].map((group) => group.durable));
  expect(bench.files.count('sync') - before).toBe(2);
  expect(new Set([...first, ...second]).size).toBe(2);
  expect(bench.durable).toEqual(Array.from({ length: 103 }, (_, index) => `r${index + 1}`));
  await bench.log.close();
});

test('answers come in order, and only after the sync', async () => {
  const bench = await opened();
  const order: string[] = [];
  const hold = bench.files.hold('sync');
  const answers = [1, 2, 3].map((id) => bench.send(id).then(() => order.push(`r${id}`)));
  await hold.arrived;
  const later = [4, 5].map((id) => bench.send(id).then(() => order.push(`r${id}`)));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  expect(bench.log.durableSequence).toBe(0);
  expect(bench.log.pendingBytes).toBeGreaterThan(0);
  hold.release();
  await Promise.all([...answers, ...later]);
  expect(order).toEqual(['r1', 'r2', 'r3', 'r4', 'r5']);
  expect(bench.log).toMatchObject({ durableSequence: 5, pendingBytes: 0 });
  await bench.log.close();
});

test('an id is pending until its group is durable, wherever the group stands', async () => {
  const bench = await opened();
  const hold = bench.files.hold('sync');
  const writing = bench.append(1);
  await hold.arrived;
  // More than two groups have room for: two wait, one is filling.
  const rest = Array.from({ length: 5000 }, (_, index) => bench.append(index + 2));
  expect(new Set(rest).size).toBe(3);
  expect(bench.log.pending(1, 9)).toBe(writing);
  expect(bench.log.pending(2, 9)).toBe(rest[0]);
  expect(bench.log.pending(5001, 9)).toBe(rest.at(-1));
  expect(bench.log.pending(9999, 9)).toBeNull();
  hold.release();
  await rest.at(-1)!.durable;
  for (const id of [1, 2, 5001]) expect(bench.log.pending(id, 9)).toBeNull();
  expect(bench.durable).toHaveLength(5001);
  await bench.log.close();
});

test('a buffer that is used again holds only what was written into it', async () => {
  const bench = await opened(1 << 30);
  await bench.send(1, new Uint8Array(50_000).fill(1));
  await bench.send(2, new Uint8Array(6_000_000).fill(2));
  for (let id = 3; id < 20; id += 1) await bench.send(id, new Uint8Array(id).fill(id));
  await bench.log.close();
  const file = path.join(bench.directory, segmentName(1));
  const bytes = fs.readFileSync(file);
  const contents: [number, number][] = [];
  const scan = scanSegment(bytes, ({ metaEnd, end }) => contents.push([end - metaEnd, bytes[metaEnd]!]));
  expect(scan.damaged).toEqual([]);
  expect(contents).toEqual([
    [50_000, 1],
    [6_000_000, 2],
    ...Array.from({ length: 17 }, (_, index) => [index + 3, index + 3]),
  ]);
});

test('a frame that is too large is refused, and harms nothing', async () => {
  const bench = await opened();
  const huge = new Uint8Array(0);
  Object.defineProperty(huge, 'length', { value: 600 * 1024 * 1024 });
  expect(() => bench.append(1, huge)).toThrow(RangeError);
  expect(bench.log.pending(1, 9)).toBeNull();
  await bench.send(2);
  expect(bench.onDisk).toEqual({ [segmentName(1)]: [1] });
  await bench.log.close();
});

test('a new file is synced, and its folder too, before a frame in it counts', async () => {
  const bench = await opened();
  await bench.send(1);
  const order = bench.files.done.filter((line) => /sync|write|open/.test(line)).map((line) => line.split(' ')[0]);
  expect(order).toEqual(['open', 'write', 'sync', 'syncDirectory', 'write', 'sync']);
  await bench.log.close();
});

test('a full segment is followed by a new one, which says where it begins', async () => {
  const bench = await opened(200);
  for (let id = 1; id <= 7; id += 1) await bench.send(id);
  expect(bench.onDisk).toEqual({
    [segmentName(1)]: [1, 2, 3],
    [segmentName(4)]: [4, 5, 6],
    [segmentName(7)]: [7],
  });
  expect(bench.headerOf(segmentName(4))).toMatchObject({ firstSequence: 4, previousSequence: 3 });
  expect(bench.log.segments).toBe(3);
  const sizes = fs.readdirSync(bench.directory).map((name) => fs.statSync(path.join(bench.directory, name)).size);
  expect(bench.log.bytes).toBe(sizes.reduce((sum, size) => sum + size));
  await bench.log.close();
});

test.each([
  ['a full disk half-way through the write', (files: FaultyFiles) => (files.room = 25)],
  ['a failed sync', (files: FaultyFiles) => files.fail('sync', 'EIO', '.seg')],
  ['a failed write', (files: FaultyFiles) => files.fail('write', 'EIO', '.seg')],
])('%s: the group rejects, and what comes next is written behind it', async (_, harm) => {
  const bench = await opened();
  await bench.send(1);
  harm(bench.files);
  const failing = bench.append(2);
  await expect(failing.durable).rejects.toThrow(CommitError);
  await expect(failing.durable).rejects.toThrow(/^The spool could not write: E/);
  expect(bench.failures).toEqual([{ error: expect.any(CommitError), intact: true }]);
  expect(bench.durable).toEqual(['r1']);
  expect(bench.log.pending(2, 9)).toBeNull();
  expect(bench.log.durableSequence).toBe(1);
  expect(bench.onDisk).toEqual({ [segmentName(1)]: [1] });
  bench.files.heal();
  await bench.send(2);
  expect(bench.durable).toEqual(['r1', 'r2']);
  expect(bench.onDisk).toEqual({ [segmentName(1)]: [1], [segmentName(3)]: [3] });
  expect(bench.headerOf(segmentName(3))).toMatchObject({ firstSequence: 3, previousSequence: 1 });
  await bench.log.close();
});

test('an abandoned segment without a durable frame goes', async () => {
  const bench = await opened();
  bench.files.fail('sync', 'EIO', '.seg');
  await expect(bench.send(1)).rejects.toThrow('EIO');
  expect(bench.onDisk).toEqual({});
  await bench.send(2);
  expect(bench.onDisk).toEqual({ [segmentName(2)]: [2] });
  expect(bench.headerOf(segmentName(2))).toMatchObject({ firstSequence: 2, previousSequence: 0 });
  await bench.log.close();
});

test('but not where its header alone says how far frames had come', async () => {
  // After a start at which all segments were missing: frames up to 70 are covered by a snapshot.
  const bench = await opened(1 << 20, 70);
  bench.files.fail('sync', 'EIO', '.seg');
  await expect(bench.send(1)).rejects.toThrow('EIO');
  expect(bench.onDisk).toEqual({ [segmentName(71)]: [] });
  expect(bench.headerOf(segmentName(71))).toMatchObject({ previousSequence: 70 });
  // One such is enough.
  bench.files.fail('sync', 'EIO', '.seg', 4);
  await expect(bench.send(1)).rejects.toThrow('EIO');
  await expect(bench.send(1)).rejects.toThrow('EIO');
  expect(bench.onDisk).toEqual({ [segmentName(71)]: [] });
  bench.files.heal();
  await bench.log.close();
});

test('neither truncate nor remove works: the next header tells what counted', async () => {
  const bench = await opened();
  bench.files.fail('sync', 'EIO', '.seg');
  bench.files.fail('truncate', 'EIO');
  bench.files.fail('remove', 'EIO');
  await expect(bench.send(1)).rejects.toThrow('EIO');
  expect(bench.onDisk).toEqual({ [segmentName(1)]: [1] });
  await bench.send(1);
  expect(bench.headerOf(segmentName(2))).toMatchObject({ firstSequence: 2, previousSequence: 0 });
  expect(bench.log.segments).toBe(2);
  await bench.log.close();
});

test('durable frames that the disk has lost are noticed when a segment is given up', async () => {
  const bench = await opened();
  await bench.send(1);
  const file = path.join(bench.directory, segmentName(1));
  const hold = bench.files.hold('sync');
  bench.files.fail('sync', 'EIO');
  const failing = bench.send(2);
  await hold.arrived;
  const bytes = fs.readFileSync(file);
  bytes.fill(0, SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + 20);
  fs.writeFileSync(file, bytes);
  hold.release();
  await expect(failing).rejects.toThrow('EIO');
  expect(bench.failures).toEqual([{ error: expect.any(CommitError), intact: false }]);
  await bench.log.close();
});

test('what is appended while a commit fails is tried on its own, and can succeed', async () => {
  const bench = await opened();
  const hold = bench.files.hold('sync');
  bench.files.fail('sync', 'EIO');
  const failing = bench.append(1);
  await hold.arrived;
  const next = bench.append(2);
  hold.release();
  const results = await Promise.allSettled([failing.durable, next.durable]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(bench.durable).toEqual(['r2']);
  await bench.log.close();
});

test('a disk that stays broken fails every group, one by one, and leaves no files', async () => {
  const bench = await opened();
  bench.files.fail('sync', 'EIO', '.seg', Number.POSITIVE_INFINITY);
  for (let id = 1; id <= 5; id += 1) await expect(bench.send(id)).rejects.toThrow('EIO');
  expect(bench.onDisk).toEqual({});
  expect(bench.failures).toHaveLength(5);
  bench.files.heal();
  await bench.send(6);
  expect(bench.onDisk).toEqual({ [segmentName(6)]: [6] });
  await bench.log.close();
});

test.each(['open', 'write', 'sync', 'syncDirectory'] as const)(
  'a segment that cannot be begun (%s) fails that group alone, and leaves no file',
  async (operation) => {
    const bench = await opened(150);
    await bench.send(1);
    await bench.send(2);
    bench.files.fail(operation, 'ENOSPC');
    await expect(bench.send(3)).rejects.toThrow('ENOSPC');
    expect(Object.values(bench.onDisk)).toEqual([[1, 2]]);
    await bench.send(4);
    expect(Object.values(bench.onDisk)).toEqual([[1, 2], [4]]);
    expect(bench.failures.map(({ intact }) => intact)).toEqual([true]);
    await bench.log.close();
  },
);

test('a segment that cannot be closed fails one group at most and is not forgotten', async () => {
  const bench = await opened(150);
  await bench.send(1);
  await bench.send(2);
  bench.files.fail('close', 'EIO');
  await expect(bench.send(3)).rejects.toThrow('EIO');
  await bench.send(4);
  expect(bench.log.segments).toBe(2);
  bench.files.fail('close', 'EIO');
  await bench.log.close();
});

test('refuses for a second after a failure, and is well with the next commit', async () => {
  const bench = await opened();
  let now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  expect(bench.log).toMatchObject({ refusal: null, failure: null });
  bench.files.fail('sync', 'EIO');
  await expect(bench.send(1)).rejects.toThrow('EIO');
  expect(bench.log.refusal).toBeInstanceOf(CommitError);
  now += 999;
  expect(bench.log.refusal).toBeInstanceOf(CommitError);
  now += 1;
  expect(bench.log.refusal).toBeNull();
  // Whether it is well again, only a commit can tell.
  expect(bench.log.failure).toBeInstanceOf(CommitError);
  await bench.send(2);
  expect(bench.log).toMatchObject({ refusal: null, failure: null });
  await bench.log.close();
});

test('close waits for everything that was appended, and for what fails', async () => {
  const bench = await opened();
  const hold = bench.files.hold('sync');
  const groups = [bench.append(1)];
  await hold.arrived;
  groups.push(bench.append(2));
  let closed = false;
  const closing = bench.log.close().then(() => {
    closed = true;
  });
  await new Promise(setImmediate);
  groups.push(bench.append(3));
  expect(closed).toBe(false);
  hold.release();
  await closing;
  expect(bench.durable).toEqual(['r1', 'r2', 'r3']);
  const failing = await opened();
  failing.files.fail('sync', 'EIO', '.seg', 9);
  const group = failing.append(1);
  await failing.log.close();
  await expect(group.durable).rejects.toThrow('EIO');
});

test('sealed segments go from the oldest on, and only whole ones', async () => {
  const bench = await opened(150);
  for (let id = 1; id <= 6; id += 1) await bench.send(id);
  await bench.sealed.release(3);
  expect(Object.values(bench.onDisk)).toEqual([
    [3, 4],
    [5, 6],
  ]);
  // Deleted by hand: no reason to keep the rest.
  fs.rmSync(path.join(bench.directory, segmentName(3)));
  await bench.send(7);
  await bench.sealed.release(6);
  expect(Object.values(bench.onDisk)).toEqual([[7]]);
  expect(bench.log.segments).toBe(1);
  await bench.log.close();
});

test('frames pile up: whoever appends is told to wait, until the disk has caught up', async () => {
  const bench = await opened();
  expect(bench.log.congestion).toBeNull();
  const hold = bench.files.hold('sync');
  bench.append(1);
  await hold.arrived;
  // Five closed groups, and one that is filling.
  const groups = Array.from({ length: 5 * 2048 + 1 }, (_, index) => bench.append(index + 2));
  const congestion = bench.log.congestion;
  expect(congestion).not.toBeNull();
  hold.release();
  await congestion;
  await groups.at(-1)!.durable;
  expect(bench.log.congestion).toBeNull();
  await bench.log.close();
});
