/// <reference lib="es2024.sharedmemory" />

/**
 * The last sequence that is durable, as all threads see it: one `BigInt64` in shared memory. Readers of the
 * log in other threads wait on it.
 */
export class DurableSequence {
  readonly #word: BigInt64Array<SharedArrayBuffer>;

  /** @param buffer of another `DurableSequence`, to see what that one publishes */
  constructor(readonly buffer: SharedArrayBuffer = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.#word = new BigInt64Array(buffer);
  }

  get value(): number {
    return Number(Atomics.load(this.#word, 0));
  }

  /** Wakes whoever waits. Called once for each group of frames. */
  publish(sequence: number): void {
    Atomics.store(this.#word, 0, BigInt(sequence));
    Atomics.notify(this.#word, 0);
  }

  /** Resolves when the sequence is no longer `seen`, after `timeoutMs`, or when the signal aborts; never rejects. */
  async changed(seen: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const waiting = Atomics.waitAsync(this.#word, 0, BigInt(seen), timeoutMs);
    if (!waiting.async || signal?.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      // A timer of our own: waiting on shared memory does not keep a thread alive.
      const timer = setTimeout(done, timeoutMs);
      signal?.addEventListener('abort', done, { once: true });
      void waiting.value.then(done);
    });
  }
}
