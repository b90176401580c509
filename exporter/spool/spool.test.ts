import * as fs from 'node:fs';
import * as path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { ArrivalClock } from './arrival-clock.js';
import { NewerSegmentError } from './segment.js';
import { DiskReserveError } from './spool.js';
import { FaultyFiles } from './testdata/faulty-files.js';
import { ToyProjection } from './testdata/toy-projection.js';
import { cleanUp, copyOf, flip, listOf, ToySpool } from './testdata/toy-spool.js';

afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

const FOREVER = Number.POSITIVE_INFINITY;

function newest(dataDir: string, folder: string): string {
  return path.join(dataDir, folder, listOf(dataDir, folder).at(-1)!);
}

/** A spool of small segments and two snapshots, the second one behind `b3`. */
async function withTwoSnapshots(): Promise<ToySpool> {
  const toy = await ToySpool.open(undefined, { segmentBytes: 150 });
  await toy.sendEach('a1', 'a2', 'a3');
  await toy.spool.snapshot();
  await toy.sendEach('b1', 'b2', 'b3');
  await toy.spool.snapshot();
  await toy.sendEach('c1', 'c2');
  expect(toy.list('snapshots')).toHaveLength(2);
  return toy;
}

const ALL = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'c1', 'c2'];

test('kill -9: everything acknowledged is there once, and known as such', async () => {
  const toy = await withTwoSnapshots();
  const again = await ToySpool.open(toy.crash());
  expect(again.projection).toMatchObject({ order: ALL, epoch: 1 });
  for (const id of ALL) expect(await again.send(id)).toBe('duplicate');
  expect(again.recovered).toMatchObject({ snapshotSequence: 6, frames: 2, repeated: 0, problems: [], newEpoch: [] });
});

test('the lag of the snapshot is what a start would read back', async () => {
  const toy = await withTwoSnapshots();
  expect(toy.spool.state.cursorLags).toEqual({ snapshot: 2 });
  const left = toy.crash();
  toy.files.fail('sync', 'EIO', '.snap');
  await toy.spool.snapshot();
  expect(toy.spool.state.cursorLags).toEqual({ snapshot: 2 });
  await toy.spool.snapshot();
  expect(toy.spool.state.cursorLags).toEqual({ snapshot: 0 });

  // What was read back stands in the snapshot that a start takes.
  const again = await ToySpool.open(left);
  expect(again.recovered?.frames).toBe(2);
  expect(again.spool.state.cursorLags).toEqual({ snapshot: 0 });
  await again.sendEach('d1', 'd2', 'd3');
  expect(again.spool.state.cursorLags).toEqual({ snapshot: 3 });
});

test('an orderly stop leaves nothing to replay', async () => {
  const toy = await ToySpool.open();
  await toy.sendEach('a', 'b');
  await toy.close();
  const again = await ToySpool.open(toy.dataDir);
  expect(again.projection.order).toEqual(['a', 'b']);
  expect(again.recovered).toMatchObject({ snapshotSequence: 2, frames: 0 });
});

test('a duplicate of a pending id shares its fate', async () => {
  const toy = await ToySpool.open();
  const hold = toy.files.hold('sync', '.seg');
  toy.files.fail('sync', 'EIO', '.seg');
  const first = toy.send('a');
  await hold.arrived;
  const second = toy.offer('a');
  expect(second.answer).toBe('duplicate');
  hold.release();
  await expect(first).rejects.toThrow('EIO');
  await expect(second.group?.durable).rejects.toThrow('EIO');
  expect(toy.projection.order).toEqual([]);
  expect(await toy.send('a')).toBe('accepted');
  expect(toy.projection.order).toEqual(['a']);
});

