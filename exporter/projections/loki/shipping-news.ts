import type { AnswerClass } from './push/answers.js';
import type { PushObserver } from './push/observer.js';
import type { ShipperObserver } from './shipper-options.js';

/** What has happened in the thread since it said so last. Nothing of it holds content. */
export interface ShippingNews {
  /** Requests: what came of each, and how many seconds that took. */
  answers: (readonly [answer: AnswerClass, seconds: number])[];
  plainBytes: number;
  compressedBytes: number;
  retries: number;
  stored: number;
  dead: number;
  /** Sequences of frames that were passed over; the first few. */
  unreadable: number[];
  unreadableCount: number;
  /** Labels of models could not be read, and were chosen anew. */
  labelsLost: boolean;
  /** What is in the way now, by tenant; a tenant that is not named has nothing in its way. */
  troubles: Readonly<Record<string, string>>;
  /** Dead letters that are kept. */
  deadLetters: number;
  /** Those that went, for want of room. */
  deadLettersDropped: number;
}

const SAY_MS = 100;
const FEW = 10;

/** Gathers what happens, so that the thread speaks ten times a second at most. */
export class NewsDesk implements PushObserver, ShipperObserver {
  readonly #troubles = new Map<string, string>();
  /** Where some streams wait, and others may go well. */
  readonly #parked = new Map<string, string>();
  #news = nothing();
  #timer: NodeJS.Timeout | null = null;
  #dropped = 0;

  constructor(
    private readonly say: (news: ShippingNews) => void,
    private readonly letters: { readonly count: number; readonly dropped: number },
  ) {}

  get isTroubled(): boolean {
    return this.#troubles.size > 0;
  }

  sent({ plain, compressed }: { plain: number; compressed: number }): void {
    this.#news.plainBytes += plain;
    this.#news.compressedBytes += compressed;
    this.#soon();
  }

  answered(answer: AnswerClass, seconds: number): void {
    this.#news.answers.push([answer, seconds]);
    this.#soon();
  }

  retried(): void {
    this.#news.retries += 1;
    this.#soon();
  }

  stored(entries: number, tenant: string): void {
    this.#news.stored += entries;
    this.#troubles.delete(tenant);
    this.#soon();
  }

  dead(entries: number, tenant: string): void {
    this.#news.dead += entries;
    // Loki has answered, and looked at it.
    this.#troubles.delete(tenant);
    this.#soon();
  }

  trouble(text: string, _waitMs: number, tenant: string): void {
    this.#troubles.set(tenant, text);
    this.#soon();
  }

  parked(text: string | null, tenant: string): void {
    if (text === null) this.#parked.delete(tenant);
    else this.#parked.set(tenant, text);
    this.#soon();
  }

  unreadable(sequence: number): void {
    this.#news.unreadableCount += 1;
    if (this.#news.unreadable.length < FEW) this.#news.unreadable.push(sequence);
    this.#soon();
  }

  labelsLost(): void {
    this.#news.labelsLost = true;
    this.#soon();
  }

  /** Says what there is to say at once. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { count, dropped } = this.letters;
    this.say({
      ...this.#news,
      troubles: Object.fromEntries([...this.#troubles, ...this.#parked]),
      deadLetters: count,
      deadLettersDropped: dropped - this.#dropped,
    });
    this.#dropped = dropped;
    this.#news = nothing();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.flush(), SAY_MS);
  }
}

function nothing(): Omit<ShippingNews, 'troubles' | 'deadLetters' | 'deadLettersDropped'> {
  return {
    answers: [],
    plainBytes: 0,
    compressedBytes: 0,
    retries: 0,
    stored: 0,
    dead: 0,
    unreadable: [],
    unreadableCount: 0,
    labelsLost: false,
  };
}
