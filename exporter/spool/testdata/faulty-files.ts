import * as path from 'node:path';
import { type Files, nodeFiles, type OpenMode } from '../files.js';

type Operation = Exclude<keyof Files, 'freeBytes'>;

interface Fault {
  operation: Operation;
  code: string;
  /** How many more times. */
  times: number;
  matches: (name: string) => boolean;
}

interface Hold {
  operation: Operation;
  matches: (name: string) => boolean;
  arrived: () => void;
  released: Promise<void>;
}

/** The real file system, with a disk that can fill up, fail and stand still. */
export class FaultyFiles implements Files {
  /** Bytes that may still be written; a write that needs more writes what fits and fails. */
  room = Number.POSITIVE_INFINITY;
  /** What `freeBytes` says; null = that it cannot tell. */
  free: number | null = Number.POSITIVE_INFINITY;
  /** Every operation, as `sync 0000000000000001.seg`. */
  readonly done: string[] = [];
  #faults: Fault[] = [];
  #holds: Hold[] = [];
  readonly #names = new Map<number, string>();

  /** Fails an operation on files whose name contains `name`: once, unless told otherwise. */
  fail(operation: Operation, code: string, name = '', times = 1): void {
    this.#faults.push({ operation, code, times, matches: (file) => file.includes(name) });
  }

  /** Everything works again. */
  heal(): void {
    this.#faults = [];
    this.room = Number.POSITIVE_INFINITY;
  }

  /** Stops the next such operation before it does anything. */
  hold(operation: Operation, name = ''): { arrived: Promise<void>; release: () => void } {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      this.#holds.push({ operation, matches: (file) => file.includes(name), arrived: resolve, released });
    });
    return { arrived, release };
  }

  count(operation: Operation, name = ''): number {
    return this.done.filter((line) => line.startsWith(`${operation} `) && line.includes(name)).length;
  }

  async open(file: string, mode: OpenMode): Promise<number> {
    await this.#enter('open', path.basename(file));
    const fd = await nodeFiles.open(file, mode);
    this.#names.set(fd, path.basename(file));
    return fd;
  }

  async write(fd: number, bytes: Buffer, position: number): Promise<void> {
    await this.#enter('write', this.#nameOf(fd));
    const fits = Math.min(bytes.length, this.room);
    this.room -= fits;
    await nodeFiles.write(fd, bytes.subarray(0, fits), position);
    if (fits < bytes.length) throw systemError('ENOSPC', 'write');
  }

  async sync(fd: number): Promise<void> {
    await this.#enter('sync', this.#nameOf(fd));
    await nodeFiles.sync(fd);
  }

  async truncate(fd: number, length: number): Promise<void> {
    await this.#enter('truncate', this.#nameOf(fd));
    await nodeFiles.truncate(fd, length);
  }

  async close(fd: number): Promise<void> {
    await this.#enter('close', this.#nameOf(fd));
    await nodeFiles.close(fd);
  }

  async read(file: string): Promise<Buffer> {
    await this.#enter('read', path.basename(file));
    return nodeFiles.read(file);
  }

  async readAt(fd: number, into: Buffer, position: number): Promise<number> {
    await this.#enter('readAt', this.#nameOf(fd));
    return nodeFiles.readAt(fd, into, position);
  }

  async readHead(file: string, length: number): Promise<Buffer> {
    await this.#enter('readHead', path.basename(file));
    return nodeFiles.readHead(file, length);
  }

  async syncDirectory(folder: string): Promise<void> {
    await this.#enter('syncDirectory', path.basename(folder));
    await nodeFiles.syncDirectory(folder);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#enter('rename', path.basename(from));
    await nodeFiles.rename(from, to);
  }

  async remove(file: string): Promise<void> {
    await this.#enter('remove', path.basename(file));
    await nodeFiles.remove(file);
  }

  async list(folder: string): Promise<string[]> {
    await this.#enter('list', path.basename(folder));
    return nodeFiles.list(folder);
  }

  async size(file: string): Promise<number> {
    await this.#enter('size', path.basename(file));
    return nodeFiles.size(file);
  }

  async freeBytes(): Promise<number> {
    if (this.free === null) throw systemError('ENOSYS', 'statfs');
    return this.free;
  }

  async #enter(operation: Operation, name: string): Promise<void> {
    const held = this.#holds.findIndex((hold) => hold.operation === operation && hold.matches(name));
    if (held !== -1) {
      const [hold] = this.#holds.splice(held, 1);
      hold!.arrived();
      await hold!.released;
    }
    const fault = this.#faults.find(
      (candidate) => candidate.operation === operation && candidate.times > 0 && candidate.matches(name),
    );
    if (fault !== undefined) {
      fault.times -= 1;
      throw systemError(fault.code, operation);
    }
    this.done.push(`${operation} ${name}`);
  }

  #nameOf(fd: number): string {
    return this.#names.get(fd) ?? `fd ${fd}`;
  }
}

export function systemError(code: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: made to fail, ${syscall}`), { code, syscall });
}
