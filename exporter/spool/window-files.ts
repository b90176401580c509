import * as path from 'node:path';
import { crc32 } from 'node:zlib';
import {
  DuplicateWindow,
  type DuplicateWindowOptions,
  type FrozenGeneration,
  type FrozenWindow,
  type SavedGeneration,
} from './duplicate-window.js';
import type { Files } from './files.js';
import { replaceFile } from './replace-file.js';

/** The window's part of a snapshot: which generations there are, and the ids of the newest. */
export interface WindowSection {
  chunks: Buffer[];
  /** The oldest generation that the snapshot counts on. */
  oldest: number;
}

interface SectionHead {
  forgotten: number;
  generations: SavedGeneration[];
}

/**
 * Saves the duplicate window beside the snapshots. Sealed generations never change: each is written once,
 * to a file of its own; only the newest stands in the snapshot.
 */
export class WindowFiles {
  /**
   * Files known to hold what their name says. Not every file that is there: one that a crash left may have
   * the same name and other ids.
   */
  readonly #known = new Set<string>();

  constructor(
    private readonly directory: string,
    private readonly files: Files,
  ) {}

  /** Writes the sealed generations that have no file yet. To be called before the snapshot is saved. */
  async save({ forgotten, generations }: FrozenWindow): Promise<WindowSection> {
    for (const generation of generations) {
      if (!generation.sealed || this.#known.has(fileName(generation))) continue;
      await this.#write(generation);
      this.#known.add(fileName(generation));
    }
    const packed = generations[generations.length - 1]!.pack();
    const head: SectionHead = {
      forgotten,
      generations: generations.map(({ number, first, last, count }) => ({ number, first, last, count })),
    };
    const json = Buffer.from(JSON.stringify(head));
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    return { chunks: [length, json, packed], oldest: generations[0]!.number };
  }

  /** Deletes generations older than the oldest that a kept snapshot may need. */
  async release(oldest: number): Promise<void> {
    for (const file of await this.files.list(this.directory)) {
      if (Number.parseInt(file, 10) >= oldest) continue;
      await this.files.remove(path.join(this.directory, file));
      this.#known.delete(file);
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
    const { forgotten, generations } = JSON.parse(section.toString('utf8', 4, 4 + length)) as SectionHead;
    const window = new DuplicateWindow(options);
    window.forget(forgotten);
    const missing: number[] = [];
    for (const [index, head] of generations.entries()) {
      const isNewest = index === generations.length - 1;
      const packed = isNewest ? section.subarray(4 + length) : await this.#read(head);
      if (packed === null || packed.length !== head.count * 8) {
        missing.push(head.number);
        window.forget(head.last);
        continue;
      }
      if (!isNewest) this.#known.add(fileName(head));
      window.restore(head, packed);
    }
    return { window, missing };
  }

  async #write(generation: FrozenGeneration): Promise<void> {
    const file = path.join(this.directory, fileName(generation));
    const packed = generation.pack();
    const crc = Buffer.alloc(4);
    crc.writeUInt32LE(crc32(packed));
    await replaceFile(this.files, file, async (fd) => {
      await this.files.write(fd, packed, 0);
      await this.files.write(fd, crc, packed.length);
    });
  }

  async #read(head: SavedGeneration): Promise<Buffer | null> {
    try {
      return packedIds(await this.files.read(path.join(this.directory, fileName(head))));
    } catch {
      return null;
    }
  }
}

/** The ids in the bytes of a generation's file; null when they are damaged. */
export function packedIds(bytes: Buffer): Buffer | null {
  if (bytes.length < 4) return null;
  const packed = bytes.subarray(0, -4);
  return crc32(packed) === bytes.readUInt32LE(packed.length) ? packed : null;
}

/** Count and first arrival keep a generation apart from one of the same number that a crash left behind. */
function fileName({ number, count, first }: SavedGeneration): string {
  return `${String(number).padStart(10, '0')}-${count}-${first}.ids`;
}
