import type { LogEntry } from '../entry.js';
import { type Answer, classify, type Verdict } from './answers.js';
import { backOff, longBackOff } from './back-off.js';
import type { Clock } from './clock.js';
import { troubleOf } from './connection-trouble.js';
import type { DeadLetterSink } from './dead-letter-sink.js';
import type { EncodedPush } from './encode-push.js';
import type { PushObserver } from './observer.js';
import { hoursOf, type Item, Piece } from './piece.js';
import { suspectsIn } from './suspects.js';

/** Less than this is not cut because no answer came. */
const SMALL_ENOUGH_BYTES = 64 * 1024;
/** It takes so many failures of a kind that less may help against. */
const FAILURES_TO_CUT = 4;
/** An answer that asks for patience is spread over this, ms. */
const SPREAD_MS = 1000;
/**
 * So long is an entry kept that is refused for no reason that is known, while nothing else goes through either: it may be that
 * what stands before Loki is broken, or that we are. Then it goes to the dead letters, so that one entry does not cost all
 * those behind it.
 */
const PATIENCE_MS = 600_000;

/** What a lane works with. */
export interface LaneOptions {
  encode: (entries: readonly LogEntry[]) => EncodedPush;
  /** @throws what the connection says, when no answer came */
  post: (tenant: string, push: EncodedPush, signal: AbortSignal) => Promise<Answer>;
  /** Loki's address as it is shown to the user. */
  where: string;
  deadLetters: DeadLetterSink;
  observer: PushObserver;
  clock: Clock;
  /** From 0 to 1. */
  random: () => number;
}

/** What the lanes of one push share. */
export interface Shared {
  readonly tenant: string;
  readonly signal: AbortSignal;
  /** Requests so far. */
  requests: number;
  /** The number of the latest request that was stored; -1 = none. */
  latestStored: number;
  /** Most bytes of a request before compression: lowered by what did not go through at once. */
  requestBytes: number;
}

/** One stream's part of a batch, from the oldest on. */
export class Lane {
  readonly #queue: Piece[];
  readonly #shared: Shared;
  readonly #options: LaneOptions;
  /** When each lone entry was doubted first, ms since the epoch. */
  readonly #doubtedSince = new Map<Item, number>();

  constructor(items: readonly Item[], shared: Shared, options: LaneOptions) {
    // Loki's time sharding makes a stream of each hour of a backlog, and a request must not hold two.
    this.#queue = hoursOf(items).map((hour) => new Piece(hour));
    this.#shared = shared;
    this.#options = options;
  }

  /**
   * Returns when everything is stored or dead, or when it was aborted.
   * @returns null, or what Loki asks to wait in ms if it takes no new stream: then this one's entries are left
   */
  async run(): Promise<number | null> {
    const { signal } = this.#shared;
    for (let piece = this.#queue.shift(); piece !== undefined; piece = this.#queue.shift()) {
      if (signal.aborted) return null;
      if (piece.bytes > this.#shared.requestBytes && piece.items.length > 1) {
        this.#queue.unshift(...piece.cut(this.#shared.requestBytes));
        continue;
      }
      const number = this.#shared.requests++;
      const verdict = await this.#attempt(piece);
      if (verdict === null) return null;
      if (verdict.kind === 'too-many-streams') {
        this.#options.observer.trouble(verdict.trouble, verdict.waitMs, this.#shared.tenant);
        return verdict.waitMs;
      }
      await this.#follow(piece, verdict, number);
    }
    return null;
  }

