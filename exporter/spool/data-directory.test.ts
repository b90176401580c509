import { execFileSync, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { DataDirectory, DataDirectoryError } from './data-directory.js';
import { cleanUp, scratchFolder } from './testdata/toy-spool.js';

const open: DataDirectory[] = [];

afterEach(async () => {
  for (const directory of open.splice(0)) await directory.release();
  await cleanUp();
});

async function openIn(folder: string): Promise<DataDirectory> {
  const directory = await DataDirectory.open(folder, () => {});
  open.push(directory);
  return directory;
}

const mode = (file: string): number => fs.statSync(file).mode & 0o777;

test('is made with everything in it, for the owner alone', async () => {
  const folder = path.join(scratchFolder(), 'a', 'b');
  const directory = await openIn(folder);
  directory.noteClock(5);
  expect(mode(folder)).toBe(0o700);
  const { segments, snapshots, window, setAside, cursors } = directory;
  for (const inside of [segments, snapshots, window, setAside, cursors]) {
    expect(mode(inside), inside).toBe(0o700);
  }
  for (const file of ['keys.json', 'clock', 'lock.sock']) expect(mode(path.join(folder, file)), file).toBe(0o600);
  expect(fs.readdirSync(folder).sort()).toEqual([
    'clock',
    'cursors',
    'keys.json',
    'lock.sock',
    'segments',
    'set-aside',
    'snapshots',
    'window',
  ]);
});

test('keys are made once, and stay', async () => {
  const folder = scratchFolder();
  const first = await openIn(folder);
  expect([first.idKey.length, first.secretKey.length]).toEqual([8, 32]);
  await open.pop()!.release();
  const second = await openIn(folder);
  expect(second.idKey.equals(first.idKey)).toBe(true);
  expect(second.secretKey.equals(first.secretKey)).toBe(true);
  const other = await openIn(scratchFolder());
  expect(other.idKey.equals(first.idKey)).toBe(false);
});

test.each([
  ['empty', ''],
  ['no JSON', '{"id":'],
  ['null', 'null'],
  ['too short', '{"id":"00ff","secret":"00"}'],
  ['no hex', `{"id":"${'xx'.repeat(8)}","secret":"${'xx'.repeat(32)}"}`],
  ['other things', '{"id":7,"secret":[]}'],
])('damaged keys (%s): refused, with what to do, the lock let go', async (_, text) => {
  const folder = scratchFolder();
  fs.writeFileSync(path.join(folder, 'keys.json'), text);
  await expect(openIn(folder)).rejects.toThrow(DataDirectoryError);
  await expect(openIn(folder)).rejects.toThrow(
    `${folder}/keys.json is damaged. It holds the keys of this data directory: restore it from a backup, or delete it`,
  );
  // Not written over.
  expect(fs.readFileSync(path.join(folder, 'keys.json'), 'utf8')).toBe(text);
  fs.rmSync(path.join(folder, 'keys.json'));
  await openIn(folder);
});

test('keys that a crash left half written are made anew', async () => {
  const folder = scratchFolder();
  fs.writeFileSync(path.join(folder, 'keys.json.tmp'), '{"id":');
  await openIn(folder);
  expect(fs.readdirSync(folder)).not.toContain('keys.json.tmp');
});

test('the clock: nothing noted, noted, noted again', async () => {
  const directory = await openIn(scratchFolder());
  expect(directory.readClock()).toBe(0);
  directory.noteClock(Number.MAX_SAFE_INTEGER);
  expect(directory.readClock()).toBe(Number.MAX_SAFE_INTEGER);
  directory.noteClock(1_767_225_600_000);
  expect(directory.readClock()).toBe(1_767_225_600_000);
});

test.each(['', 'abc', '12.5', '9e99', '\0\0\0\0', '1'.repeat(40)])(
  'a damaged clock (%j) is as none, and is mended',
  async (text) => {
    const directory = await openIn(scratchFolder());
    fs.writeFileSync(directory.clock, text);
    expect(directory.readClock()).toBe(0);
    directory.noteClock(1_767_225_600_000);
    expect(directory.readClock()).toBe(1_767_225_600_000);
  },
);

test('the clock needs no room: it is written over in place, always as long', async () => {
  const directory = await openIn(scratchFolder());
  directory.noteClock(1);
  const { ino, size } = fs.statSync(directory.clock);
  directory.noteClock(Number.MAX_SAFE_INTEGER);
  expect(fs.statSync(directory.clock)).toMatchObject({ ino, size });
});

test('a file in its place', async () => {
  const file = path.join(scratchFolder(), 'data');
  fs.writeFileSync(file, '');
  const refused = await openIn(file).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(DataDirectoryError);
  expect((refused as Error).message).toContain(`The data directory ${file} cannot be used (ENOTDIR)`);
  await expect(openIn(path.join(file, 'inside'))).rejects.toThrow('cannot be used (ENOTDIR)');
});

test('a second opening is refused', async () => {
  const folder = scratchFolder();
  await openIn(folder);
  await expect(openIn(folder)).rejects.toThrow(`The data directory ${folder} is in use by process ${process.pid}`);
});

// Root may do anything whatever the modes say: then another user has to try.
const isRoot = process.getuid?.() === 0;
const USER = isRoot ? 65534 : (process.getuid?.() ?? 0);

/** What another process, not root's, says when it opens the folder. */
function openAsUser(folder: string): string {
  const script = path.join(compile(), 'open.js');
  const user = isRoot ? { uid: USER, gid: USER } : {};
  const { stdout, stderr } = spawnSync(process.execPath, [script, folder], { ...user, encoding: 'utf8', cwd: '/' });
  return stdout + stderr;
}

function usersFolder(): string {
  const folder = path.join(scratchFolder(), 'data');
  fs.chmodSync(path.dirname(folder), 0o755);
  fs.mkdirSync(folder);
  if (isRoot) fs.chownSync(folder, USER, USER);
  return folder;
}

test.each([
  ['not readable', 0o000],
  ['not writable', 0o555],
  ['not to be entered', 0o666],
])(
  'a folder that is %s: which, and what to do',
  (_, bits) => {
    const folder = usersFolder();
    fs.chmodSync(folder, bits);
    expect(openAsUser(folder)).toBe(
      `DataDirectoryError: The data directory ${folder} cannot be used (EACCES). The exporter writes every call record there ` +
        `before it answers: make the folder writable for user ${USER}, or set data_dir (MODEL_OBSERVATION_DATA_DIR) to one that is.`,
    );
    fs.chmodSync(folder, 0o700);
  },
  60_000,
);

test('keys that cannot be read, as after a restore by another user', () => {
  const folder = usersFolder();
  fs.writeFileSync(path.join(folder, 'keys.json'), '{}', { mode: 0 });
  expect(openAsUser(folder)).toContain(`DataDirectoryError: The data directory ${folder} cannot be used (EACCES)`);
  // The lock was let go.
  expect(fs.readdirSync(folder)).not.toContain('lock.sock');
}, 60_000);

let compiledOnce: string | null = null;

/** JavaScript for a process of another user, in a folder that it may read. */
function compile(): string {
  if (compiledOnce !== null && fs.existsSync(compiledOnce)) return compiledOnce;
  const folder = scratchFolder();
  const source = fileURLToPath(new URL('data-directory.ts', import.meta.url));
  const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
  execFileSync(path.join(modules, '.bin/tsc'), [
    source,
    ...['--ignoreConfig', '--outDir', folder, '--typeRoots', path.join(modules, '@types'), '--types', 'node'],
    ...['--module', 'nodenext', '--target', 'es2023', '--skipLibCheck'],
  ]);
  fs.writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(
    path.join(folder, 'open.js'),
    `import { DataDirectory } from './data-directory.js';
     await DataDirectory.open(process.argv[2], () => {}).then(
       () => process.stdout.write('opened'),
       (error) => process.stdout.write(error.name + ': ' + error.message),
     );
     process.exit(0);`,
  );
  fs.chmodSync(folder, 0o755);
  for (const name of fs.readdirSync(folder)) fs.chmodSync(path.join(folder, name), 0o644);
  compiledOnce = folder;
  return folder;
}

test('a file system that answers ENOENT under a folder that exists is told, and does not keep the start spinning', async () => {
  // Node's own recursive mkdir never returns here.
  if (!fs.existsSync('/proc/self')) return;
  await expect(openIn('/proc/model-observation/data')).rejects.toThrow(
    'The data directory /proc/model-observation/data cannot be used (ENOENT)',
  );
});

test('keys that are gone are made anew, and it is known that they are', async () => {
  const folder = scratchFolder();
  const first = await openIn(folder);
  expect(first.keysAreNew).toBe(false);
  await first.release();
  fs.writeFileSync(path.join(folder, 'segments', '0000000000000001.seg'), '');
  fs.rmSync(path.join(folder, 'keys.json'));
  const second = await openIn(folder);
  expect(second.keysAreNew).toBe(true);
  expect(second.idKey).not.toEqual(first.idKey);
});
