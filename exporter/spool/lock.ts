import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const NAME = 'lock.sock';
/** How long a process that took over a dead lock waits to see whether another one did the same. */
const SETTLE_MS = 250;
const WATCH_MS = 1000;
const ANSWER_MS = 2000;

/** Another process has taken the lock; or it is gone, its folder moved or emptied, and another one could take it. */
export type LockLost = (how: 'gone' | 'taken') => void;

/** Another process has the data directory. */
export class DirectoryInUseError extends Error {
  constructor(directory: string, holder: string) {
    super(
      `The data directory ${directory} is in use by ${holder}. Each exporter needs a data directory of its own: ` +
        'stop the other process, or set data_dir (MODEL_OBSERVATION_DATA_DIR) to another folder.',
    );
    this.name = 'DirectoryInUseError';
  }
}

/**
 * One process per data directory. The lock is a listening Unix socket in the directory: the kernel takes
 * the listener away with its process, however that ends, so a dead lock is told from a live one by
 * connecting to it; no process ids, which containers reuse, and no heartbeats, which a paused process
 * misses. It works between containers that share a volume on one machine, not across machines.
 */
export class DirectoryLock {
  #watch: NodeJS.Timeout | null = null;

  private constructor(
    private readonly directory: string,
    private readonly server: net.Server,
    private readonly inode: bigint,
  ) {}

  /**
   * @param lost called when the lock is no longer this process's, which should never happen
   * @throws DirectoryInUseError
   */
  static async acquire(directory: string, lost: LockLost): Promise<DirectoryLock> {
    const own = `lock-${randomBytes(6).toString('hex')}.sock`;
    const server = await listen(directory, own);
    const ownPath = path.join(directory, own);
    const lockPath = path.join(directory, NAME);
    try {
      const inode = fs.statSync(ownPath, { bigint: true }).ino;
      for (;;) {
        try {
          // A link refuses an existing name, which a rename would not: of two newcomers one wins.
          fs.linkSync(ownPath, lockPath);
          fs.unlinkSync(ownPath);
          break;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        }
        const found = inodeOf(lockPath);
        const holder = await whoHolds(directory);
        if (holder !== null) throw new DirectoryInUseError(directory, holder);
        // Whoever took the dead lock over in the meantime is alive: only what was seen dead is replaced.
        if (found === null || inodeOf(lockPath) !== found) continue;
        fs.renameSync(ownPath, lockPath);
        await delay(SETTLE_MS);
        if (inodeOf(lockPath) !== inode) {
          throw new DirectoryInUseError(directory, (await whoHolds(directory)) ?? 'another process');
        }
        break;
      }
      const lock = new DirectoryLock(directory, server, inode);
      lock.#watch = setInterval(() => {
        let found: bigint | null;
        try {
          found = inodeOf(lockPath);
        } catch {
          // A file system that does not answer just now says nothing about the lock.
          return;
        }
        if (found === inode) return;
        clearInterval(lock.#watch ?? undefined);
        lost(found === null ? 'gone' : 'taken');
      }, WATCH_MS);
      lock.#watch.unref();
      return lock;
    } catch (error) {
      server.close();
      fs.rmSync(ownPath, { force: true });
      throw error;
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#watch ?? undefined);
    const lockPath = path.join(this.directory, NAME);
    try {
      if (inodeOf(lockPath) === this.inode) fs.rmSync(lockPath, { force: true });
    } catch {
      // A dead lock is taken over by whoever comes next.
    }
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function inodeOf(file: string): bigint | null {
  return fs.statSync(file, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}

/** Runs with the directory as working directory: the path of a Unix socket may have some 100 bytes only. */
function inside<T>(directory: string, run: () => T): T {
  const before = process.cwd();
  process.chdir(directory);
  try {
    return run();
  } finally {
    process.chdir(before);
  }
}

async function listen(directory: string, name: string): Promise<net.Server> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end(`process ${process.pid}`);
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    inside(directory, () => server.listen({ path: name }, resolve));
  });
  // Node removes the path that it was given when the server closes, by then relative to another directory: harmless.
  fs.chmodSync(path.join(directory, name), 0o600);
  return server;
}

/** Who answers on the lock's socket; null when nobody does. */
function whoHolds(directory: string): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = inside(directory, () => net.connect({ path: NAME }));
    let said = '';
    socket.setTimeout(ANSWER_MS, () => {
      // Connected but silent: a stopped process holds its lock.
      socket.destroy();
      resolve('a process that does not answer');
    });
    socket.on('data', (data) => {
      said += data;
    });
    socket.on('end', () => {
      socket.destroy();
      resolve(said || 'another process');
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(null);
      else if (error.code === 'ECONNRESET' || error.code === 'EPIPE') resolve(said || 'another process');
      // Somebody listens and takes no connection off the queue: stopped, not dead.
      else if (error.code === 'EAGAIN') resolve('a process that does not answer');
      else reject(error);
    });
  });
}
