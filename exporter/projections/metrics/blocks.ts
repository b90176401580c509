import type { BlockKind } from './kinds.js';

/** Whose budget a block's lines count in. */
export interface LineAccount {
  lines: number;
}

/** Whoever a block belongs to: a workspace, a model in one, or a tuple of all base labels. */
export interface BlockOwner {
  /** Escaped label text that every series of this owner begins with; unique among owners of its sort. */
  readonly labels: string;
  /** The workspace. */
  readonly account: LineAccount;
}

/** Series that are born together, for one owner; their numbers stand in the pages from `slot` on. */
export interface Block<Owner extends BlockOwner = BlockOwner> {
  readonly owner: Owner;
  /** Rises with every birth in the table: tells whether a block was there at a given moment. */
  readonly serial: number;
  /** What tells the blocks of one kind and owner apart; empty where there is only one. */
  readonly key: string;
  /** The key as label text with a leading comma; empty where there is only one. */
  readonly suffix: string;
  /** First slot: the birth, followed by the kind's cells. */
  readonly slot: number;
}

/**
 * So many newcomers are sorted in one go, a few milliseconds at most: more where many are sorted already,
 * because each go also walks over those.
 */
const SMALLEST_RUN = 1024;
const LARGEST_RUN = 4096;

/** All blocks of one kind: in the order of birth, and in the order of their labels. */
export class BlockList {
  private inBirthOrder: Block[] = [];
  private sorted: readonly Block[] = [];
  private suffixes = new Map<string, string>();

  constructor(readonly kind: BlockKind) {}

  /**
   * In the order of birth. Appended to, and replaced by another list when blocks leave: so a reader that
   * holds on to this one and to its length of a moment has the blocks of that moment.
   */
  get blocks(): readonly Block[] {
    return this.inBirthOrder;
  }

  add(owner: BlockOwner, serial: number, key: string, slot: number): void {
    let suffix = this.suffixes.get(key);
    if (suffix === undefined) {
      suffix = this.kind.suffix(key);
      this.suffixes.set(key, suffix);
    }
    this.inBirthOrder.push({ owner, serial, key, suffix, slot });
  }

  /** Takes the blocks out that leave, and returns them. */
  drop(leaves: (block: Block) => boolean): readonly Block[] {
    const dropped = this.inBirthOrder.filter(leaves);
    if (dropped.length === 0) return dropped;
    const gone = new Set(dropped);
    const stays = (block: Block) => !gone.has(block);
    // Both are cut alike, so a `sort` that is under way goes on with what is left.
    this.inBirthOrder = this.inBirthOrder.filter(stays);
    this.sorted = this.sorted.filter(stays);
    // Keys may be a client's words: those that nobody uses any more are forgotten.
    this.suffixes = new Map(this.inBirthOrder.map(({ key, suffix }) => [key, suffix]));
    return dropped;
  }

  /**
   * Blocks in the order of their labels, so that the same calls give the same bytes whatever order they
   * came in. Holds every block that stood in the list when `sort()` last ran to its end.
   */
  get inOrder(): readonly Block[] {
    return this.sorted;
  }

  /**
   * Brings blocks born since the last time into order. Pauses after each bounded step; the list is
   * consistent at every pause, so two readers may run this at once.
   */
  *sort(): Generator<void> {
    while (this.sorted.length < this.inBirthOrder.length) {
      const from = this.sorted.length;
      const run = Math.min(Math.max(from >>> 2, SMALLEST_RUN), LARGEST_RUN);
      this.sorted = merge(this.sorted, this.inBirthOrder.slice(from, from + run).sort(compare));
      yield;
    }
  }
}

function compare(a: Block, b: Block): number {
  if (a.owner === b.owner) return a.suffix < b.suffix ? -1 : 1;
  return a.owner.labels < b.owner.labels ? -1 : 1;
}

function merge(left: readonly Block[], right: readonly Block[]): readonly Block[] {
  if (left.length === 0) return right;
  const merged: Block[] = [];
  let at = 0;
  for (const block of right) {
    while (at < left.length && compare(left[at] as Block, block) < 0) merged.push(left[at++] as Block);
    merged.push(block);
  }
  while (at < left.length) merged.push(left[at++] as Block);
  return merged;
}
