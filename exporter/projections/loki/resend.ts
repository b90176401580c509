import type { DeadLetter, DeadLetters } from './dead-letters.js';
import type { LogEntry } from './entry.js';
import type { DeadLetterSink } from './push/dead-letter-sink.js';
import type { PushOutcome } from './push/delivery.js';

/** What came of sending dead letters again. */
export interface Resent {
  arrived: number;
  /** Still refused, and still there. */
  refused: { letter: DeadLetter; reason: string }[];
  /** Not tried, or not answered for: Loki takes no new streams, or it was ended. They are still there. */
  left: number;
}

export interface ResendOptions {
  letters: DeadLetters;
  /** A push that gives what is refused to the sink. */
  push: (
    tenant: string,
    entries: readonly LogEntry[],
    sink: DeadLetterSink,
    signal: AbortSignal,
  ) => Promise<PushOutcome>;
  /** Which to send; all, if nothing is said. */
  choose?: (letter: DeadLetter) => boolean;
  signal: AbortSignal;
}

/** What is in memory at a time. */
const BATCH = { letters: 500, bytes: 8 * 1024 * 1024 };

/**
 * Sends dead letters again, each with a time that stays the same however often that is done, and takes out those that arrive. What is
 * refused again stays, as one letter.
 */
export async function resend(options: ResendOptions): Promise<Resent> {
  const { letters, choose = () => true, signal } = options;
  const resent: Resent = { arrived: 0, refused: [], left: 0 };
  let batch: DeadLetter[] = [];
  let bytes = 0;
  for await (const letter of letters.list()) {
    if (!choose(letter)) continue;
    const full = batch.length >= BATCH.letters || bytes + letter.entry.line.length > BATCH.bytes;
    if (batch.length > 0 && (full || letter.tenant !== batch[0]!.tenant)) {
      await sendBatch(batch, options, resent);
      batch = [];
      bytes = 0;
    }
    batch.push(letter);
    bytes += letter.entry.line.length;
    if (signal.aborted) break;
  }
  if (batch.length > 0) await sendBatch(batch, options, resent);
  return resent;
}

async function sendBatch(batch: readonly DeadLetter[], options: ResendOptions, resent: Resent): Promise<void> {
  const { letters, push, signal } = options;
  const stamped = await letters.stamp(batch);
  const letterOf = new Map(stamped.map((entry, index) => [entry, batch[index]!]));
  const sink: DeadLetterSink = {
    async add(entry, _tenant, reason) {
      resent.refused.push({ letter: letterOf.get(entry)!, reason });
      letterOf.delete(entry);
    },
  };
  const { remaining } = await push(batch[0]!.tenant, stamped, sink, signal);
  for (const entry of remaining) letterOf.delete(entry);
  resent.left += remaining.length;
  await letters.remove([...letterOf.values()]);
  resent.arrived += letterOf.size;
}
