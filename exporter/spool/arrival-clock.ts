/**
 * The time line of arrivals: the wall clock, except that it never goes back. When the wall clock is set
 * back, arrivals go on at the pace of the monotonic clock until it has caught up, so that a counter once
 * shown is never held back again.
 */
export class ArrivalClock {
  #last: number;
  #lastMonotonic: number;

  /**
   * @param floor ms: the latest arrival ever handed out by an earlier process
   * @param wall ms since the epoch
   * @param monotonic ms from any origin
   */
  constructor(
    floor = 0,
    private readonly wall: () => number = Date.now,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.#last = floor;
    this.#lastMonotonic = monotonic();
  }

  /** Whole ms since the epoch, never less than before. */
  now(): number {
    const wall = this.wall();
    const monotonic = this.monotonic();
    if (wall >= this.#last) {
      this.#last = wall;
      this.#lastMonotonic = monotonic;
    } else {
      const passed = Math.floor(monotonic - this.#lastMonotonic);
      if (passed > 0) {
        this.#last += passed;
        this.#lastMonotonic += passed;
      }
    }
    return this.#last;
  }

  /** Raises the clock to what recovery has found. */
  raise(floor: number): void {
    if (floor > this.#last) {
      this.#last = floor;
      this.#lastMonotonic = this.monotonic();
    }
  }
}
