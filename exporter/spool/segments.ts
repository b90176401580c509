import * as path from 'node:path';
import type { Files } from './files.js';

/** A segment that is on disk. */
export interface SegmentFile {
  path: string;
  firstSequence: number;
  /** The highest sequence in it, or below `firstSequence` while it has none. */
  lastSequence: number;
  bytes: number;
  /** ms since the epoch: when it was begun, 0 where its header cannot tell; and a time after which no frame in it arrived. */
  created: number;
  lastArrival: number;
}

/** The sealed segments, oldest first, until the snapshots and every cursor let them go. */
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

  /** Oldest first. Not to be changed. */
  get list(): readonly SegmentFile[] {
    return this.#segments;
  }

  get bytes(): number {
    let bytes = 0;
    for (const segment of this.#segments) bytes += segment.bytes;
    return bytes;
  }

  /**
   * Deletes the segments that hold nothing above `sequence`, and nothing that somebody still has to read.
   * @returns how many bytes
   */
  async release(sequence: number, isHeld: (segment: SegmentFile) => boolean = () => false): Promise<number> {
    let freed = 0;
    for (const segment of this.#segments.filter((each) => each.lastSequence <= sequence && !isHeld(each))) {
      await this.files.remove(segment.path).catch((error: NodeJS.ErrnoException) => {
        // Deleted by hand: what is gone must not keep the rest.
        if (error.code !== 'ENOENT') throw error;
      });
      this.#segments.splice(this.#segments.indexOf(segment), 1);
      freed += segment.bytes;
    }
    if (freed > 0) await this.files.syncDirectory(this.directory);
    return freed;
  }

  file(name: string): string {
    return path.join(this.directory, name);
  }
}
