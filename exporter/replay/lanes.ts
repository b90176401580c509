/** So many tasks at a time, and so many bytes among them; who comes with more waits. */
export class Lanes {
  #running = 0;
  #bytes = 0;
  #freed: (() => void) | null = null;

  constructor(
    private readonly lanes: number,
    private readonly bytesAtOnce: number,
  ) {}

  /**
   * Starts a task as soon as there is room; one of more bytes than there ever is room for runs alone. Called by one
   * caller at a time.
   * @param task must not reject
   */
  async start(bytes: number, task: () => Promise<void>): Promise<void> {
    while (this.#running >= this.lanes || (this.#running > 0 && this.#bytes + bytes > this.bytesAtOnce)) {
      await this.#oneDone();
    }
    this.#running += 1;
    this.#bytes += bytes;
    void task().then(() => {
      this.#running -= 1;
      this.#bytes -= bytes;
      this.#freed?.();
    });
  }

  /** Waits for everything that was started. */
  async finish(): Promise<void> {
    while (this.#running > 0) await this.#oneDone();
  }

  #oneDone(): Promise<void> {
    return new Promise((resolve) => {
      this.#freed = resolve;
    });
  }
}
