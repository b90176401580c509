import type { Clock } from './clock.js';
import { roughly } from './figures.js';

/** The same trouble is told so seldom: every batch has it, again and again. */
const SILENT_MS = 30_000;

/** Tells why records wait, once for each reason and not for each request. */
export class TroubleNotice {
  readonly #told = new Map<string, number>();

  constructor(
    private readonly clock: Clock,
    private readonly say: (text: string) => void,
  ) {}

  /** @param remainingMs until it is given up */
  tell(reason: string, remainingMs: number): void {
    const now = this.clock.now();
    const last = this.#told.get(reason);
    if (last !== undefined && now - last < SILENT_MS) return;
    // Details that differ each time must not add up.
    if (this.#told.size > 100) this.#told.clear();
    this.#told.set(reason, now);
    this.say(`${reason} Trying again for ${roughly(remainingMs)}.`);
  }
}
