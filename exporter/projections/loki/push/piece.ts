import type { LogEntry } from '../entry.js';

/** An entry on its way. */
export interface Item {
  readonly entry: LogEntry;
  /** What it takes before compression, about: line and structured metadata. */
  readonly bytes: number;
  fate: 'waiting' | 'stored' | 'dead';
}

/** Around the texts of an entry and of each pair in it. */
const FRAME_BYTES = 24;
const PAIR_BYTES = 6;
const NS_PER_HOUR = 3_600_000_000_000n;

export function itemOf(entry: LogEntry): Item {
  let bytes = FRAME_BYTES + Buffer.byteLength(entry.line);
  for (const [name, value] of entry.metadata) bytes += PAIR_BYTES + name.length + Buffer.byteLength(value);
  return { entry, bytes, fate: 'waiting' };
}

/** Items of one stream that go in one request, and how that went so far. */
export class Piece {
  readonly bytes: number;

  constructor(
    readonly items: readonly Item[],
    /** Failed attempts one after the other. */
    public failed = 0,
    /** The number of the first request with these items that was refused for no reason that is known. */
    public doubted: number | null = null,
  ) {
    this.bytes = items.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get entries(): LogEntry[] {
    return this.items.map(({ entry }) => entry);
  }

  /** Parts of at most so many bytes, in order; what is larger goes alone. */
  cut(mostBytes: number): Piece[] {
    const parts: Piece[] = [];
    let current: Item[] = [];
    let bytes = 0;
    for (const item of this.items) {
      if (current.length > 0 && bytes + item.bytes > mostBytes) {
        parts.push(this.#part(current));
        current = [];
        bytes = 0;
      }
      current.push(item);
      bytes += item.bytes;
    }
    return [...parts, this.#part(current)];
  }

  /** Two parts of about as many bytes, in order. Needs at least two items. */
  halves(): Piece[] {
    const half = this.bytes / 2;
    let count = 1;
    let bytes = this.items[0]!.bytes;
    while (count < this.items.length - 1 && bytes + this.items[count]!.bytes <= half) {
      bytes += this.items[count]!.bytes;
      count += 1;
    }
    return [this.#part(this.items.slice(0, count)), this.#part(this.items.slice(count))];
  }

  /** The others together, and each suspect alone; halves, where nobody is suspected. */
  withoutSuspects(suspects: readonly Item[]): Piece[] {
    if (suspects.length === 0) return this.halves();
    const apart = new Set(suspects);
    const others = this.items.filter((item) => !apart.has(item));
    const alone = suspects.map((item) => this.#part([item]));
    return others.length === 0 ? alone : [this.#part(others), ...alone];
  }

  #part(items: readonly Item[]): Piece {
    return new Piece(items, this.failed, this.doubted);
  }
}

/** Items of different hours apart, in order. */
export function hoursOf(items: readonly Item[]): Item[][] {
  const hours: Item[][] = [];
  let current = -1n;
  for (const item of items) {
    const hour = item.entry.timestampNs / NS_PER_HOUR;
    if (hour !== current) hours.push([]);
    hours.at(-1)!.push(item);
    current = hour;
  }
  return hours;
}
