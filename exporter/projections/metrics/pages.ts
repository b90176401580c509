/**
 * Where the numbers of all series live: pages of doubles. Growing adds a page and never copies one, so
 * no call ever pays for the table's size, and a consistent copy of everything is one `slice` a page.
 */

const PAGE_BITS = 16;
export const PAGE_SLOTS = 1 << PAGE_BITS;
const IN_PAGE = PAGE_SLOTS - 1;

/** The numbers of one moment. A slot in use at that moment reads as it did then, whatever became of it since. */
export interface FrozenPages {
  readonly pages: readonly Float64Array[];
}

export class NumberPages {
  private readonly pages: Float64Array[] = [];
  private next = 0;
  /** First slots of blocks that left, by their size: series that come and go need no more room than at their most. */
  private readonly free = new Map<number, number[]>();

  /** Contiguous zeroed slots, which never straddle two pages; returns the first. */
  allocate(slots: number): number {
    if (slots > PAGE_SLOTS) throw new RangeError(`a block of ${slots} slots does not fit a page of ${PAGE_SLOTS}`);
    const reused = this.free.get(slots)?.pop();
    if (reused !== undefined) {
      this.block(reused, slots).fill(0);
      return reused;
    }
    let first = this.next;
    if ((first & IN_PAGE) + slots > PAGE_SLOTS) first = (first & ~IN_PAGE) + PAGE_SLOTS;
    if (first >>> PAGE_BITS >= this.pages.length) this.pages.push(new Float64Array(PAGE_SLOTS));
    this.next = first + slots;
    return first;
  }

  /** Gives the slots of `allocate` back. */
  release(first: number, slots: number): void {
    const free = this.free.get(slots);
    if (free === undefined) this.free.set(slots, [first]);
    else free.push(first);
  }

  /** Adds to a cell of the block at `slot` and returns its sum; cell 0 comes after the birth. */
  add(slot: number, cell: number, amount: number): number {
    const page = this.pages[slot >>> PAGE_BITS] as Float64Array;
    const at = (slot & IN_PAGE) + 1 + cell;
    const sum = (page[at] as number) + amount;
    page[at] = sum;
    return sum;
  }

  /** Raises a cell to a value that is higher. */
  raise(slot: number, cell: number, value: number): void {
    const page = this.pages[slot >>> PAGE_BITS] as Float64Array;
    const at = (slot & IN_PAGE) + 1 + cell;
    if (value > (page[at] as number)) page[at] = value;
  }

  /** All numbers of a block of so many slots, its birth first; a view, not a copy. */
  block(slot: number, slots: number): Float64Array {
    const page = this.pages[slot >>> PAGE_BITS] as Float64Array;
    return page.subarray(slot & IN_PAGE, (slot & IN_PAGE) + slots);
  }

  /** A copy of everything; the one cost of a consistent view, about a millisecond for 3 MB. */
  freeze(): FrozenPages {
    return { pages: this.pages.map((page) => page.slice()) };
  }
}

/** Where a slot stands within its page. */
export function offsetOf(slot: number): number {
  return slot & IN_PAGE;
}

/** The frozen page that holds a slot. */
export function frozenPageOf(frozen: FrozenPages, slot: number): Float64Array {
  return frozen.pages[slot >>> PAGE_BITS] as Float64Array;
}
