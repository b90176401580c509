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

/** One request's share of what is in flight. */
export class Share {
  #bytes = 0;

  constructor(private readonly inFlight: InFlight) {}

  take(bytes: number): boolean {
    if (!this.inFlight.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  release(): void {
    this.inFlight.release(this.#bytes);
    this.#bytes = 0;
  }
}
