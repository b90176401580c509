/** A set of 64-bit hashes, given as two unsigned 32-bit halves, in one typed array. */
export class IdTable {
  #slots: Uint32Array;
  #mask: number;
  #limit: number;
  size = 0;

  /**
   * @param capacity how many ids it takes before it grows (doubling, by copying every id); takes 16 bytes
   *   each, up to 32 where it is no power of two
   */
  constructor(capacity: number) {
    let slots = 16;
    while (slots < capacity * 2) slots *= 2;
    this.#slots = new Uint32Array(slots * 2);
    this.#mask = slots - 1;
    this.#limit = slots / 2;
  }

  has(low: number, high: number): boolean {
    const slots = this.#slots;
    const mask = this.#mask;
    const second = (low | high) === 0 ? 1 : high;
    for (let slot = low & mask; ; slot = (slot + 1) & mask) {
      const a = slots[slot << 1]!;
      const b = slots[(slot << 1) + 1]!;
      if (a === low && b === second) return true;
      // Two zeros mean an empty slot; the one hash that would read so is kept as (0, 1).
      if ((a | b) === 0) return false;
    }
  }

  /** Adds an id that is not there yet. */
  add(low: number, high: number): void {
    if (this.size >= this.#limit) this.#grow();
    this.#insert(low, (low | high) === 0 ? 1 : high);
    this.size += 1;
  }

  #insert(low: number, high: number): void {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = low & mask;
    while ((slots[slot << 1]! | slots[(slot << 1) + 1]!) !== 0) slot = (slot + 1) & mask;
    slots[slot << 1] = low;
    slots[(slot << 1) + 1] = high;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#mask = this.#slots.length / 2 - 1;
    this.#limit = this.#slots.length / 4;
    for (let at = 0; at < old.length; at += 2) {
      if ((old[at]! | old[at + 1]!) !== 0) this.#insert(old[at]!, old[at + 1]!);
    }
  }

  /** The ids with the empty slots between them, for a table that changes no more: see {@link packSlots}. */
  get slots(): Uint32Array {
    return this.#slots;
  }
}

/** Leaves the empty slots out: 8 bytes an id, low half first. */
export function packSlots(slots: Uint32Array, size: number): Buffer {
  const packed = new Uint32Array(size * 2);
  let to = 0;
  for (let at = 0; at < slots.length; at += 2) {
    if ((slots[at]! | slots[at + 1]!) === 0) continue;
    packed[to] = slots[at]!;
    packed[to + 1] = slots[at + 1]!;
    to += 2;
  }
  return Buffer.from(packed.buffer);
}
