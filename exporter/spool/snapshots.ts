import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Files } from './files.js';
import { replaceFile } from './replace-file.js';

/** Of the file; what stands in a section has a version of its own. */
export const SNAPSHOT_FILE_VERSION = 1;
const MAGIC = Buffer.from('MOSNAP1\n', 'latin1');
/** Behind the sections: a JSON table of them, its length (u32), the CRC-32 of all before (u32), the magic. */
const FOOTER_BYTES = 4 + 4 + MAGIC.length;

export interface SnapshotHead {
  /** Every frame up to this sequence is in it, and none above. */
  sequence: number;
  /** ms since the epoch */
  created: number;
  /** The latest arrival handed out, ms. */
  arrival: number;
}

export interface SnapshotSection {
  name: string;
  /** Made while it is written: the event loop gets its turn between two chunks. */
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface Snapshot extends SnapshotHead {
  file: string;
  sections: ReadonlyMap<string, Buffer>;
}

/** A snapshot of a format that this program does not know: nothing may be touched. */
export class NewerSnapshotError extends Error {
  /** @param newest the newest version of this that the program reads */
  constructor(what: string, version: number, newest: number) {
    super(
      `${what} has version ${version}; this program reads up to ${newest}. ` +
        'It was written by a newer Model Observation: start that version again, or a later one.',
    );
    this.name = 'NewerSnapshotError';
  }
}

/** A snapshot file that cannot be used, and why. */
export interface SnapshotProblem {
  file: string;
  reason: string;
}

interface SectionTable extends SnapshotHead {
  version: number;
  sections: { name: string; length: number }[];
}

export interface LoadedSnapshots {
  /** The intact ones, newest first. */
  snapshots: Snapshot[];
  problems: SnapshotProblem[];
  /** The highest sequence that any of them covers, also one that cannot be used; 0 without any. */
  seen: number;
}

/** The folder of snapshots: what projections made of all frames up to a sequence. */
export class Snapshots {
  constructor(
    private readonly directory: string,
    private readonly files: Files,
  ) {}

  /**
   * Reads all of them; what is damaged is named in `problems`.
   * @throws NewerSnapshotError
   */
  async load(): Promise<LoadedSnapshots> {
    const loaded: LoadedSnapshots = { snapshots: [], problems: [], seen: 0 };
    const names = (await this.files.list(this.directory)).filter((name) => /^\d{16}\.snap$/.test(name));
    for (const name of names.sort().reverse()) {
      const file = path.join(this.directory, name);
      const read = await this.#read(file);
      if (read === null) continue;
      loaded.seen = Math.max(loaded.seen, Number.parseInt(name, 10));
      if (typeof read === 'string') loaded.problems.push({ file, reason: read });
      else loaded.snapshots.push(read);
    }
    return loaded;
  }

  /** Writes a snapshot and makes it durable. */
  async save(head: SnapshotHead, sections: readonly SnapshotSection[]): Promise<void> {
    const file = path.join(this.directory, fileName(head.sequence));
    await replaceFile(this.files, file, (fd) => this.#write(fd, head, sections));
  }

  /** Lets go of all but these: older ones, damaged ones, and what a crash left half written. */
  async keep(sequences: readonly number[]): Promise<void> {
    const kept = new Set(sequences.map(fileName));
    for (const name of await this.files.list(this.directory)) {
      if (/^\d{16}\.snap(\.tmp)?$/.test(name) && !kept.has(name)) {
        await this.files.remove(path.join(this.directory, name));
      }
    }
  }

  /** @returns the snapshot; why it cannot be used; null when it has gone since it was listed */
  async #read(file: string): Promise<Snapshot | string | null> {
    let bytes: Buffer;
    try {
      bytes = await this.files.read(file);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return null;
      // A bad sector: another snapshot may do.
      if (code === 'EIO') return message;
      throw error;
    }
    return decode(bytes, file);
  }

  async #write(fd: number, head: SnapshotHead, sections: readonly SnapshotSection[]): Promise<void> {
    let position = 0;
    let crc = 0;
    const write = async (bytes: Buffer): Promise<void> => {
      // zlib answers 0 for no bytes, whatever came before.
      if (bytes.length === 0) return;
      crc = crc32(bytes, crc);
      await this.files.write(fd, bytes, position);
      position += bytes.length;
    };
    const table: SectionTable = { version: SNAPSHOT_FILE_VERSION, ...head, sections: [] };
    await write(MAGIC);
    for (const section of sections) {
      const start = position;
      for await (const chunk of section.chunks) {
        await write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      }
      table.sections.push({ name: section.name, length: position - start });
    }
    const json = Buffer.from(JSON.stringify(table));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    await write(Buffer.concat([json, length]));
    const end = Buffer.alloc(4);
    end.writeUInt32LE(crc);
    await write(Buffer.concat([end, MAGIC]));
  }
}

function fileName(sequence: number): string {
  return `${String(sequence).padStart(16, '0')}.snap`;
}

/** @returns the snapshot, or why it cannot be used */
function decode(bytes: Buffer, file: string): Snapshot | string {
  if (bytes.length < MAGIC.length + FOOTER_BYTES) return 'the file is too short';
  const end = bytes.length - FOOTER_BYTES;
  if (bytes.compare(MAGIC, 0, MAGIC.length, bytes.length - MAGIC.length) !== 0) return 'the end of the file is missing';
  if (crc32(bytes.subarray(0, end + 4)) !== bytes.readUInt32LE(end + 4)) return 'the checksum does not match';
  const tableLength = bytes.readUInt32LE(end);
  const table = JSON.parse(bytes.toString('utf8', end - tableLength, end)) as SectionTable;
  if (table.version > SNAPSHOT_FILE_VERSION) throw new NewerSnapshotError(file, table.version, SNAPSHOT_FILE_VERSION);
  const sections = new Map<string, Buffer>();
  let at = MAGIC.length;
  for (const section of table.sections) {
    sections.set(section.name, bytes.subarray(at, at + section.length));
    at += section.length;
  }
  const { sequence, created, arrival } = table;
  return { file, sequence, created, arrival, sections };
}
