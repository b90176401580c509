import * as fs from 'node:fs';
import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { nodeFiles } from './files.js';
import { NewerSnapshotError, Snapshots } from './snapshots.js';
import { FaultyFiles } from './testdata/faulty-files.js';
import { cleanUp, flip, scratchFolder } from './testdata/toy-spool.js';

afterEach(cleanUp);

const head = (sequence: number) => ({ sequence, created: 1_767_225_600_000, arrival: 1_767_225_600_005 });
const section = (name: string, ...texts: string[]) => ({ name, chunks: texts.map((text) => Buffer.from(text)) });

function fileOf(folder: string, sequence: number): string {
  return path.join(folder, `${String(sequence).padStart(16, '0')}.snap`);
}

async function* slowly(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) {
    await new Promise(setImmediate);
    yield new TextEncoder().encode(text);
  }
}

test('sections come back, newest snapshot first', async () => {
  const folder = scratchFolder();
  const store = new Snapshots(folder, nodeFiles);
  await store.save(head(5), [section('a', 'old')]);
  await store.save(head(17), [section('a', 'one', '', 'two'), { name: 'b', chunks: slowly('x', 'y') }, section('c')]);
  const { snapshots, problems, seen } = await store.load();
  expect({ problems, seen }).toEqual({ problems: [], seen: 17 });
  expect(
    snapshots.map(({ sequence, created, arrival, sections }) => ({
      sequence,
      created,
      arrival,
      sections: [...sections].map(([name, bytes]) => [name, bytes.toString()]),
    })),
  ).toEqual([
    {
      ...head(17),
      sections: [
        ['a', 'onetwo'],
        ['b', 'xy'],
        ['c', ''],
      ],
    },
    { ...head(5), sections: [['a', 'old']] },
  ]);
  expect(fs.statSync(fileOf(folder, 17)).mode & 0o777).toBe(0o600);
});

test('any damaged byte, and a cut at any length, makes it unusable and names it', async () => {
  const folder = scratchFolder();
  const store = new Snapshots(folder, nodeFiles);
  await store.save(head(3), [section('a', 'state')]);
  const whole = fs.readFileSync(fileOf(folder, 3));
  for (let at = 0; at < whole.length; at += 1) {
    flip(fileOf(folder, 3), at, at % 8);
    const { snapshots, problems, seen } = await store.load();
    expect(snapshots, `byte ${at}`).toEqual([]);
    expect(problems).toEqual([{ file: fileOf(folder, 3), reason: expect.stringMatching(/checksum|end of the file/) }]);
    // Its name still says how far frames had come.
    expect(seen).toBe(3);
    fs.writeFileSync(fileOf(folder, 3), whole.subarray(0, at));
    expect((await store.load()).snapshots, `length ${at}`).toEqual([]);
    fs.writeFileSync(fileOf(folder, 3), whole);
  }
});

test('a bad sector costs one snapshot, not the start', async () => {
  const files = new FaultyFiles();
  const store = new Snapshots(scratchFolder(), files);
  await store.save(head(3), [section('a', 'x')]);
  await store.save(head(4), [section('a', 'y')]);
  files.fail('read', 'EIO', '4.snap');
  const { snapshots, problems } = await store.load();
  expect(snapshots.map(({ sequence }) => sequence)).toEqual([3]);
  expect(problems[0]?.reason).toContain('EIO');
});

test('one that goes between being listed and being read is no problem', async () => {
  const files = new FaultyFiles();
  const store = new Snapshots(scratchFolder(), files);
  await store.save(head(3), [section('a', 'x')]);
  files.fail('read', 'ENOENT');
  expect(await store.load()).toEqual({ snapshots: [], problems: [], seen: 0 });
});

test('keeps what it is told to, and clears away older ones, damaged ones and unfinished ones', async () => {
  const folder = scratchFolder();
  const store = new Snapshots(folder, nodeFiles);
  for (const sequence of [1, 2, 3, 90]) await store.save(head(sequence), [section('a', 'x')]);
  flip(fileOf(folder, 90), 10);
  fs.writeFileSync(`${fileOf(folder, 4)}.tmp`, 'half');
  fs.writeFileSync(path.join(folder, 'notes.txt'), 'not ours');
  await store.keep([3, 2]);
  expect(fs.readdirSync(folder).sort()).toEqual(['0000000000000002.snap', '0000000000000003.snap', 'notes.txt']);
});

test.each(['write', 'sync', 'rename', 'open'] as const)(
  'a failing %s leaves the older ones and no remains',
  async (op) => {
    const files = new FaultyFiles();
    const folder = scratchFolder();
    const store = new Snapshots(folder, files);
    await store.save(head(1), [section('a', 'x')]);
    files.fail(op, 'EIO', '.snap.tmp');
    await expect(store.save(head(2), [section('a', 'y')])).rejects.toMatchObject({ code: 'EIO' });
    expect(fs.readdirSync(folder)).toEqual(['0000000000000001.snap']);
    await store.save(head(2), [section('a', 'y')]);
    expect((await store.load()).snapshots.map(({ sequence }) => sequence)).toEqual([2, 1]);
  },
);

test('a full disk half-way, and a projection that fails half-way, leave no remains either', async () => {
  const files = new FaultyFiles();
  const folder = scratchFolder();
  const store = new Snapshots(folder, files);
  files.room = 20;
  await expect(store.save(head(2), [section('a', 'x'.repeat(50))])).rejects.toMatchObject({ code: 'ENOSPC' });
  files.heal();
  async function* failing() {
    yield Buffer.from('x');
    throw new Error('a bug');
  }
  await expect(store.save(head(2), [{ name: 'a', chunks: failing() }])).rejects.toThrow('a bug');
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('what a crash between writing and renaming left is written over', async () => {
  const folder = scratchFolder();
  fs.writeFileSync(`${fileOf(folder, 2)}.tmp`, 'half');
  const store = new Snapshots(folder, nodeFiles);
  expect((await store.load()).snapshots).toEqual([]);
  await store.save(head(2), [section('a', 'x')]);
  expect((await store.load()).snapshots).toHaveLength(1);
});

test('the same sequence again takes the place of the first', async () => {
  const folder = scratchFolder();
  const store = new Snapshots(folder, nodeFiles);
  await store.save(head(2), [section('a', 'x')]);
  await store.save(head(2), [section('a', 'longer')]);
  const { snapshots } = await store.load();
  expect(snapshots.map(({ sections }) => sections.get('a')?.toString())).toEqual(['longer']);
});

test('a newer version is refused', async () => {
  const folder = scratchFolder();
  const store = new Snapshots(folder, nodeFiles);
  const table = Buffer.from('{"version":2}');
  const body = Buffer.concat([Buffer.from('MOSNAP1\n'), table, Buffer.alloc(4)]);
  body.writeUInt32LE(table.length, body.length - 4);
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(body));
  fs.writeFileSync(fileOf(folder, 2), Buffer.concat([body, crc, Buffer.from('MOSNAP1\n')]));
  await expect(store.load()).rejects.toThrow(NewerSnapshotError);
  await expect(store.load()).rejects.toThrow('has version 2; this program reads up to 1');
});
