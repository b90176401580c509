/**
 * When series were born, and up to which birth a render has shown them. A counter reads 0 until its
 * hold is over, which compares its birth with the arrival clock; so once a render has shown a value,
 * that clock must not go back behind it, not even over a restart. Whoever owns the clock asks here
 * whether a render shows something new, and makes the time durable first.
 */
export class Births {
  /** Distinct births that no render has shown yet, ascending, from `head` on. */
  private pending: number[] = [];
  private head = 0;
  /** The latest birth, arrival ms; 0 = none. */
  private last = 0;

  /**
   * Notes a birth and returns the moment that counts. An arrival behind an earlier birth is moved up to
   * it: births never go back, whatever the caller's clock does.
   */
  note(arrivalMs: number): number {
    if (arrivalMs > this.last) {
      this.last = arrivalMs;
      this.pending.push(arrivalMs);
    }
    return this.last;
  }

  /** From now on these births, ascending and distinct, are all there are; none of them counts as shown. */
  restart(births: readonly number[]): void {
    this.pending = [...births];
    this.head = 0;
    this.last = Math.max(this.last, births.at(-1) ?? 0);
  }

  /** Whether a render that shows births up to `threshold` shows one that no render has shown yet. */
  reveals(threshold: number): boolean {
    const first = this.pending[this.head];
    return first !== undefined && first <= threshold;
  }

  /** From now on births up to `threshold` count as shown. */
  reveal(threshold: number): void {
    while (this.reveals(threshold)) this.head += 1;
    if (this.head > 1024 && this.head * 2 > this.pending.length) {
      this.pending = this.pending.slice(this.head);
      this.head = 0;
    }
  }
}
