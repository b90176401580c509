import { IdTable, packSlots } from './id-table.js';

/** The window is made of so many generations; the oldest leaves whole. */
export const WINDOW_GENERATIONS = 8;

export interface DuplicateWindowOptions {
  /** How long an id is remembered, ms. */
  windowMs: number;
  /** How many ids are remembered at most. */
  entries: number;
}

interface Generation {
  number: number;
  ids: IdTable;
  /**
   * The ids in the order in which they came, two halves each, as long as the generation grows: what a
   * snapshot needs of it is then there without a copy, however large the table is.
   */
  log: Uint32Array | null;
  /** Arrival of its first and last id, ms; 0 while it is empty. */
  first: number;
  last: number;
}

/** The window as a snapshot holds it. */
export interface FrozenWindow {
  forgotten: number;
  /** Oldest first; only the last one goes on growing. */
  generations: FrozenGeneration[];
}

/** One generation as it is saved. */
export interface SavedGeneration {
  number: number;
  first: number;
  last: number;
  count: number;
}

export interface FrozenGeneration extends SavedGeneration {
  /** False for the newest generation, which goes on growing. */
  sealed: boolean;
  pack(): Buffer;
}

/**
 * The ids of durable records, by keyed hash, for 24 h or up to a memory bound, whichever is less. Ids
 * that are not durable yet are not here: a snapshot of the window must hold just what its sequence says.
 */
export class DuplicateWindow {
  readonly #windowMs: number;
  readonly #perGeneration: number;
  #generations: Generation[] = [];
  #current: Generation;
  /** Arrival of the last id that is no longer remembered, ms; 0 = all ids are. */
  #forgotten = 0;

  constructor(options: DuplicateWindowOptions) {
    this.#windowMs = options.windowMs;
    this.#perGeneration = Math.max(1, Math.ceil(options.entries / WINDOW_GENERATIONS));
    this.#current = this.#newGeneration(1);
    this.#generations.push(this.#current);
  }

  has(low: number, high: number): boolean {
    for (let i = this.#generations.length - 1; i >= 0; i -= 1) {
      if (this.#generations[i]!.ids.has(low, high)) return true;
    }
    return false;
  }

  /** Remembers an id that the window does not have, of a record that arrived at `arrival` (ms). */
  add(low: number, high: number, arrival: number): void {
    let current = this.#current;
    if (current.ids.size > 0) {
      const full = current.ids.size >= this.#perGeneration;
      if (full || arrival - current.first >= this.#windowMs / WINDOW_GENERATIONS) {
        current = this.#rotate(arrival);
      }
    }
    const { ids, log } = current;
    if (ids.size === 0) current.first = arrival;
    current.last = arrival;
    if (log !== null) {
      log[ids.size * 2] = low;
      log[ids.size * 2 + 1] = high;
    }
    ids.add(low, high);
  }

  /** How many ids are remembered. */
  get size(): number {
    let size = 0;
    for (const generation of this.#generations) size += generation.ids.size;
    return size;
  }

  /** For how long back, in ms before `now`, every id is remembered. */
  coverageMs(now: number): number {
    return Math.min(this.#windowMs, Math.max(0, now - this.#forgotten));
  }

  /** What a snapshot has to hold now. Copies nothing: sealed generations stay as they are, and a log only grows. */
  freeze(): FrozenWindow {
    const generations = this.#generations.map((generation) => {
      const { number, first, last, ids, log } = generation;
      const count = ids.size;
      const pack = (): Buffer =>
        log === null ? packSlots(ids.slots, count) : Buffer.from(log.buffer, log.byteOffset, count * 8);
      return { number, first, last, count, sealed: generation !== this.#current, pack };
    });
    return { forgotten: this.#forgotten, generations };
  }

  /** Puts back a saved generation; oldest first, into a new window. */
  restore(saved: SavedGeneration, packed: Buffer): void {
    const capacity = Math.max(saved.count, this.#perGeneration);
    const log = new Uint32Array(capacity * 2);
    const generation: Generation = { ...saved, ids: new IdTable(capacity), log };
    for (let at = 0; at + 8 <= packed.length; at += 8) {
      log[at / 4] = packed.readUInt32LE(at);
      log[at / 4 + 1] = packed.readUInt32LE(at + 4);
      generation.ids.add(log[at / 4]!, log[at / 4 + 1]!);
    }
    this.#current.log = null;
    if (this.#current.ids.size === 0) this.#generations.pop();
    this.#generations.push(generation);
    this.#current = generation;
  }

  /** Says that ids of records that arrived up to `arrival` (ms) may be missing. */
  forget(arrival: number): void {
    this.#forgotten = Math.max(this.#forgotten, arrival);
  }

  #rotate(arrival: number): Generation {
    this.#current.log = null;
    this.#current = this.#newGeneration(this.#current.number + 1);
    this.#generations.push(this.#current);
    // One more than the number of generations, so that a full window is covered while the newest one fills.
    while (
      this.#generations.length > WINDOW_GENERATIONS + 1 ||
      (this.#generations.length > 1 && this.#generations[0]!.last < arrival - this.#windowMs)
    ) {
      this.forget(this.#generations.shift()!.last);
    }
    return this.#current;
  }

  #newGeneration(number: number): Generation {
    const log = new Uint32Array(this.#perGeneration * 2);
    return { number, ids: new IdTable(this.#perGeneration), log, first: 0, last: 0 };
  }
}
