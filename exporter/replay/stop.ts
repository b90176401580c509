import { setMaxListeners } from 'node:events';

/** Why a replay ends before its input does. */
export type StopReason =
  | { kind: 'signal'; signal: 'SIGINT' | 'SIGTERM' }
  /** The exporter refuses everything, or could not be reached for too long; the message says what to do. */
  | { kind: 'exporter'; message: string }
  | { kind: 'input'; message: string };

/** Asked for once, heard everywhere: nothing new is sent, what is in flight is waited for. */
export class Stop {
  readonly #controller = new AbortController();
  #reason: StopReason | null = null;

  constructor() {
    // Every waiting request listens, and there may be more than the ten that Node takes for a leak.
    setMaxListeners(0, this.#controller.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get requested(): boolean {
    return this.#reason !== null;
  }

  get reason(): StopReason | null {
    return this.#reason;
  }

  /** The first reason stands. */
  request(reason: StopReason): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller.abort();
  }
}
