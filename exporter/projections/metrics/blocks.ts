import type { BlockKind } from './kinds.js';

/** Whoever a block belongs to: a workspace, a model in one, or a tuple of all base labels. */
export interface BlockOwner {
  /** Place in its append-only list. */
  readonly index: number;
  /** Escaped label text that every series of this owner begins with; unique among owners of its sort. */
  readonly labels: string;
}

/** Series that are born together, for one owner; their numbers stand in the pages from `slot` on. */
export interface Block {
  readonly owner: BlockOwner;
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
  /** In the order of birth; only ever appended to. */
  readonly blocks: Block[] = [];
  private sorted: readonly Block[] = [];
  private readonly suffixes = new Map<string, string>();

  constructor(readonly kind: BlockKind) {}

  add(owner: BlockOwner, key: string, slot: number): void {
    let suffix = this.suffixes.get(key);
    if (suffix === undefined) {
      suffix = this.kind.suffix(key);
      this.suffixes.set(key, suffix);
    }
    this.blocks.push({ owner, key, suffix, slot });
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
    while (this.sorted.length < this.blocks.length) {
      const from = this.sorted.length;
      const run = Math.min(Math.max(from >>> 2, SMALLEST_RUN), LARGEST_RUN);
      this.sorted = merge(this.sorted, this.blocks.slice(from, from + run).sort(compare));
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
