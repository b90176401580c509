import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import {
  DuplicateWindow,
  type DuplicateWindowOptions,
  type FrozenGeneration,
  type SavedGeneration,
} from './duplicate-window.js';
import type { Files } from './files.js';

/** The window's part of a snapshot: which generations there are, and the ids of the newest. */
export interface WindowSection {
  chunks: Buffer[];
  /** The sealed generations that the snapshot counts on. */
  sealed: number[];
}

/**
 * Saves the duplicate window beside the snapshots. Sealed generations never change: each is written once,
 * to a file of its own; only the newest stands in the snapshot.
 */
export class WindowFiles {
  constructor(
    private readonly directory: string,
    private readonly files: Files,
  ) {}

  /** Writes the sealed generations that have no file yet. To be called before the snapshot is saved. */
  async save(generations: readonly FrozenGeneration[]): Promise<WindowSection> {
    const existing = new Set(await this.files.list(this.directory));
    const newest = generations[generations.length - 1]!;
    for (const generation of generations) {
      if (!generation.sealed || existing.has(fileName(generation))) continue;
      await this.#write(generation);
    }
    const packed = newest.pack();
    const heads: SavedGeneration[] = generations.map(({ number, first, last, count }) => ({
      number,
      first,
      last,
      count,
    }));
    const json = Buffer.from(JSON.stringify(heads));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    return {
      chunks: [length, json, packed],
      sealed: generations.filter((generation) => generation.sealed).map((generation) => generation.number),
    };
  }

  /** Deletes generations older than the oldest that a kept snapshot may need. */
  async release(oldest: number): Promise<void> {
    for (const file of await this.files.list(this.directory)) {
      if (Number.parseInt(file, 10) < oldest) await this.files.remove(path.join(this.directory, file));
    }
  }

  /**
   * Puts the window of a snapshot together again.
   * @returns the window, and the generations that could not be read: their ids are forgotten
   */
  async load(
    section: Buffer,
    options: DuplicateWindowOptions,
  ): Promise<{ window: DuplicateWindow; missing: number[] }> {
    const length = section.readUInt32LE(0);
    const heads = JSON.parse(section.toString('utf8', 4, 4 + length)) as SavedGeneration[];
    const window = new DuplicateWindow(options);
    const missing: number[] = [];
    for (const [index, head] of heads.entries()) {
      const isNewest = index === heads.length - 1;
      const packed = isNewest ? section.subarray(4 + length) : await this.#read(head);
      if (packed === null || packed.length !== head.count * 8) {
        missing.push(head.number);
        window.markCut();
        continue;
      }
      window.restore(head, packed);
    }
    return { window, missing };
  }

  async #write(generation: FrozenGeneration): Promise<void> {
    const file = path.join(this.directory, fileName(generation));
    const packed = generation.pack();
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(crc32(packed));
    await this.files.remove(`${file}.tmp`).catch(() => {});
    const fd = await this.files.open(`${file}.tmp`, 'create');
    try {
      await this.files.write(fd, packed, 0);
      await this.files.write(fd, crc, packed.length);
      await this.files.sync(fd);
    } finally {
      await this.files.close(fd);
    }
    await this.files.rename(`${file}.tmp`, file);
    await this.files.syncDirectory(this.directory);
  }

  async #read(head: SavedGeneration): Promise<Buffer | null> {
    try {
      const bytes = await this.files.read(path.join(this.directory, fileName(head)));
      const packed = bytes.subarray(0, -4);
      return crc32(packed) === bytes.readUInt32LE(packed.length) ? packed : null;
    } catch {
      return null;
    }
  }
}

/** Count and first arrival keep a generation apart from one of the same number that a crash left behind. */
function fileName({ number, count, first }: SavedGeneration): string {
  return `${String(number).padStart(10, '0')}-${count}-${first}.ids`;
}
