import type { Files } from '../files.js';

/** So much is read at once, unless told otherwise. */
export const BLOCK_BYTES = 1 << 20;

const NOTHING = Buffer.alloc(0);

/**
 * The part of a file that is in memory. What it has handed out stays as it is: another part gets another
 * buffer.
 */
export class FileWindow {
  /** The bytes of the file from `start` on. */
  bytes: Buffer = NOTHING;
  start = 0;
  #spare: Buffer | null = null;

  constructor(
    private readonly files: Files,
    private readonly fd: number,
    private readonly blockBytes: number,
  ) {}

  get end(): number {
    return this.start + this.bytes.length;
  }

  /** The file may have grown, and its end may have been written in between. */
  forget(): void {
    this.bytes = NOTHING;
  }

  /**
   * Sees to it that the window begins at or before `at` and holds at least `length` bytes from there.
   * @returns false where the file ends before
   */
  async fill(at: number, length: number): Promise<boolean> {
    const offset = at - this.start;
    const isInside = offset >= 0 && offset <= this.bytes.length;
    const kept = isInside ? this.bytes.subarray(offset) : NOTHING;
    if (isInside && kept.length >= length) return true;
    let buffer = this.#take(Math.max(this.blockBytes, kept.length * 2));
    let have = kept.copy(buffer);
    for (;;) {
      have += await this.files.readAt(this.fd, buffer.subarray(have), at + have);
      if (have < buffer.length || have >= length) break;
      // Step by step: a length that damage has made up must not cost more than the file has.
      const larger = Buffer.allocUnsafeSlow(Math.min(length, buffer.length * 2));
      buffer.copy(larger);
      buffer = larger;
    }
    this.start = at;
    if (have * 2 > buffer.length) this.bytes = buffer.subarray(0, have);
    else {
      // Few bytes, as at the end of the log: whoever keeps them must not keep a whole block.
      this.bytes = Buffer.from(buffer.subarray(0, have));
      this.#spare = buffer;
    }
    return have >= length;
  }

  #take(bytes: number): Buffer {
    const spare = this.#spare;
    this.#spare = null;
    return spare !== null && spare.length >= bytes ? spare : Buffer.allocUnsafeSlow(bytes);
  }
}