test.each([
  ['the write fills the disk', (files: FaultyFiles) => (files.room = 30)],
  ['the sync fails', (files: FaultyFiles) => files.fail('sync', 'EIO', '.seg')],
  [
    'the sync fails, and so does cutting the frames off',
    (files: FaultyFiles) => {
      files.fail('sync', 'EIO', '.seg');
      files.fail('truncate', 'EIO', '.seg');
    },
  ],
])('%s: not remembered, and a retry counts exactly once, also after a crash', async (_, harm) => {
  const toy = await ToySpool.open();
  await toy.send('before');
  harm(toy.files);
  await expect(toy.send('a')).rejects.toThrow();
  toy.files.heal();
  const atFailure = toy.crash();
  expect(await toy.send('a')).toBe('accepted');
  await toy.send('after');
  const again = await ToySpool.open(toy.crash());
  expect(again.projection).toMatchObject({ order: ['before', 'a', 'after'], epoch: 1 });
  expect(await again.send('a')).toBe('duplicate');
  // The crash came before the retry: counted now or with the retry, never both, and no new epoch.
  const early = await ToySpool.open(atFailure);
  await early.send('a');
  expect(early.projection).toMatchObject({ order: ['before', 'a'], epoch: 1 });
});

test('what failed and was never sent again is not counted by recovery: counters are those that were shown', async () => {
  const toy = await ToySpool.open();
  await toy.send('before');
  toy.files.fail('sync', 'EIO', '.seg');
  toy.files.fail('truncate', 'EIO', '.seg');
  await expect(toy.send('never again')).rejects.toThrow();
  await toy.send('after');
  const again = await ToySpool.open(toy.crash());
  expect(again.projection.order).toEqual(toy.projection.order);
});

test('damage from which a new epoch began does not begin another one at the next start', async () => {
  const toy = await ToySpool.open();
  await toy.sendEach('a', 'b', 'c');
  const dataDir = toy.crash();
  flip(newest(dataDir, 'segments'), 48 + 10);
  const second = await ToySpool.open(dataDir);
  expect(second.projection).toMatchObject({ epoch: 2, order: [] });
  expect(second.recovered?.setAside).toHaveLength(1);
  // Ids of lost frames are unknown, so the window cannot claim to reach back behind this moment.
  expect(second.spool.state.windowCoverageMs).toBeLessThan(60_000);
  await second.send('d');
  const third = await ToySpool.open(second.crash());
  expect(third.projection).toMatchObject({ epoch: 2, order: ['d'] });
  expect(third.recovered?.setAside).toEqual([]);
});

test('damage that the snapshot covers is no reason for a new epoch', async () => {
  const toy = await ToySpool.open();
  await toy.sendEach('a', 'b');
  await toy.spool.snapshot();
  await toy.send('c');
  const dataDir = toy.crash();
  flip(newest(dataDir, 'segments'), 48 + 10);
  const again = await ToySpool.open(dataDir);
  expect(again.projection).toMatchObject({ epoch: 1, order: ['a', 'b', 'c'] });
  expect(again.recovered).toMatchObject({ setAside: [expect.anything()], newEpoch: [] });
});

test('the newest snapshot is damaged: the older one and more frames give the same', async () => {
  const toy = await withTwoSnapshots();
  const dataDir = toy.crash();
  flip(newest(dataDir, 'snapshots'), 30);
  const again = await ToySpool.open(dataDir, { segmentBytes: 150 });
  expect(again.projection).toMatchObject({ order: ALL, epoch: 1 });
  expect(again.recovered).toMatchObject({ snapshotSequence: 3, frames: 5, newEpoch: [] });
  expect(again.recovered?.problems).toEqual([expect.stringContaining('checksum')]);
  // The damaged one does not take the place of one of the two that are kept.
  expect(again.list('snapshots').map((name) => Number.parseInt(name, 10))).toEqual([3, 8]);
});

test('the newest snapshot cannot be restored: the older one is used', async () => {
  const toy = await withTwoSnapshots();
  const projection = new ToyProjection();
  projection.unrestorable = true;
  const again = await ToySpool.open(toy.crash(), { projection });
  expect(again.projection).toMatchObject({ order: ALL, epoch: 1 });
  expect(again.recovered?.problems).toEqual([expect.stringContaining('this state is of no use')]);
  expect(again.list('snapshots').map((name) => Number.parseInt(name, 10))).toEqual([3, 8]);
});