  /** @returns null when it was aborted */
  async #attempt(piece: Piece): Promise<Verdict | null> {
    const { tenant, signal } = this.#shared;
    const { observer, where, clock, post } = this.#options;
    const push = this.#encoded(piece);
    if (push === null) return UNWRITABLE;
    if (piece.failed > 0) observer.retried();
    observer.sent({ plain: push.plainBytes, compressed: push.body.length });
    const started = clock.now();
    let verdict: Verdict;
    try {
      const answer: Answer = await post(tenant, push, signal);
      verdict = classify(answer, where, clock.now());
    } catch (error) {
      if (signal.aborted) return null;
      verdict = troubleOf(error, where);
    }
    observer.answered(verdict.answer, (clock.now() - started) / 1000);
    return verdict;
  }

  /** @returns null for what cannot be written at all, such as a time before 1970 */
  #encoded(piece: Piece): EncodedPush | null {
    try {
      return this.#options.encode(piece.entries);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  }

  async #follow(piece: Piece, verdict: Exclude<Verdict, { kind: 'too-many-streams' }>, number: number): Promise<void> {
    switch (verdict.kind) {
      case 'stored':
        for (const item of piece.items) item.fate = 'stored';
        this.#shared.latestStored = Math.max(this.#shared.latestStored, number);
        this.#options.observer.stored(piece.items.length, this.#shared.tenant);
        return;
      case 'refused':
        return this.#findCulprits(piece, verdict, number);
      case 'too-large':
        return this.#tooLarge(piece, verdict.reason);
      case 'misconfigured':
        await this.#pause(verdict.trouble, longBackOff(piece.failed, this.#options.random));
        piece.failed += 1;
        this.#queue.unshift(piece);
        return;
      case 'again':
        return this.#again(piece, verdict);
    }
  }

  async #again(piece: Piece, verdict: Verdict & { kind: 'again' }): Promise<void> {
    const { answer, trouble, waitMs, fitsBytes, smaller } = verdict;
    const { random } = this.#options;
    await this.#pause(trouble, waitMs > 0 ? waitMs + random() * SPREAD_MS : backOff(piece.failed, random));
    piece.failed += 1;
    if (piece.items.length === 1) this.#queue.unshift(piece);
    else if (fitsBytes !== null && piece.bytes > fitsBytes) this.#queue.unshift(...piece.cut(fitsBytes));
    else {
      // A rate whose burst is smaller than the piece never lets it through, however small it is.
      const large = answer === 'rate_limited' || piece.bytes > SMALL_ENOUGH_BYTES;
      const cut = smaller && large && piece.failed % FAILURES_TO_CUT === 0;
      this.#queue.unshift(...(cut ? piece.halves() : [piece]));
    }
  }

  async #tooLarge(piece: Piece, reason: string): Promise<void> {
    if (piece.items.length === 1) return this.#bury(piece, reason);
    const learned = Math.max(SMALL_ENOUGH_BYTES, Math.floor(piece.bytes / 2));
    this.#shared.requestBytes = Math.min(this.#shared.requestBytes, learned);
    this.#queue.unshift(...piece.halves());
  }

  /** Asks again with fewer, until those that are refused stand alone. What Loki says of them only saves asking. */
  async #findCulprits(piece: Piece, verdict: Verdict & { kind: 'refused' }, number: number): Promise<void> {
    const { reason, known } = verdict;
    if (!known) piece.doubted ??= number;
    if (piece.items.length > 1) {
      this.#queue.unshift(...piece.withoutSuspects(known ? suspectsIn(reason, piece.items) : []));
      return;
    }
    // That others went through since says that it is the entry, and not the way there.
    if (known || this.#shared.latestStored > piece.doubted!) return this.#bury(piece, reason);
    await this.#doubt(piece, reason);
  }

  async #doubt(piece: Piece, reason: string): Promise<void> {
    const { where, clock, random } = this.#options;
    const item = piece.items[0]!;
    const since = this.#doubtedSince.get(item);
    if (since === undefined) {
      this.#doubtedSince.set(item, clock.now());
      // The others first: if one of them is stored, more is known.
      if (this.#queue.length > 0) {
        this.#queue.push(piece);
        return;
      }
    } else if (clock.now() - since >= PATIENCE_MS) return this.#bury(piece, reason);
    const trouble = `${where} refuses all that is sent (400), in words that name no entry. Is something between here and Loki? After ten minutes such entries go to the dead letters.`;
    await this.#pause(trouble, longBackOff(piece.failed, random));
    piece.failed += 1;
    this.#queue.push(piece);
  }

  async #bury(piece: Piece, reason: string): Promise<void> {
    const { tenant, signal } = this.#shared;
    const { deadLetters, observer, random } = this.#options;
    const item = piece.items[0]!;
    for (let failed = 0; !signal.aborted; failed += 1) {
      try {
        await deadLetters.add(item.entry, tenant, reason);
        item.fate = 'dead';
        observer.dead(1, tenant);
        return;
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        await this.#pause(`Dead letters cannot be written (${code}): is the disk full?`, backOff(failed, random));
      }
    }
  }

  async #pause(trouble: string, ms: number): Promise<void> {
    this.#options.observer.trouble(trouble, ms, this.#shared.tenant);
    await this.#options.clock.sleep(ms, this.#shared.signal);
  }
}

/** Found by asking with fewer, as with what Loki refuses. */
const UNWRITABLE: Verdict = {
  kind: 'refused',
  answer: 'refused',
  known: true,
  reason: 'it cannot be written: its time is before 1970, or it is larger than Node takes',
};
