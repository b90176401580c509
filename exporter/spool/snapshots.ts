import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import type { Files } from './files.js';

const KEPT = 2;
const VERSION = 1;
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

/** A snapshot file that cannot be used, and why. */
export interface SnapshotProblem {
  file: string;
  reason: string;
}

interface SectionTable extends SnapshotHead {
  version: number;
  sections: { name: string; length: number }[];
}

/** The folder of snapshots: what projections made of all frames up to a sequence. The newest two are kept. */
export class Snapshots {
  constructor(
    private readonly directory: string,
    private readonly files: Files,
  ) {}

  /**
   * The intact snapshots, newest first; what is damaged is named in `problems`.
   * @throws when a snapshot is of a newer version than this program reads
   */
  async load(): Promise<{ snapshots: Snapshot[]; problems: SnapshotProblem[] }> {
    const snapshots: Snapshot[] = [];
    const problems: SnapshotProblem[] = [];
    for (const name of (await this.#names()).reverse()) {
      const file = path.join(this.directory, name);
      const read = decode(await this.files.read(file), file);
      if (typeof read === 'string') problems.push({ file, reason: read });
      else snapshots.push(read);
    }
    return { snapshots, problems };
  }

  /** Writes a snapshot and makes it durable, then lets go of all but the newest two. */
  async save(head: SnapshotHead, sections: readonly SnapshotSection[]): Promise<void> {
    const file = path.join(this.directory, name(head.sequence));
    const unfinished = `${file}.tmp`;
    await this.files.remove(unfinished).catch(() => {});
    const fd = await this.files.open(unfinished, 'create');
    try {
      const length = await this.#write(fd, head, sections);
      await this.files.truncate(fd, length);
      await this.files.sync(fd);
    } finally {
      await this.files.close(fd);
    }
    await this.files.rename(unfinished, file);
    await this.files.syncDirectory(this.directory);
    for (const old of (await this.#names()).slice(0, -KEPT)) {
      await this.files.remove(path.join(this.directory, old));
    }
  }

  async #write(fd: number, head: SnapshotHead, sections: readonly SnapshotSection[]): Promise<number> {
    let position = 0;
    let crc = 0;
    const write = async (bytes: Buffer): Promise<void> => {
      // zlib answers 0 for no bytes, whatever came before.
      if (bytes.length === 0) return;
      crc = crc32(bytes, crc);
      await this.files.write(fd, bytes, position);
      position += bytes.length;
    };
    const table: SectionTable = { version: VERSION, ...head, sections: [] };
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
    return position;
  }

  async #names(): Promise<string[]> {
    return (await this.files.list(this.directory)).filter((file) => /^\d{16}\.snap$/.test(file)).sort();
  }
}

function name(sequence: number): string {
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
  if (table.version > VERSION) {
    throw new Error(
      `${file} has version ${table.version}; this program reads up to ${VERSION}. ` +
        'It was written by a newer Model Observation: start that version again, or a later one.',
    );
  }
  const sections = new Map<string, Buffer>();
  let at = MAGIC.length;
  for (const section of table.sections) {
    sections.set(section.name, bytes.subarray(at, at + section.length));
    at += section.length;
  }
  const { sequence, created, arrival } = table;
  return { file, sequence, created, arrival, sections };
}