test('both snapshots are damaged, all segments are there: exact all the same', async () => {
  const toy = await ToySpool.open();
  await toy.sendEach('a', 'b');
  await toy.spool.snapshot();
  await toy.sendEach('c');
  await toy.spool.snapshot();
  await toy.send('d');
  const dataDir = toy.crash();
  for (const name of listOf(dataDir, 'snapshots')) flip(path.join(dataDir, 'snapshots', name), 30);
  const again = await ToySpool.open(dataDir);
  expect(again.projection).toMatchObject({ order: ['a', 'b', 'c', 'd'], epoch: 1 });
  expect(again.recovered?.problems).toHaveLength(2);
  for (const id of ['a', 'b', 'c', 'd']) expect(await again.send(id)).toBe('duplicate');
});

test('both snapshots are damaged and segments have gone: a new epoch', async () => {
  const toy = await withTwoSnapshots();
  await toy.spool.snapshot();
  const dataDir = toy.crash();
  expect(listOf(dataDir, 'segments')[0]).not.toContain('1.seg');
  for (const name of listOf(dataDir, 'snapshots')) flip(path.join(dataDir, 'snapshots', name), 30);
  const again = await ToySpool.open(dataDir);
  expect(again.projection).toMatchObject({ order: [], epoch: 2 });
  expect(await again.send('c2')).toBe('duplicate');
  await again.send('d1');
  const third = await ToySpool.open(again.crash());
  expect(third.projection).toMatchObject({ order: ['d1'], epoch: 2 });
});

test('all segments and snapshots are gone but one damaged snapshot: a new epoch, and sequences go on', async () => {
  const toy = await withTwoSnapshots();
  const dataDir = toy.crash();
  for (const name of listOf(dataDir, 'segments')) fs.rmSync(path.join(dataDir, 'segments', name));
  fs.rmSync(path.join(dataDir, 'snapshots', listOf(dataDir, 'snapshots')[0]!));
  flip(newest(dataDir, 'snapshots'), 30);
  const again = await ToySpool.open(dataDir);
  expect(again.projection).toMatchObject({ epoch: 2 });
  await again.send('d');
  expect(again.spool.state.durableSequence).toBe(7);
  expect((await ToySpool.open(again.crash())).projection).toMatchObject({ order: ['d'], epoch: 2 });
});

test('segments stay until the older of two snapshots covers them', async () => {
  const toy = await ToySpool.open(undefined, { segmentBytes: 150 });
  await toy.sendEach('a1', 'a2', 'a3', 'a4', 'a5');
  const all = toy.list('segments').length;
  await toy.spool.snapshot();
  expect(toy.list('segments')).toHaveLength(all);
  await toy.send('b1');
  await toy.spool.snapshot();
  expect(toy.list('segments').map((name) => Number.parseInt(name, 10))).toEqual([5]);
  await toy.spool.snapshot();
  // The same sequence again is no second snapshot.
  expect(toy.list('snapshots').map((name) => Number.parseInt(name, 10))).toEqual([5, 6]);
  const dataDir = toy.crash();
  flip(newest(dataDir, 'snapshots'), 30);
  expect((await ToySpool.open(dataDir)).projection).toMatchObject({
    order: ['a1', 'a2', 'a3', 'a4', 'a5', 'b1'],
    epoch: 1,
  });
});

test('a snapshot holds what was durable when it was frozen, though commits go on while it is written', async () => {
  const toy = await ToySpool.open();
  await toy.send('a');
  const hold = toy.files.hold('write', '.snap');
  const pending = toy.files.hold('sync', '.seg');
  const b = toy.send('b');
  await pending.arrived;
  const saving = toy.spool.snapshot();
  await hold.arrived;
  pending.release();
  await b;
  await toy.send('c');
  hold.release();
  await saving;
  expect(toy.snapshots).toEqual([1]);
  const again = await ToySpool.open(toy.crash());
  expect(again.projection.order).toEqual(['a', 'b', 'c']);
  expect(again.recovered).toMatchObject({ snapshotSequence: 1, frames: 2, repeated: 0 });
});

