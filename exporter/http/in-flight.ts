/** Counts the bytes that all requests together hold in memory, and says no before there are too many. */
export class InFlight {
  #bytes = 0;

  constructor(private readonly limit: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns false when the limit would be passed; nothing is taken then */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.limit) return false;
    this.#bytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** A batch of several hundred records. */
const POOLED_BYTES = 256 * 1024;
const POOLED_BUFFERS = 16;
const pool: Buffer[] = [];

/** One request's share of what is in flight. */
export class Share {
  #bytes = 0;
  /** Taken from the pool until the share is released. */
  #borrowed: Buffer | null = null;

  constructor(private readonly inFlight: InFlight) {}

  take(bytes: number): boolean {
    if (!this.inFlight.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /**
   * Puts chunks of `length` bytes together. Where they fit, in a buffer that is used again once the share
   * is released: a new one for each body would be most of what the garbage collector has to clear away,
   * and what it does then blocks everybody.
   */
  join(chunks: readonly Buffer[], length: number): Buffer {
    if (chunks.length === 1) return chunks[0]!;
    if (length > POOLED_BYTES || this.#borrowed !== null) return Buffer.concat(chunks, length);
    const buffer = pool.pop() ?? Buffer.allocUnsafeSlow(POOLED_BYTES);
    this.#borrowed = buffer;
    let at = 0;
    for (const chunk of chunks) at += chunk.copy(buffer, at);
    return buffer.subarray(0, at);
  }

  /** Gives everything back; what `join` returned must not be looked at any more. */
  release(): void {
    this.inFlight.release(this.#bytes);
    this.#bytes = 0;
    if (this.#borrowed !== null && pool.length < POOLED_BUFFERS) pool.push(this.#borrowed);
    this.#borrowed = null;
  }
}
