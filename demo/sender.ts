import { backOff } from '../exporter/replay/back-off.js';
import type { Clock } from '../exporter/replay/clock.js';
import { troubleOf } from '../exporter/replay/connection-trouble.js';
import type { Answer } from '../exporter/replay/exporter-client.js';
import { type Verdict, verdictOf } from '../exporter/replay/verdict.js';

/** Writes a record as one line of NDJSON, anew for each attempt: its time is to be right when it arrives. */
export type Line = () => string;

export interface SenderOptions {
  post: (body: Buffer) => Promise<Answer>;
  /** The exporter as it is shown to the user. */
  where: string;
  clock: Clock;
  random: () => number;
  stop: AbortSignal;
  say: (text: string) => void;
}

/** Somebody who has just started the exporter does not want to wait for the demo. */
const LONGEST_WAIT_MS = 1_000;
const MOST_LINES = 500;
/** Each wrong field is told once: what is wrong with one record is wrong with thousands. */
const TOLD_REJECTIONS = 5;

/** The exporter will take nothing, however often it is asked; the message says what to do. */
export class Refused extends Error {
  override name = 'Refused';
}

/** Brings records to the exporter; waits for it where it is not there. */
export class Sender {
  accepted = 0;
  duplicates = 0;
  rejected = 0;
  readonly #toldRejections = new Set<string>();
  #mostLines = MOST_LINES;
  #waitsFor = '';

  constructor(private readonly options: SenderOptions) {}

  /**
   * @returns how many have been dealt with: all of them, unless the demo is to stop
   * @throws Refused
   */
  async send(lines: readonly Line[]): Promise<number> {
    let sent = 0;
    while (sent < lines.length && !this.options.stop.aborted) {
      sent += await this.#deliver(lines.slice(sent, sent + this.#mostLines));
    }
    return sent;
  }

  /** @returns how many were dealt with: all or none, which are then to be cut anew or left */
  async #deliver(lines: readonly Line[]): Promise<number> {
    const { clock, random, stop } = this.options;
    for (let attempt = 0; !stop.aborted; attempt += 1) {
      const verdict = await this.#attempt(lines);
      if (stop.aborted && verdict.kind !== 'taken') return 0;
      switch (verdict.kind) {
        case 'taken':
          this.#took(verdict.receipt);
          return lines.length;
        case 'stop':
          throw new Refused(verdict.reason);
        case 'too-large':
          if (lines.length === 1) throw new Refused(`A record of the demo ${verdict.reason}`);
          this.#mostLines = Math.ceil(lines.length / 2);
          return 0;
        case 'again':
          this.#wait(verdict.reason, verdict.urgent);
          await clock.sleep(verdict.waitMs + Math.min(LONGEST_WAIT_MS, backOff(attempt, random)), stop);
      }
    }
    return 0;
  }

  async #attempt(lines: readonly Line[]): Promise<Verdict> {
    const { post, where, clock } = this.options;
    try {
      return verdictOf(
        await post(Buffer.from(lines.map((line) => line()).join('\n'))),
        lines.length,
        where,
        clock.now(),
      );
    } catch (error) {
      return troubleOf(error as NodeJS.ErrnoException, where);
    }
  }

  #took({ accepted, duplicates, rejected }: Extract<Verdict, { kind: 'taken' }>['receipt']): void {
    const { say, where } = this.options;
    if (this.#waitsFor !== '') say(`${where} takes calls.`);
    this.#waitsFor = '';
    this.accepted += accepted;
    this.duplicates += duplicates;
    this.rejected += rejected.length;
    for (const { field, message } of rejected) {
      if (this.#toldRejections.has(field) || this.#toldRejections.size >= TOLD_REJECTIONS) continue;
      this.#toldRejections.add(field);
      say(`Refused, and others perhaps too: ${field}: ${message}`);
    }
  }

  /** Once for each reason. */
  #wait(reason: string, isAbsent: boolean): void {
    const { say, where } = this.options;
    if (this.#waitsFor === reason) return;
    this.#waitsFor = reason;
    say(isAbsent ? `Waiting for ${where}: start it with npm start or npm run stack.` : `${reason} Trying again.`);
  }
}