test('snapshots that are asked for at the same time are one', async () => {
  const toy = await ToySpool.open();
  await toy.send('a');
  await Promise.all([toy.spool.snapshot(), toy.spool.snapshot(), toy.spool.snapshot()]);
  expect(toy.snapshots).toEqual([1]);
});

test.each([
  ['crash while it is written', 'write', '.snap'],
  ['crash before it is renamed', 'rename', '.snap'],
] as const)('%s: the one before it is used, and its remains go', async (_, operation, name) => {
  const toy = await ToySpool.open();
  await toy.send('a');
  await toy.spool.snapshot();
  await toy.send('b');
  const hold = toy.files.hold(operation, name);
  const saving = toy.spool.snapshot();
  await hold.arrived;
  const dataDir = toy.crash();
  hold.release();
  await saving;
  expect(listOf(dataDir, 'snapshots').some((file) => file.endsWith('.tmp'))).toBe(true);
  const again = await ToySpool.open(dataDir);
  expect(again.projection.order).toEqual(['a', 'b']);
  await again.send('c');
  await again.spool.snapshot();
  expect(again.list('snapshots').some((file) => file.endsWith('.tmp'))).toBe(false);
});

test('a snapshot that fails is told, tried again though no record comes, and costs nothing', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const toy = await ToySpool.open(undefined, { snapshotIntervalMs: 60_000 });
  await toy.send('a');
  toy.files.fail('sync', 'ENOSPC', '.snap');
  vi.advanceTimersByTime(60_000);
  await vi.waitFor(() => expect(toy.snapshotFailures).toHaveLength(1));
  expect(toy.list('snapshots')).toEqual([]);
  vi.advanceTimersByTime(59_000);
  expect(toy.snapshots).toEqual([]);
  vi.advanceTimersByTime(2000);
  await vi.waitFor(() => expect(toy.snapshots).toEqual([1]));
  // And then there is nothing to do.
  vi.advanceTimersByTime(600_000);
  await toy.spool.snapshot();
  expect(toy.snapshots).toEqual([1, 1]);
});

test('a snapshot is also taken after so many bytes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const toy = await ToySpool.open(undefined, { snapshotBytes: 500 });
  await toy.send('a');
  vi.advanceTimersByTime(5000);
  expect(toy.files.count('open', '.snap')).toBe(0);
  await toy.send('b', Buffer.alloc(600));
  vi.advanceTimersByTime(1000);
  await vi.waitFor(() => expect(toy.snapshots).toEqual([2]));
});

test('a projection that cannot be frozen is told as a failed snapshot', async () => {
  const toy = await ToySpool.open();
  await toy.send('a');
  toy.projection.failFreeze = true;
  await toy.spool.snapshot();
  expect(toy.snapshotFailures).toEqual([new Error('no freezing today')]);
  toy.projection.failFreeze = false;
});

test('durable frames that the disk lost are saved from memory, also while another snapshot is under way', async () => {
  const toy = await ToySpool.open();
  await toy.send('a');
  const hold = toy.files.hold('write', '.snap');
  const saving = toy.spool.snapshot();
  await hold.arrived;
  await toy.send('b');
  const failing = toy.files.hold('sync', '.seg');
  toy.files.fail('sync', 'EIO', '.seg');
  const c = toy.send('c');
  await failing.arrived;
  const segment = newest(toy.dataDir, 'segments');
  const bytes = fs.readFileSync(segment);
  bytes.fill(0, 60, 100);
  fs.writeFileSync(segment, bytes);
  failing.release();
  await expect(c).rejects.toThrow('EIO');
  hold.release();
  await saving;
  await vi.waitFor(() => expect(toy.snapshots).toEqual([1, 2]));
  await toy.send('c');
  expect((await ToySpool.open(toy.crash())).projection).toMatchObject({ order: ['a', 'b', 'c'], epoch: 1 });
});

