const WORDS = [
  'gate',
  'position',
  'acknowledgedArrival',
  'pendingArrival',
  'agedRecords',
  'agedBytes',
  'missing',
] as const;
type Word = (typeof WORDS)[number];

/**
 * What a cursor's reader and the thread that commits share: seven `BigInt64` in shared memory.
 *
 * The **gate** decides who has a frame, the reader or whoever skips frames for want of room; each frame is
 * had by one of them, so that what was skipped can be counted exactly. It holds the highest sequence that
 * is had by either: positive when the reader has claimed up to it, negative when frames were skipped up
 * to it and the reader has not heeded that yet. Both sides change it by compare-and-exchange alone.
 */
export class CursorWords {
  readonly #words: BigInt64Array<SharedArrayBuffer>;

  private constructor(readonly buffer: SharedArrayBuffer) {
    this.#words = new BigInt64Array(buffer);
  }

  /** New words of a reader that begins behind `position`. */
  static beginAt(position: number): CursorWords {
    const words = new CursorWords(new SharedArrayBuffer(WORDS.length * BigInt64Array.BYTES_PER_ELEMENT));
    words.#exchange(0, position);
    words.set('position', position);
    return words;
  }

  static of(buffer: SharedArrayBuffer): CursorWords {
    return new CursorWords(buffer);
  }

  get(word: Exclude<Word, 'gate'>): number {
    return this.#load(word);
  }

  set(word: Exclude<Word, 'gate'>, value: number): void {
    Atomics.store(this.#words, WORDS.indexOf(word), BigInt(value));
  }

  add(word: Exclude<Word, 'gate'>, value: number): void {
    if (value !== 0) Atomics.add(this.#words, WORDS.indexOf(word), BigInt(value));
  }

  /** No frame up to this sequence can be claimed or skipped any more. */
  get front(): number {
    return Math.abs(this.#load('gate'));
  }

  /** The reader takes the frames in `(from, upTo]`. @returns false where some of them were skipped: see `heed` */
  claim(from: number, upTo: number): boolean {
    return this.#exchange(from, upTo);
  }

  /** The reader takes notice of a skip. @returns up to which sequence frames were skipped, or null */
  heed(): number | null {
    for (;;) {
      const gate = this.#load('gate');
      if (gate >= 0) return null;
      if (this.#exchange(gate, -gate)) return -gate;
    }
  }

  /** Takes all frames up to a sequence away from the reader. @returns the sequence behind which they begin, or null without any */
  skip(upTo: number): number | null {
    for (;;) {
      const gate = this.#load('gate');
      const after = Math.abs(gate);
      if (upTo <= after) return null;
      if (this.#exchange(gate, -upTo)) return after;
    }
  }

  #load(word: Word): number {
    return Number(Atomics.load(this.#words, WORDS.indexOf(word)));
  }

  #exchange(expected: number, replacement: number): boolean {
    return Atomics.compareExchange(this.#words, 0, BigInt(expected), BigInt(replacement)) === BigInt(expected);
  }
}
