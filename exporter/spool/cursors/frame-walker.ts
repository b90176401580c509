import * as path from 'node:path';
import type { Files } from '../files.js';
import type { Frame } from '../frame.js';
import { decodeSegmentHeader, isSegmentName, SEGMENT_HEADER_BYTES, segmentName } from '../segment.js';
import { BLOCK_BYTES } from './file-window.js';
import { SegmentReader } from './segment-reader.js';
import type { SequenceRange, SequenceRanges } from './sequence-ranges.js';

export interface FrameBlock {
  /** What the offsets of the frames refer to. */
  bytes: Buffer;
  frames: Frame[];
  /** All frames up to this sequence are in this block, were in one before it, or do not exist. */
  upTo: number;
  /** Sequences of frames that were durable and are damaged or gone. */
  lost: SequenceRange[];
}

export interface FrameWalkerOptions {
  /** The folder of segments. */
  directory: string;
  files: Files;
  /** The first frame read is the one behind this sequence. */
  front: number;
  /** Frames in these ranges are passed over without a word, whether they are there or not. */
  skipped: SequenceRanges;
  /** How much is read at once. */
  blockBytes?: number;
}

const NOTHING = Buffer.alloc(0);

/**
 * Reads the frames of a folder of segments in the order of sequences, from a position up to what is durable,
 * beside the process or thread that writes them. Memory: one block, or one frame where that is larger.
 */
export class FrameWalker {
  /** First sequences of the segments, sorted. */
  #segments: number[] = [];
  /** The durable sequence that was known before the folder was listed. */
  #listedAt = -1;
  #previous = new Map<number, number>();
  #segment: SegmentReader | null = null;
  /** Every frame up to here was read, or is not to be read. */
  #front: number;
  /** And up to here, the caller knows of it: an error may come in between. */
  #told: number;
  #lost: SequenceRange[] = [];

  constructor(private readonly options: FrameWalkerOptions) {
    this.#front = options.front;
    this.#told = options.front;
  }

  /** The end of the last block. */
  get front(): number {
    return this.#told;
  }

  /** Goes on behind a later sequence. */
  jump(sequence: number): void {
    this.#pass(sequence);
    this.#told = Math.max(this.#told, sequence);
  }

  async close(): Promise<void> {
    const segment = this.#segment;
    this.#segment = null;
    await segment?.close();
  }

  /**
   * @param durable the last durable sequence, loaded before this call
   * @returns null when no more can be read up to it, now
   */
  async next(durable: number): Promise<FrameBlock | null> {
    for (;;) {
      this.#pass(this.options.skipped.behind(this.#front));
      if (this.#front >= durable) break;
      await this.#list(durable);
      const block = await this.#step(durable);
      if (block === 'go on') continue;
      if (block === null) break;
      return block;
    }
    // Nothing but gaps, or nothing at all.
    return this.#front > this.#told ? this.#block(NOTHING, []) : null;
  }

  async #step(durable: number): Promise<FrameBlock | 'go on' | null> {
    const wanted = this.#segments.findLast((first) => first <= this.#front + 1) ?? this.#segments[0];
    if (this.#segment === null || (wanted !== undefined && wanted > this.#segment.firstSequence)) {
      return wanted === undefined ? null : this.#enter(wanted, durable);
    }
    const segment = this.#segment;
    const next = await this.#next(segment.firstSequence);
    // Frames above what was durable when the next segment began belong to a commit that failed.
    const limit = Math.min(durable, next?.previous ?? durable);
    if (this.#front < limit) {
      const read = await segment.read(this.#front, limit);
      if (read !== null) return this.#take(read.bytes, read.frames, read.lost);
      if (next === null) {
        // What should be there is not. The segment is opened again, in case it is another file by now.
        await this.close();
        return null;
      }
      this.#lose(Math.max(this.#front, segment.firstSequence - 1), limit);
      this.#pass(limit);
    }
    return next === null || this.#front >= durable ? 'go on' : this.#enter(next.first, durable);
  }

  #take(bytes: Buffer, frames: Frame[], lost: readonly SequenceRange[]): FrameBlock {
    for (const [after, upTo] of lost) this.#lose(after, upTo);
    this.#pass(frames[frames.length - 1]!.sequence);
    const { skipped } = this.options;
    return this.#block(bytes, skipped.isEmpty ? frames : frames.filter(({ sequence }) => !skipped.has(sequence)));
  }

  #block(bytes: Buffer, frames: Frame[]): FrameBlock {
    const lost = this.#lost;
    this.#lost = [];
    this.#told = this.#front;
    return { bytes, frames, upTo: this.#front, lost };
  }

  #pass(sequence: number): void {
    this.#front = Math.max(this.#front, sequence);
  }

  #lose(after: number, upTo: number): void {
    if (upTo > after) this.#lost.push([after, upTo]);
  }

  async #enter(first: number, durable: number): Promise<'go on'> {
    const previous = await this.#head(first);
    if (previous === null) return 'go on';
    let segment: SegmentReader;
    try {
      const { files, blockBytes = BLOCK_BYTES } = this.options;
      segment = await SegmentReader.open(files, this.#file(first), first, blockBytes);
    } catch (error) {
      this.#gone(first, error);
      return 'go on';
    }
    await this.close();
    this.#segment = segment;
    const reached = Math.min(previous, durable);
    this.#lose(this.#front, reached);
    this.#pass(reached);
    return 'go on';
  }

  /** The segment behind another one. */
  async #next(after: number): Promise<{ first: number; previous: number } | null> {
    for (;;) {
      const first = this.#segments.find((each) => each > after);
      if (first === undefined) return null;
      const previous = await this.#head(first);
      if (previous !== null) return { first, previous };
    }
  }

  /**
   * Reads what a segment's header says of the one before.
   * @returns null, and forgets the segment until the folder is listed again, when it is not there, or not begun yet
   * @throws NewerSegmentError
   */
  async #head(first: number): Promise<number | null> {
    const known = this.#previous.get(first);
    if (known !== undefined) return known;
    const file = this.#file(first);
    try {
      const head = await this.options.files.readHead(file, SEGMENT_HEADER_BYTES + 1);
      const header = decodeSegmentHeader(head, file);
      if (header !== null || head.length > SEGMENT_HEADER_BYTES) {
        // A damaged header cannot say it; the sequence that the file is named for bounds it.
        const previous = header?.previousSequence ?? first - 1;
        this.#previous.set(first, previous);
        return previous;
      }
      this.#segments = this.#segments.filter((each) => each !== first);
    } catch (error) {
      this.#gone(first, error);
    }
    return null;
  }

  #gone(first: number, error: unknown): void {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    this.#segments = this.#segments.filter((each) => each !== first);
  }

  /** After `durable` was loaded: a segment that holds any of it is in the list. */
  async #list(durable: number): Promise<void> {
    if (this.#listedAt === durable) return;
    const names = (await this.options.files.list(this.options.directory)).filter(isSegmentName);
    this.#segments = names.map((name) => Number.parseInt(name, 10)).sort((one, other) => one - other);
    for (const first of this.#previous.keys()) if (!this.#segments.includes(first)) this.#previous.delete(first);
    this.#listedAt = durable;
  }

  #file(first: number): string {
    return path.join(this.options.directory, segmentName(first));
  }
}
