import type { HeldBytes } from './held-bytes.js';

/** What made a body failed; whoever made it knows why. */
export class BodyFailed extends Error {
  constructor(cause: unknown) {
    super('The body could not be made', { cause });
    this.name = 'BodyFailed';
  }
}

type State =
  | { readonly name: 'growing' | 'whole' | 'abandoned' }
  | { readonly name: 'failed'; readonly error: unknown };

/**
 * A body that is made once and read by several, each at its own pace and each from the beginning. Pieces
 * are held until the last reader has them; whoever makes the body waits for its readers only where it
 * would hold more than is allowed.
 */
export class SharedBody {
  /** From `#first` on; those before were let go. */
  readonly #pieces: Buffer[] = [];
  #first = 0;
  #heldBytes = 0;
  readonly #readers = new Set<BodyReader>();
  #waiting: (() => void)[] = [];
  #state: State = { name: 'growing' };
  #isJoinable = true;

  constructor(private readonly held: HeldBytes) {}

  /** Whether one that joins now still gets all of it: the beginning is held as long as that is so. */
  get isJoinable(): boolean {
    return this.#isJoinable;
  }

  get state(): State {
    return this.#state;
  }

  /** A reader from the beginning on. Throws where that was let go already. */
  join(): BodyReader {
    if (!this.#isJoinable) throw new Error('a body whose beginning was let go cannot be joined');
    const reader = new BodyReader(this);
    this.#readers.add(reader);
    return reader;
  }

  /**
   * Hands the pieces to the readers as they come. Returns when the body is whole, or early when all
   * readers have left; the source is closed then.
   * @throws what the source throws
   */
  async fill(source: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const piece of source) {
        if (this.#state.name === 'abandoned') return;
        this.#append(piece);
        while (this.#state.name === 'growing' && !this.held.allows(this.#heldBytes)) await this.held.released();
      }
      this.#close({ name: 'whole' });
    } catch (error) {
      this.#close({ name: 'failed', error });
      throw error;
    }
  }

  /** For readers: the piece in this place, undefined where there is none yet. */
  pieceAt(index: number): Buffer | undefined {
    return this.#pieces[index - this.#first];
  }

  /** For readers: resolves when there may be more, or an end. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** For readers: lets go of what nobody will ask for any more. */
  letGo(): void {
    if (this.#isJoinable) return;
    let needed = this.#first + this.#pieces.length;
    for (const { next } of this.#readers) needed = Math.min(needed, next);
    const passed = this.#pieces.splice(0, needed - this.#first);
    const bytes = passed.reduce((sum, piece) => sum + piece.length, 0);
    this.#first = needed;
    this.#heldBytes -= bytes;
    this.held.release(bytes);
  }

  /** For readers. */
  leave(reader: BodyReader): void {
    this.#readers.delete(reader);
    if (this.#readers.size === 0) this.#close({ name: 'abandoned' });
    else this.letGo();
    this.#wake();
  }

  #append(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#heldBytes += piece.length;
    this.held.take(piece.length);
    if (this.#heldBytes >= this.held.limits.each) this.#isJoinable = false;
    this.letGo();
    this.#wake();
  }

  /** The first end is the one that counts. */
  #close(state: State): void {
    if (this.#state.name === 'growing') this.#state = state;
    this.#isJoinable = false;
    this.letGo();
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** One reader's place in a body. */
export class BodyReader {
  #next = 0;
  #hasLeft = false;

  constructor(private readonly body: SharedBody) {}

  /** Index of the piece that it has not read yet. */
  get next(): number {
    return this.#next;
  }

  /**
   * The next piece; null when that was all, or when this reader has left.
   * @throws BodyFailed
   */
  async read(): Promise<Buffer | null> {
    while (!this.#hasLeft) {
      const { state } = this.body;
      if (state.name === 'failed') throw new BodyFailed(state.error);
      const piece = this.body.pieceAt(this.#next);
      if (piece !== undefined) {
        this.#next += 1;
        this.body.letGo();
        return piece;
      }
      if (state.name !== 'growing') return null;
      await this.body.changed();
    }
    return null;
  }

  /** Takes no more; a `read` under way ends. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.body.leave(this);
  }
}
