import type { Files } from '../files.js';
import { FRAME_HEADER_BYTES, FRAME_MAGIC, type Frame, readFrame, readU64 } from '../frame.js';
import { SEGMENT_HEADER_BYTES } from '../segment.js';
import { FileWindow } from './file-window.js';
import type { SequenceRange } from './sequence-ranges.js';

/** Frames that stand in one buffer. */
export interface ReadFrames {
  bytes: Buffer;
  frames: Frame[];
  /** Sequences before or between them that have no intact frame. */
  lost: SequenceRange[];
}

/** Reads a segment forward, block by block, while it may still be written to; passes over damage as recovery does. */
export class SegmentReader {
  readonly #window: FileWindow;
  /** Where the frame behind `#last` should begin. */
  #at = SEGMENT_HEADER_BYTES;
  #last: number;
  #limit = -1;

  private constructor(
    private readonly files: Files,
    private readonly fd: number,
    readonly firstSequence: number,
    blockBytes: number,
  ) {
    this.#window = new FileWindow(files, fd, blockBytes);
    this.#last = firstSequence - 1;
  }

  /** @throws system errors: ENOENT when the segment has gone */
  static async open(files: Files, file: string, firstSequence: number, blockBytes: number): Promise<SegmentReader> {
    return new SegmentReader(files, await files.open(file, 'read'), firstSequence, blockBytes);
  }

  async close(): Promise<void> {
    await this.files.close(this.fd);
  }

  /**
   * The next frames above `front`, as many as one block holds and at least one.
   * @param limit the last sequence that is known to be durable in this segment
   * @returns null when there are no more up to the limit
   */
  async read(front: number, limit: number): Promise<ReadFrames | null> {
    if (limit !== this.#limit) this.#window.forget();
    this.#limit = limit;
    const frames: Frame[] = [];
    const lost: SequenceRange[] = [];
    for (;;) {
      // A buffer that frames have been found in is not exchanged for another one.
      const frame = await this.#next(frames.length === 0);
      if (frame === null || frame.sequence > limit) break;
      if (frame.sequence - 1 > Math.max(this.#last, front)) {
        lost.push([Math.max(this.#last, front), frame.sequence - 1]);
      }
      this.#at = this.#window.start + frame.end;
      this.#last = frame.sequence;
      if (frame.sequence > front) frames.push(frame);
    }
    return frames.length === 0 ? null : { bytes: this.#window.bytes, frames, lost };
  }

  async #next(mayFill: boolean): Promise<Frame | null> {
    const frame = await this.#frameAt(this.#at, mayFill);
    if (frame !== null && frame !== 'damaged') return frame;
    // A frame that the file ends before is damage too: all that is asked for is durable.
    return mayFill ? this.#frameBehindDamage() : null;
  }

  /** @returns null where the bytes at hand, or with `mayFill` the file, end before the frame does */
  async #frameAt(at: number, mayFill: boolean): Promise<Frame | 'damaged' | null> {
    const window = this.#window;
    for (;;) {
      const offset = at - window.start;
      const isInside = offset >= 0 && offset < window.bytes.length;
      const frame = isInside ? readFrame(window.bytes, offset) : 'incomplete';
      if (frame !== 'incomplete') return frame;
      if (!mayFill) return null;
      if (!(await window.fill(at, isInside ? missingBytes(window.bytes, offset) : FRAME_HEADER_BYTES))) return null;
    }
  }

  /** As `scanSegment` looks for it, but block by block. */
  async #frameBehindDamage(): Promise<Frame | null> {
    const window = this.#window;
    const damageStart = this.#at;
    let search = damageStart + 1;
    for (;;) {
      const index = search < window.end ? window.bytes.indexOf(FRAME_MAGIC, search - window.start) : -1;
      if (index === -1) {
        search = Math.max(search, window.end - FRAME_MAGIC.length + 1);
        if (!(await window.fill(search, FRAME_MAGIC.length))) return null;
        continue;
      }
      const at = window.start + index;
      search = at + 1;
      if (!(await window.fill(at, FRAME_HEADER_BYTES))) return null;
      const sequence = readU64(window.bytes, at - window.start + 24);
      const mostSkipped = Math.ceil((at - damageStart) / FRAME_HEADER_BYTES);
      if (sequence <= this.#last || sequence > this.#last + mostSkipped + 1) continue;
      const frame = await this.#frameAt(at, true);
      if (frame !== null && frame !== 'damaged') return frame;
    }
  }
}

/** How many bytes to have of a frame that is not all there: first its header, then its meta, by which its length is known to be true. */
function missingBytes(bytes: Buffer, offset: number): number {
  const have = bytes.length - offset;
  if (have < FRAME_HEADER_BYTES) return FRAME_HEADER_BYTES;
  const metaEnd = FRAME_HEADER_BYTES + bytes.readUInt32LE(offset + 16);
  return have < metaEnd ? metaEnd : bytes.readUInt32LE(offset + 8);
}
