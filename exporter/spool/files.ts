import * as fs from 'node:fs';
import { promisify } from 'node:util';

/**
 * What the spool asks of a file system: a seam, so that tests can fill the disk and fail a sync. All
 * errors are Node's system errors, with their `code`.
 */
export interface Files {
  /** Opens for reading and writing, or for reading alone; `create` refuses a file that exists. Mode 0600. */
  open(path: string, mode: OpenMode): Promise<number>;
  /** Writes all of the bytes at a position. */
  write(fd: number, bytes: Buffer, position: number): Promise<void>;
  sync(fd: number): Promise<void>;
  truncate(fd: number, length: number): Promise<void>;
  close(fd: number): Promise<void>;
  read(path: string): Promise<Buffer>;
  /** Fills the buffer from a position of the file. @returns how many bytes; fewer where the file ends */
  readAt(fd: number, into: Buffer, position: number): Promise<number>;
  /** Reads the first `length` bytes, or as many as there are. */
  readHead(path: string, length: number): Promise<Buffer>;
  /** Makes the directory's entries durable. */
  syncDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  list(path: string): Promise<string[]>;
  size(path: string): Promise<number>;
  /** Bytes that this user may still write on the path's file system. */
  freeBytes(path: string): Promise<number>;
}

export type OpenMode = 'create' | 'existing' | 'read';

const FLAGS: Readonly<Record<OpenMode, number>> = {
  create: fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL,
  existing: fs.constants.O_RDWR,
  read: fs.constants.O_RDONLY,
};

const open = promisify(fs.open);
const readOnce = promisify(fs.read) as (
  fd: number,
  bytes: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesRead: number }>;
const writeOnce = promisify(fs.write) as (
  fd: number,
  bytes: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<{ bytesWritten: number }>;
const fdatasync = promisify(fs.fdatasync);
const fsync = promisify(fs.fsync);
const ftruncate = promisify(fs.ftruncate);
const close = promisify(fs.close);
const statfs = promisify(fs.statfs);

/** The real file system. */
export const nodeFiles: Files = {
  open: (path, mode) => open(path, FLAGS[mode], 0o600),
  async write(fd, bytes, position) {
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await writeOnce(fd, bytes, done, bytes.length - done, position + done);
      done += bytesWritten;
    }
  },
  sync: fdatasync,
  truncate: ftruncate,
  close,
  read: (path) => fs.promises.readFile(path),
  async readAt(fd, into, position) {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await readOnce(fd, into, done, into.length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  },
  async readHead(path, length) {
    const handle = await fs.promises.open(path, 'r');
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  },
  async syncDirectory(path) {
    const fd = await open(path, 'r');
    try {
      await fsync(fd);
    } finally {
      await close(fd);
    }
  },
  rename: (from, to) => fs.promises.rename(from, to),
  remove: (path) => fs.promises.unlink(path),
  list: (path) => fs.promises.readdir(path),
  size: async (path) => (await fs.promises.stat(path)).size,
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};
