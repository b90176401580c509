import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { DirectoryLock, type LockLost } from './lock.js';

const KEYS = 'keys.json';
/** As many as the largest safe integer has. */
const CLOCK_DIGITS = 16;

/** The data directory cannot be used; the message says what to do. */
export class DataDirectoryError extends Error {
  override name = 'DataDirectoryError';
}

/** The folders of one exporter's data, and the keys that stay with it. */
export class DataDirectory {
  readonly segments: string;
  readonly snapshots: string;
  readonly window: string;
  readonly setAside: string;
  readonly cursors: string;
  readonly clock: string;

  private constructor(
    readonly path: string,
    private readonly lock: DirectoryLock,
    /** 8 bytes: makes the hashes of record ids unpredictable. */
    readonly idKey: Buffer,
    /** 32 bytes: for the hashes that stand in for secrets sent as key ids. */
    readonly secretKey: Buffer,
    /** The keys were missing though there are data: ids and secrets of before hash to something else now. */
    readonly keysAreNew: boolean,
  ) {
    this.segments = inside(path, 'segments');
    this.snapshots = inside(path, 'snapshots');
    this.window = inside(path, 'window');
    this.setAside = inside(path, 'set-aside');
    this.cursors = inside(path, 'cursors');
    this.clock = inside(path, 'clock');
  }

  /**
   * Makes what is missing and takes the lock.
   * @param lost called when the lock is no longer this process's
   * @throws DirectoryInUseError, DataDirectoryError
   */
  static async open(directory: string, lost: LockLost): Promise<DataDirectory> {
    try {
      makeFolder(directory);
      if (!fs.statSync(directory).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
      fs.accessSync(directory, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
    } catch (error) {
      throw unusable(directory, error);
    }
    let lock: DirectoryLock;
    try {
      lock = await DirectoryLock.acquire(directory, lost);
    } catch (error) {
      throw isSystemError(error) ? unusable(directory, error) : error;
    }
    try {
      for (const folder of ['segments', 'snapshots', 'window', 'set-aside', 'cursors']) {
        makeFolder(path.join(directory, folder));
      }
      const keysFile = path.join(directory, KEYS);
      const isUsed = fs.readdirSync(path.join(directory, 'segments')).length > 0;
      const keysAreNew = isUsed && !fs.existsSync(keysFile);
      const keys = readKeys(keysFile);
      // Room for the clock is taken now: a disk that is full later must not keep anybody from scraping.
      const clock = path.join(directory, 'clock');
      if (!fs.existsSync(clock)) fs.writeFileSync(clock, `${'0'.padStart(CLOCK_DIGITS)}\n`, { mode: 0o600 });
      // Frames are synced, which is worth nothing when a power failure takes their folder or the keys.
      syncFolder(directory);
      return new DataDirectory(directory, lock, keys.id, keys.secret, keysAreNew);
    } catch (error) {
      await lock.release();
      throw isSystemError(error) ? unusable(directory, error) : error;
    }
  }

  /** The latest arrival that a scrape depended on, ms; 0 when none was noted. */
  readClock(): number {
    try {
      const noted = Number(fs.readFileSync(this.clock, 'utf8'));
      return Number.isSafeInteger(noted) ? noted : 0;
    } catch {
      return 0;
    }
  }

  /**
   * Notes an arrival that later processes must not fall behind. A crash of the process cannot undo it.
   * Written in place, always as long: a full disk takes it, and so goes on being scraped.
   */
  noteClock(arrival: number): void {
    const text = `${String(arrival).padStart(CLOCK_DIGITS)}\n`;
    const fd = fs.openSync(this.clock, fs.constants.O_WRONLY | fs.constants.O_CREAT, 0o600);
    try {
      fs.writeSync(fd, text, 0);
      fs.ftruncateSync(fd, text.length);
    } finally {
      fs.closeSync(fd);
    }
  }

  async release(): Promise<void> {
    await this.lock.release();
  }
}

function inside(directory: string, name: string): string {
  return path.join(directory, name);
}

/**
 * Makes a folder and those above it, by single steps: Node's own `recursive` never returns where a file
 * system says ENOENT under a folder that exists, as /proc does.
 */
function makeFolder(folder: string): void {
  const missing: string[] = [];
  for (let at = path.resolve(folder); !fs.existsSync(at); at = path.dirname(at)) missing.push(at);
  for (const step of missing.reverse()) {
    try {
      fs.mkdirSync(step, { mode: 0o700 });
    } catch (error) {
      // Two processes may start at once.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !fs.existsSync(step)) throw error;
    }
  }
}

function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function isSystemError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | null)?.code === 'string';
}

function unusable(directory: string, cause: unknown): DataDirectoryError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new DataDirectoryError(
    `The data directory ${directory} cannot be used (${code ?? message}). The exporter writes every call record there before ` +
      `it answers: make the folder writable for user ${process.getuid?.() ?? '?'}, or set data_dir (MODEL_OBSERVATION_DATA_DIR) to one that is.`,
    { cause },
  );
}

function readKeys(file: string): { id: Buffer; secret: Buffer } {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const keys = { id: randomBytes(8), secret: randomBytes(32) };
    const json = JSON.stringify({ id: keys.id.toString('hex'), secret: keys.secret.toString('hex') });
    const fd = fs.openSync(`${file}.tmp`, 'w', 0o600);
    try {
      fs.writeSync(fd, `${json}\n`);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(`${file}.tmp`, file);
    return keys;
  }
  try {
    const { id, secret } = JSON.parse(text) as { id: string; secret: string };
    const keys = { id: Buffer.from(id, 'hex'), secret: Buffer.from(secret, 'hex') };
    if (keys.id.length === 8 && keys.secret.length === 32) return keys;
  } catch {
    // Said below.
  }
  throw new DataDirectoryError(
    `${file} is damaged. It holds the keys of this data directory: restore it from a backup, or delete it ` +
      '(records that clients send again may then be counted twice, once).',
  );
}
