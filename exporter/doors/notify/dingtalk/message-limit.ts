/** DingTalk's limit for one robot. Who passes it hears nothing for ten minutes. */
const MESSAGES = 20;
const WINDOW_MS = 60_000;

/** Messages of the last minute, by a sliding window. Times are ms on a clock that is never set. */
export class MessageLimit {
  /** When messages were answered, oldest first: DingTalk counted them before that. */
  #ended: number[] = [];
  #open = 0;

  /** How long until there is room for one more; 0 = now. */
  waitMs(now: number): number {
    while (this.#ended.length > 0 && now - this.#ended[0]! > WINDOW_MS) this.#ended.shift();
    if (this.#ended.length + this.#open < MESSAGES) return 0;
    return this.#ended.length === 0 ? WINDOW_MS : this.#ended[0]! + WINDOW_MS - now + 1;
  }

  begin(): void {
    this.#open += 1;
  }

  /** @param isCounted false for one that never reached DingTalk */
  end(now: number, isCounted: boolean): void {
    this.#open -= 1;
    if (isCounted) this.#ended.push(now);
  }
}
