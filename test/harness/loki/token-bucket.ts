/** A rate limit with a burst, as Go's `x/time/rate` counts it: full at first, nothing is taken for what is refused. */
export class TokenBucket {
  #tokens = Number.POSITIVE_INFINITY;
  #lastMs = 0;

  /** @returns whether there was enough for `amount`, which is taken then */
  allow(nowMs: number, amount: number, ratePerSecond: number, burst: number): boolean {
    const refilled = this.#tokens + (Math.max(0, nowMs - this.#lastMs) / 1000) * ratePerSecond;
    this.#tokens = Math.min(burst, refilled);
    this.#lastMs = nowMs;
    if (amount > this.#tokens) return false;
    this.#tokens -= amount;
    return true;
  }
}
