export interface HeldBytesLimits {
  /** What one body may hold whatever others hold. It can be joined until it has grown so far. */
  readonly each: number;
  /** What all bodies may hold together before those beyond `each` wait for their slowest reader. */
  readonly all: number;
}

/** Counts the bytes that bodies hold for readers which have not taken them yet, and says when that is too much. */
export class HeldBytes {
  #bytes = 0;
  #waiting: (() => void)[] = [];

  constructor(readonly limits: HeldBytesLimits) {}

  get bytes(): number {
    return this.#bytes;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  release(bytes: number): void {
    if (bytes === 0) return;
    this.#bytes -= bytes;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Whether a body that holds so much may hold more. */
  allows(held: number): boolean {
    return held < this.limits.each || this.#bytes < this.limits.all;
  }

  /** Resolves when something was released. */
  released(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