test('a frame that cannot be read begins a new epoch, and the start succeeds', async () => {
  const toy = await ToySpool.open();
  await toy.sendEach('a', 'b', 'c');
  const projection = new ToyProjection();
  projection.unreadable = 'b';
  const again = await ToySpool.open(toy.crash(), { projection });
  expect(again.projection.epoch).toBe(2);
  expect(again.recovered?.newEpoch).toEqual(['frame 2 cannot be read: unreadable']);
});

test('a newer segment refuses, and touches nothing', async () => {
  const toy = await withTwoSnapshots();
  const dataDir = toy.crash();
  const segment = newest(dataDir, 'segments');
  const bytes = fs.readFileSync(segment);
  bytes.writeUInt32LE(9, 8);
  fs.writeFileSync(segment, bytes);
  fs.writeFileSync(path.join(dataDir, 'segments', '0000000000000999.seg'), 'MOSP');
  const snapshot = (folder: string) =>
    listOf(folder, 'segments').map((name) => fs.readFileSync(path.join(folder, 'segments', name), 'hex'));
  const before = snapshot(dataDir);
  await expect(ToySpool.open(dataDir)).rejects.toThrow(NewerSegmentError);
  expect(snapshot(dataDir)).toEqual(before);
});

test('a folder that cannot be written is found at the start', async () => {
  const files = new FaultyFiles();
  files.fail('open', 'EROFS', '.seg', FOREVER);
  await expect(ToySpool.open(undefined, { files })).rejects.toMatchObject({ code: 'EROFS' });
});

test('refuses below the disk reserve, and takes records again above it', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const files = new FaultyFiles();
  files.free = 99;
  const toy = await ToySpool.open(undefined, { files, freeDiskReserveBytes: 100 });
  expect(toy.spool.refusal).toBeInstanceOf(DiskReserveError);
  expect(toy.spool.refusal?.message).toBe(
    'Only 99 bytes of disk are free; spool.free_disk_reserve keeps 100 bytes. Free some space.',
  );
  expect(toy.spool.trouble).toBeInstanceOf(DiskReserveError);
  files.free = 100;
  await vi.advanceTimersByTimeAsync(2000);
  expect(toy.spool).toMatchObject({ refusal: null, trouble: null });
  expect(toy.reserve).toEqual(['reached', 'free']);
  // A file system that does not tell is taken for roomy.
  files.free = null;
  await vi.advanceTimersByTimeAsync(2000);
  expect(toy.spool.refusal).toBeNull();
});

test('the duplicate window survives restarts, generations of earlier runs included', async () => {
  const options = { duplicateWindowEntries: 80, segmentBytes: 400 };
  let toy = await ToySpool.open(undefined, options);
  const ids = Array.from({ length: 75 }, (_, index) => `id-${index}`);
  for (const [index, id] of ids.entries()) {
    await toy.send(id);
    if (index % 20 === 19) await toy.spool.snapshot();
    if (index === 40) toy = await ToySpool.open(toy.crash(), options);
  }
  await toy.close();
  const again = await ToySpool.open(toy.dataDir, options);
  for (const id of ids) expect(await again.send(id), id).toBe('duplicate');
  expect(again.recovered?.problems).toEqual([]);
  for (let i = 0; i < 200; i += 1) {
    await again.send(`more-${i}`);
    if (i % 30 === 0) await again.spool.snapshot();
  }
  await again.spool.snapshot();
  // No more than the window, and what the older snapshot needs of it.
  expect(again.list('window').length).toBeLessThan(13);
});

test('a part of the window that is gone is told at the start', async () => {
  const toy = await ToySpool.open(undefined, { duplicateWindowEntries: 16 });
  await toy.sendEach('a', 'b', 'c', 'd', 'e');
  await toy.spool.snapshot();
  const dataDir = toy.crash();
  fs.rmSync(path.join(dataDir, 'window', listOf(dataDir, 'window')[0]!));
  const again = await ToySpool.open(dataDir, { duplicateWindowEntries: 16 });
  expect(again.recovered?.problems).toEqual([expect.stringContaining('generation 1 is missing or damaged')]);
  expect(again.projection).toMatchObject({ order: ['a', 'b', 'c', 'd', 'e'], epoch: 1 });
  expect(await again.send('e')).toBe('duplicate');
});

