import * as path from 'node:path';
import type { Files } from './files.js';

/** A segment that is on disk. */
export interface SegmentFile {
  path: string;
  firstSequence: number;
  /** The highest sequence in it, or below `firstSequence` while it has none. */
  lastSequence: number;
  bytes: number;
}

/** The sealed segments, oldest first, until a snapshot lets them go. */
export class SealedSegments {
  readonly #segments: SegmentFile[];

  constructor(
    private readonly directory: string,
    private readonly files: Files,
    segments: readonly SegmentFile[],
  ) {
    this.#segments = [...segments];
  }

  add(segment: SegmentFile): void {
    this.#segments.push(segment);
  }

  get count(): number {
    return this.#segments.length;
  }

  /** The last sequence in the newest of them; 0 without any. */
  get lastSequence(): number {
    return this.#segments[this.#segments.length - 1]?.lastSequence ?? 0;
  }

  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.bytes;
    return bytes;
  }

  /** Deletes the segments that hold nothing above `sequence`. */
  async release(sequence: number): Promise<void> {
    let removed = false;
    while (this.#segments.length > 0 && this.#segments[0]!.lastSequence <= sequence) {
      await this.files.remove(this.#segments[0]!.path).catch((error: NodeJS.ErrnoException) => {
        // Deleted by hand: what is gone must not keep the rest.
        if (error.code !== 'ENOENT') throw error;
      });
      this.#segments.shift();
      removed = true;
    }
    if (removed) await this.files.syncDirectory(this.directory);
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }
}
