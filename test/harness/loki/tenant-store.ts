import { compareBytes, formatLabels } from './label-set.js';
import type { LokiLimits, LokiServerLimits } from './limits.js';
import { entryBytes, type Pair, type PushedEntry } from './pushed.js';
import { REFUSALS } from './refusals.js';
import { TokenBucket } from './token-bucket.js';

export interface StoredEntry {
  readonly timestampNs: bigint;
  readonly line: string;
  /** Sorted by name. */
  readonly metadata: readonly Pair[];
}

export interface StoredStream {
  /** `{a="1", b="2"}` */
  readonly name: string;
  readonly labels: readonly Pair[];
  /** By time; entries of the same time in the order in which they came. */
  readonly entries: readonly StoredEntry[];
}

/** What became of the entries of one stream. */
export interface StreamOutcome {
  stored: number;
  duplicates: number;
  refused: number;
  error?: { status: number; message: string };
}

/** The streams of one tenant, and the rules that Loki's ingester keeps to when it takes entries into them. */
export class TenantStore {
  readonly tenant: string;
  readonly ingestion = new TokenBucket();
  readonly #streams = new Map<string, Stream>();

  constructor(tenant: string) {
    this.tenant = tenant;
  }

  get streams(): readonly StoredStream[] {
    return [...this.#streams.values()];
  }

  /** Stores what may be stored of one stream, and says what was refused. */
  append(
    labels: readonly Pair[],
    entries: readonly PushedEntry[],
    limits: LokiLimits,
    server: LokiServerLimits,
    nowMs: number,
  ): StreamOutcome {
    const name = formatLabels(labels);
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      if (limits.maxStreams > 0 && this.#streams.size >= limits.maxStreams) {
        const message = REFUSALS.streamLimit(this.tenant, name);
        return { stored: 0, duplicates: 0, refused: entries.length, error: { status: 429, message } };
      }
      stream = new Stream(name, labels);
      this.#streams.set(name, stream);
    }
    return stream.append(this.tenant, entries, limits, server, nowMs);
  }
}

/** How many refused entries one message names. */
const MAX_RETURNED_ERRORS = 10;

interface Refused {
  entry: PushedEntry;
  reason: string;
  status: number;
}

class Stream implements StoredStream {
  readonly name: string;
  readonly labels: readonly Pair[];
  readonly entries: StoredEntry[] = [];
  readonly #bucket = new TokenBucket();
  #highestNs: bigint | undefined;
  #last: PushedEntry | undefined;

  constructor(name: string, labels: readonly Pair[]) {
    this.name = name;
    this.labels = labels;
  }

  append(
    tenant: string,
    entries: readonly PushedEntry[],
    limits: LokiLimits,
    server: LokiServerLimits,
    nowMs: number,
  ): StreamOutcome {
    const { accepted, refused } = this.#check(entries, limits, server, nowMs);
    const outcome: StreamOutcome = { stored: 0, duplicates: 0, refused: refused.length };
    for (const entry of accepted) {
      if (this.#store(entry)) outcome.stored += 1;
    }
    outcome.duplicates = entries.length - outcome.stored - outcome.refused;
    const last = refused.at(-1);
    if (last !== undefined) {
      const named = refused.slice(0, MAX_RETURNED_ERRORS);
      const lines = named.map(({ entry, reason }) => REFUSALS.ignored(entry.timestampNs, reason));
      const total = REFUSALS.totalIgnored(tenant, refused.length, entries.length, this.name);
      outcome.error = { status: last.status, message: `${lines.join('')}${total}` };
    }
    return outcome;
  }

  /** What may be stored. What is just the same as the entry before it is passed over, at no cost. */
  #check(
    entries: readonly PushedEntry[],
    limits: LokiLimits,
    server: LokiServerLimits,
    nowMs: number,
  ): { accepted: PushedEntry[]; refused: Refused[] } {
    const { perStreamRateBytes: rate, perStreamBurstBytes: burst, shardStreams: wholeStream } = limits;
    const limited = (entry: PushedEntry): Refused => {
      return { entry, reason: REFUSALS.streamRateLimited(this.name, rate, entryBytes(entry)), status: 429 };
    };
    let accepted: PushedEntry[] = [];
    let refused: Refused[] = [];
    let [last, highestNs] = [this.#last, this.#highestNs];
    for (const entry of entries) {
      if (last !== undefined && same(last, entry)) continue;
      if (!wholeStream && !this.#bucket.allow(nowMs, entryBytes(entry), rate, burst)) {
        refused.push(limited(entry));
        continue;
      }
      const oldestNs = (highestNs ?? entry.timestampNs) - BigInt(server.maxChunkAgeMs / 2) * 1_000_000n;
      if (entry.timestampNs < oldestNs) {
        refused.push({ entry, reason: REFUSALS.tooFarBehind(entry.timestampNs, oldestNs), status: 400 });
        continue;
      }
      last = entry;
      if (highestNs === undefined || entry.timestampNs > highestNs) highestNs = entry.timestampNs;
      accepted.push(entry);
    }
    const bytes = accepted.reduce((sum, entry) => sum + entryBytes(entry), 0);
    if (wholeStream && !this.#bucket.allow(nowMs, bytes, rate, burst)) {
      refused = accepted.map(limited);
      accepted = [];
    } else {
      [this.#last, this.#highestNs] = [last, highestNs];
    }
    return { accepted, refused };
  }

  /** @returns false when it is there already */
  #store(entry: PushedEntry): boolean {
    let at = this.entries.length;
    while (at > 0 && this.entries[at - 1]!.timestampNs > entry.timestampNs) at -= 1;
    for (let i = at - 1; i >= 0 && this.entries[i]!.timestampNs === entry.timestampNs; i -= 1) {
      if (same(this.entries[i]!, entry)) return false;
    }
    const { timestampNs, line, metadata } = entry;
    this.entries.splice(at, 0, { timestampNs, line, metadata });
    return true;
  }
}

/** The same entry to Loki: time, line and structured metadata. */
function same(a: StoredEntry, b: StoredEntry): boolean {
  return a.timestampNs === b.timestampNs && a.line === b.line && samePairs(a.metadata, b.metadata);
}

function samePairs(a: readonly Pair[], b: readonly Pair[]): boolean {
  return a.length === b.length && a.every(([name, value], i) => name === b[i]![0] && value === b[i]![1]);
}

/** By name, the last of several with one name alone, as Loki keeps them; an empty value is none. */
export function sortedMetadata(metadata: readonly Pair[]): Pair[] {
  return [...new Map(metadata)].filter(([, value]) => value !== '').toSorted(([a], [b]) => compareBytes(a, b));
}
