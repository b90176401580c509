/** So much of a wait counts at most: nobody wants an hour of calls at once because the computer was asleep. */
const MOST_MS = 1_000;

/** The time of the demo, which stands still while its calls cannot be sent. */
export class Pace {
  /** ms since the demo began. */
  now = 0;
  #last: number;

  /** @param clock ms, never going back */
  constructor(private readonly clock: () => number) {
    this.#last = clock();
  }

  /** Goes on by the time that has passed, up to a second. */
  advance(): void {
    const time = this.clock();
    this.now += Math.min(time - this.#last, MOST_MS);
    this.#last = time;
  }
}
