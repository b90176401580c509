import { backOff } from './back-off.js';
import type { Batch, BatchLimits } from './batch.js';
import type { Clock } from './clock.js';
import { troubleOf } from './connection-trouble.js';
import type { Answer } from './exporter-client.js';
import type { Stop } from './stop.js';
import type { Tally } from './tally.js';
import { type Verdict, verdictOf } from './verdict.js';

export interface DeliveryOptions {
  post: (body: Buffer) => Promise<Answer>;
  /** The exporter as it is shown to the user. */
  where: string;
  clock: Clock;
  random: () => number;
  giveUpAfterMs: number;
  limits: BatchLimits;
  tally: Tally;
  stop: Stop;
  /** A batch waits to be sent again, for no longer than `remainingMs`. */
  onTrouble: (reason: string, remainingMs: number) => void;
}

/** One batch's attempts. */
interface Attempts {
  failed: number;
  /** When the first of them failed, ms since the epoch. */
  since: number;
}

/** Brings batches to the exporter, however often that takes. */
export class Delivery {
  constructor(private readonly options: DeliveryOptions) {}

  /** Returns when every record of the batch is counted in the tally, as unconfirmed if the replay stops. */
  async deliver(batch: Batch): Promise<void> {
    const { tally, stop } = this.options;
    const attempts: Attempts = { failed: 0, since: 0 };
    while (!stop.requested) {
      const verdict = await this.#attempt(batch, attempts.failed === 0);
      if (verdict.kind === 'taken') {
        tally.took(batch, verdict.receipt, attempts.failed > 0);
        return;
      }
      if (verdict.kind === 'too-large') {
        await this.#deliverParts(batch, verdict);
        return;
      }
      if (verdict.kind === 'stop') stop.request({ kind: 'exporter', message: verdict.reason });
      else await this.#wait(attempts, verdict);
    }
    tally.leave(batch);
  }

  async #attempt(batch: Batch, first: boolean): Promise<Verdict> {
    const { post, where, clock, tally } = this.options;
    if (!first) tally.retries += 1;
    try {
      return verdictOf(await post(batch.body), batch.records.length, where, clock.now());
    } catch (error) {
      return troubleOf(error as NodeJS.ErrnoException, where);
    }
  }

  async #deliverParts(batch: Batch, verdict: Verdict & { kind: 'too-large' }): Promise<void> {
    const { limits, tally } = this.options;
    limits.records = Math.min(limits.records, verdict.limits.records ?? limits.records);
    limits.bytes = Math.min(limits.bytes, verdict.limits.bytes ?? limits.bytes);
    if (batch.records.length === 1) {
      tally.reject({ line: batch.records[0]!.line, field: '', message: `is too large: ${verdict.reason}` });
      return;
    }
    for (const part of batch.split()) await this.deliver(part);
  }

  async #wait(attempts: Attempts, { reason, waitMs, urgent }: Verdict & { kind: 'again' }): Promise<void> {
    const { clock, random, giveUpAfterMs, stop, onTrouble } = this.options;
    const now = clock.now();
    if (attempts.failed === 0) attempts.since = now;
    const remaining = attempts.since + giveUpAfterMs - now;
    // Sooner than it was asked to is no way to treat an exporter in trouble.
    if (remaining <= 0 || waitMs > remaining) {
      const asked = remaining > 0 ? ` It asks to wait ${Math.ceil(waitMs / 1000)} s.` : '';
      stop.request({ kind: 'exporter', message: `${reason}${asked} Given up; --give-up-after says how long to try.` });
      return;
    }
    const wait = Math.min(remaining, waitMs + backOff(attempts.failed, random));
    // What failed once is not worth a word.
    if (urgent || attempts.failed > 0) onTrouble(reason, remaining);
    attempts.failed += 1;
    await clock.sleep(wait, stop.signal);
  }
}
