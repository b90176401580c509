/** The sequences above `after`, up to and with `upTo`. */
export type SequenceRange = readonly [after: number, upTo: number];

/** A set of sequences, as ranges: sorted, apart from each other. */
export class SequenceRanges {
  #ranges: SequenceRange[] = [];

  constructor(ranges: Iterable<SequenceRange> = []) {
    for (const [after, upTo] of ranges) this.add(after, upTo);
  }

  add(after: number, upTo: number): void {
    if (upTo <= after) return;
    const touching = this.#ranges.filter((range) => range[0] <= upTo && range[1] >= after);
    const merged: SequenceRange = [
      Math.min(after, ...touching.map((range) => range[0])),
      Math.max(upTo, ...touching.map((range) => range[1])),
    ];
    const apart = this.#ranges.filter((range) => !touching.includes(range));
    this.#ranges = [...apart, merged].sort((one, other) => one[0] - other[0]);
  }

  /** Forgets what is not above `sequence`. */
  prune(sequence: number): void {
    this.#ranges = this.#ranges.filter((range) => range[1] > sequence);
  }

  /** The end of the range that the sequence behind `sequence` is in; without one, `sequence` itself. */
  behind(sequence: number): number {
    return this.#ranges.find((range) => range[0] <= sequence && sequence < range[1])?.[1] ?? sequence;
  }

  has(sequence: number): boolean {
    return this.#ranges.some((range) => range[0] < sequence && sequence <= range[1]);
  }

  /** How many of the sequences in `(after, upTo]` are not in the set. */
  outside(after: number, upTo: number): number {
    let count = Math.max(0, upTo - after);
    for (const range of this.#ranges) {
      count -= Math.max(0, Math.min(range[1], upTo) - Math.max(range[0], after));
    }
    return count;
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  get list(): readonly SequenceRange[] {
    return this.#ranges;
  }
}