test('arrivals never go back over a restart, though the wall clock does', async () => {
  const toy = await ToySpool.open(undefined, { clock: new ArrivalClock(0, () => 2_000_000_000_000) });
  await toy.send('a');
  const inFrame = await ToySpool.open(toy.crash(), { clock: new ArrivalClock(0, () => 1_000_000_000_000) });
  expect(inFrame.clock.now()).toBeGreaterThanOrEqual(2_000_000_000_000);
  await toy.spool.snapshot();
  const inSnapshot = toy.crash();
  for (const name of listOf(inSnapshot, 'segments')) fs.rmSync(path.join(inSnapshot, 'segments', name));
  const second = await ToySpool.open(inSnapshot, { clock: new ArrivalClock(0, () => 1_000_000_000_000) });
  expect(second.clock.now()).toBeGreaterThanOrEqual(2_000_000_000_000);
  const noted = await ToySpool.open();
  noted.directory.noteClock(3_000_000_000_000);
  const third = await ToySpool.open(noted.crash(), { clock: new ArrivalClock(0, () => 1_000_000_000_000) });
  expect(third.clock.now()).toBeGreaterThanOrEqual(3_000_000_000_000);
});

test('close: what was appended is durable, in the snapshot, and no handle stays open', async () => {
  const toy = await ToySpool.open();
  const hold = toy.files.hold('sync', '.seg');
  const a = toy.send('a');
  await hold.arrived;
  const closing = toy.close();
  hold.release();
  await closing;
  expect(await a).toBe('accepted');
  expect(toy.snapshots.at(-1)).toBe(1);
  expect(toy.files.count('open', '.seg')).toBe(toy.files.count('close', '.seg'));
  expect((await ToySpool.open(copyOf(toy.dataDir))).recovered).toMatchObject({ frames: 0, snapshotSequence: 1 });
});

test('files are for the owner alone', async () => {
  const toy = await withTwoSnapshots();
  for (const folder of ['segments', 'snapshots', 'window', 'set-aside'] as const) {
    expect(fs.statSync(path.join(toy.dataDir, folder)).mode & 0o777, folder).toBe(0o700);
    for (const name of toy.list(folder)) {
      expect(fs.statSync(path.join(toy.dataDir, folder, name)).mode & 0o777, name).toBe(0o600);
    }
  }
});

test('a disk that is well again is found out without a record: clients may wait for readiness to send one', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const toy = await ToySpool.open();
  toy.files.fail('sync', 'EIO');
  await expect(toy.send('a')).rejects.toThrow('EIO');
  expect(toy.spool.trouble).not.toBeNull();
  toy.files.heal();
  let now = performance.now() + 1500;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  await vi.advanceTimersByTimeAsync(2000);
  now += 10;
  await vi.waitFor(() => expect(toy.spool.trouble).toBeNull());
  vi.restoreAllMocks();
  expect(await toy.send('a')).toBe('accepted');
  expect(toy.projection.order).toEqual(['a']);
});

test('ids that came back after the window had forgotten them count again, also by a process that remembers longer', async () => {
  let wall = 1_700_000_000_000;
  const clock = new ArrivalClock(0, () => wall);
  const toy = await ToySpool.open(undefined, { clock, duplicateWindowMs: 1000 });
  for (let round = 0; round < 3; round += 1) {
    expect(await toy.send('again')).toBe('accepted');
    // A later id, so that the generation of the first is given up.
    wall += 10_000;
    await toy.send(`later-${round}`);
    wall += 10_000;
    await toy.send(`much-later-${round}`);
  }
  expect(toy.projection.count('again')).toBe(3);
  const later = await ToySpool.open(toy.crash(), { duplicateWindowMs: 86_400_000 });
  expect(later.projection.order).toEqual(toy.projection.order);
  expect(later.projection.epoch).toBe(1);
});
