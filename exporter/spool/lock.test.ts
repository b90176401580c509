import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { DirectoryInUseError, DirectoryLock } from './lock.js';
import { cleanUp, scratchFolder } from './testdata/toy-spool.js';

const HOLDER = `
  import { syncBuiltinESMExports } from 'node:module';
  import net from 'node:net';
  import { DirectoryLock } from './lock.js';
  if (process.argv[3] === 'slow') {
    // Between hearing that nobody answers and acting on it, this process stands still until it is told to go on.
    const { connect } = net;
    net.connect = (...args) => {
      net.connect = connect;
      syncBuiltinESMExports();
      const socket = connect(...args);
      const emit = socket.emit;
      socket.emit = (event, ...rest) => {
        if (event !== 'error') return emit.call(socket, event, ...rest);
        process.send('refused');
        process.once('message', () => emit.call(socket, event, ...rest));
        return true;
      };
      return socket;
    };
    syncBuiltinESMExports();
  }
  let said = '';
  try {
    await DirectoryLock.acquire(process.argv[2], () => process.send('lost'));
    said = 'held';
  } catch (error) {
    said = error.name + ': ' + error.message;
  }
  process.send(said);
  // The channel keeps it alive until it is killed.
  process.on('message', () => {});
`;

let compiled: string;
const children: ChildProcess[] = [];
const locks: DirectoryLock[] = [];

beforeAll(() => {
  // Real processes need JavaScript; only this file, so that it is this one and not an older build.
  compiled = fs.mkdtempSync(path.join(tmpdir(), 'lock-'));
  const source = fileURLToPath(new URL('lock.ts', import.meta.url));
  const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
  const types = fileURLToPath(new URL('../../node_modules/@types', import.meta.url));
  const options = ['--module', 'nodenext', '--target', 'es2023', '--skipLibCheck', '--types', 'node'];
  execFileSync(tsc, [source, '--ignoreConfig', '--outDir', compiled, '--typeRoots', types, ...options]);
  fs.writeFileSync(path.join(compiled, 'package.json'), '{"type":"module"}');
  fs.writeFileSync(path.join(compiled, 'holder.js'), HOLDER);
}, 60_000);

afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  for (const lock of locks.splice(0)) await lock.release();
  await cleanUp();
});
afterAll(() => fs.rmSync(compiled, { recursive: true, force: true }));

interface Holder {
  child: ChildProcess;
  said: string;
}

