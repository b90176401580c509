/** A stretch of a text that is to be redacted. */
export interface Find {
  start: number;
  end: number;
  /** Which detector or pattern names it: its rank, smaller ones first. */
  rank: number;
  /** Of the part of the stretch that gave it its name. */
  length: number;
  /** The find as it is read: what is hashed. */
  value: string;
}

/**
 * Sorts finds and makes one of those that overlap: all that any of them covers goes, under the name of the longest, or
 * of the first by rank when they are equally long.
 */
export function merged(finds: Find[]): Find[] {
  if (finds.length < 2) return finds;
  finds.sort((a, b) => a.start - b.start || b.end - a.end || a.rank - b.rank);
  const result: Find[] = [];
  let last: Find | undefined;
  for (const find of finds) {
    if (last === undefined || find.start >= last.end) {
      last = { ...find };
      result.push(last);
      continue;
    }
    last.end = Math.max(last.end, find.end);
    if (find.length > last.length || (find.length === last.length && find.rank < last.rank)) {
      last.length = find.length;
      last.rank = find.rank;
      last.value = find.value;
    }
  }
  return result;
}

/** Leaves out finds that overlap one of the others by the same rule. */
export function withoutOverlaps(finds: readonly Find[], others: readonly Find[]): Find[] {
  const byRank = new Map<number, [start: number, end: number][]>();
  for (const { rank, start, end } of others.toSorted((a, b) => a.start - b.start)) {
    const spans = byRank.get(rank);
    if (spans === undefined) byRank.set(rank, [[start, end]]);
    else spans.push([start, end]);
  }
  return finds.filter(({ rank, start, end }) => {
    const before = lastStartingAtOrBefore(byRank.get(rank) ?? [], end - 1);
    return before === null || before[1] <= start;
  });
}

/**
 * Leaves out finds within what an earlier redaction put there, so that redacting again changes nothing: placeholders
 * of the given names, and the size and hash of replaced media.
 */
export function outsidePlaceholders(text: string, finds: Find[], names: ReadonlySet<string>): Find[] {
  const placeholders = placeholdersIn(text, names);
  if (placeholders.length === 0) return finds;
  return finds.filter((find) => {
    const before = lastStartingAtOrBefore(placeholders, find.start);
    return before === null || find.end > before[1];
  });
}

const PLACEHOLDER = /\[(?:dropped:)?([a-z][a-z0-9_]{0,31})(?::[0-9a-f]{12})?\]|;size=\d{1,15};sha256=[0-9a-f]{16}/g;

/** Where the placeholders in a text stand. */
export function placeholdersIn(text: string, names: ReadonlySet<string>): [start: number, end: number][] {
  const found: [number, number][] = [];
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match[1] === undefined || names.has(match[1])) found.push([match.index, match.index + match[0].length]);
  }
  return found;
}

function lastStartingAtOrBefore(spans: readonly [number, number][], offset: number): [number, number] | null {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle]![0] <= offset) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : spans[low - 1]!;
}