/** A process that tries to take the lock; resolves when it says how that went. */
async function startHolder(directory: string, pace = 'quick'): Promise<Holder> {
  const child = spawn(process.execPath, [path.join(compiled, 'holder.js'), directory, pace], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  for (;;) {
    const [said] = (await once(child, 'message')) as [string];
    if (said !== 'refused') return { child, said };
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function acquire(directory: string, lost = () => {}): Promise<DirectoryLock> {
  const lock = await DirectoryLock.acquire(directory, lost);
  locks.push(lock);
  return lock;
}

test('a second process is refused, and told who has it', async () => {
  const directory = scratchFolder();
  const first = await startHolder(directory);
  expect(first.said).toBe('held');
  const second = await startHolder(directory);
  expect(second.said).toBe(
    `DirectoryInUseError: The data directory ${directory} is in use by process ${first.child.pid}. Each exporter needs ` +
      'a data directory of its own: stop the other process, or set data_dir (MODEL_OBSERVATION_DATA_DIR) to another folder.',
  );
  // The refused one leaves nothing behind.
  expect(fs.readdirSync(directory)).toEqual(['lock.sock']);
});

test('a second one in the same process is refused too', async () => {
  const directory = scratchFolder();
  await acquire(directory);
  await expect(acquire(directory)).rejects.toThrow(`in use by process ${process.pid}`);
});

test('kill -9 of the holder frees it at once', async () => {
  const directory = scratchFolder();
  const { child } = await startHolder(directory);
  await kill(child);
  expect(fs.existsSync(path.join(directory, 'lock.sock'))).toBe(true);
  await acquire(directory);
  expect(fs.readdirSync(directory)).toEqual(['lock.sock']);
});

test('a holder that stands still keeps it', async () => {
  const directory = scratchFolder();
  const { child } = await startHolder(directory);
  child.kill('SIGSTOP');
  try {
    await expect(acquire(directory)).rejects.toThrow('in use by a process that does not answer');
  } finally {
    child.kill('SIGCONT');
  }
});

test('of processes that race for a dead lock exactly one wins, ten times', async () => {
  const directory = scratchFolder();
  await kill((await startHolder(directory)).child);
  for (let round = 0; round < 10; round += 1) {
    const racers = await Promise.all([startHolder(directory), startHolder(directory), startHolder(directory)]);
    const winners = racers.filter(({ said }) => said === 'held');
    expect(winners.length, racers.map(({ said }) => said).join('\n')).toBe(1);
    for (const { said } of racers) if (said !== 'held') expect(said).toMatch(/^DirectoryInUseError/);
    // Dead again for the next round.
    for (const { child } of racers) await kill(child);
    expect(fs.existsSync(path.join(directory, 'lock.sock'))).toBe(true);
  }
}, 60_000);

test('of many in one process that race for a free lock exactly one wins', async () => {
  const directory = scratchFolder();
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => acquire(directory)));
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results) {
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(DirectoryInUseError);
  }
  expect(fs.readdirSync(directory)).toEqual(['lock.sock']);
});

test('one that found the lock dead, but was slow to act on it, does not replace one taken over since', async () => {
  const directory = scratchFolder();
  await kill((await startHolder(directory)).child);
  const slow = startHolder(directory, 'slow');
  await once(children.at(-1)!, 'message', { signal: AbortSignal.timeout(10_000) });
  let lost = false;
  await acquire(directory, () => {
    lost = true;
  });
  children.at(-1)!.send('go on');
  expect((await slow).said).toContain(`in use by process ${process.pid}`);
  expect(lost).toBe(false);
});

test('let go and taken again, many times', async () => {
  const directory = scratchFolder();
  for (let i = 0; i < 20; i += 1) {
    const lock = await DirectoryLock.acquire(directory, () => {});
    await lock.release();
  }
  expect(fs.readdirSync(directory)).toEqual([]);
});

test('a data directory whose path is longer than that of a socket may be', async () => {
  const directory = path.join(scratchFolder(), 'd'.repeat(200), 'e'.repeat(200));
  fs.mkdirSync(directory, { recursive: true });
  const before = process.cwd();
  const { said, child } = await startHolder(directory);
  expect(said).toBe('held');
  await expect(acquire(directory)).rejects.toThrow(`in use by process ${child.pid}`);
  await kill(child);
  await acquire(directory);
  expect(process.cwd()).toBe(before);
});

test('the socket is for its owner alone', async () => {
  const directory = scratchFolder();
  await acquire(directory);
  expect(fs.statSync(path.join(directory, 'lock.sock')).mode & 0o777).toBe(0o600);
});

test('a lock that is taken away is told of', async () => {
  const directory = scratchFolder();
  const lost = new Promise<void>((resolve) => {
    void acquire(directory, resolve).then(() => fs.rmSync(path.join(directory, 'lock.sock')));
  });
  await lost;
  // Another one has it now, and letting go of the lost one leaves it alone.
  await acquire(directory);
  await locks.shift()!.release();
  expect(fs.readdirSync(directory)).toEqual(['lock.sock']);
});

test('what stands in its place and is no socket is not taken for a dead lock', async () => {
  const directory = scratchFolder();
  fs.mkdirSync(path.join(directory, 'lock.sock'));
  await expect(acquire(directory)).rejects.toThrow();
  expect(fs.readdirSync(directory)).toEqual(['lock.sock']);
});
