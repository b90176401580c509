import { BatchBuilder, type BatchLimits } from './batch.js';
import type { Clock } from './clock.js';
import type { Delivery } from './delivery.js';
import { type Input, InputError } from './input.js';
import type { Lanes } from './lanes.js';
import { type Line, linesOf } from './lines.js';
import { type Outgoing, outgoingRecord } from './outgoing-record.js';
import { withPauses } from './quiet.js';
import type { Stop } from './stop.js';
import type { Tally } from './tally.js';

export interface ReplayOptions {
  input: Input;
  outgoing: Outgoing;
  limits: BatchLimits;
  delivery: Delivery;
  lanes: Lanes;
  clock: Clock;
  tally: Tally;
  stop: Stop;
  /** What is gathered is sent when the input is silent for so long. */
  pauseMs: number;
  /** The next record is due at this moment; null = no longer waiting. */
  onPace: (due: number | null) => void;
}

/** A line that no exporter can be configured to take: the most that `limits.record_bytes` allows. */
export const LONGEST_LINE_BYTES = 512 * 1024 * 1024;
/** Records that come due within this go together: no more than 50 requests a second for the pace alone. */
const TICK_MS = 20;

/**
 * Sends every record of the input, in about its order: batches overtake each other only as far as there are lanes.
 * Returns when each is counted in the tally; when it was told to stop, after the requests in flight.
 */
export async function replayRecords(options: ReplayOptions): Promise<void> {
  const { input, tally, lanes, stop } = options;
  const builder = new BatchBuilder(options.limits);
  const endInput = (): void => input.close();
  stop.signal.addEventListener('abort', endInput);
  let lastLine = 0;
  try {
    const chunks = withPauses(input.chunks(), options.pauseMs);
    for await (const lines of linesOf(chunks, LONGEST_LINE_BYTES)) {
      if (lines === null) await flush(builder, options);
      for (const line of lines ?? []) {
        if (stop.requested) break;
        lastLine = line.number;
        await take(line, builder, options);
      }
      if (stop.requested) break;
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const read = lastLine === 0 ? 'No line was read.' : `What came before, up to line ${lastLine}, was read.`;
    // Not a stop: what was read is good, and is brought to its end.
    await flush(builder, options);
    await lanes.finish();
    stop.request({ kind: 'input', message: `${error.message} ${read}` });
  } finally {
    stop.signal.removeEventListener('abort', endInput);
    input.close();
  }
  if (!stop.requested) await flush(builder, options);
  const unsent = builder.take();
  if (unsent !== null) tally.leave(unsent);
  await lanes.finish();
}

async function take({ number, bytes }: Line, builder: BatchBuilder, options: ReplayOptions): Promise<void> {
  const { tally, clock, stop, lanes, delivery } = options;
  tally.read += 1;
  if (bytes === null) {
    const message = `is longer than any exporter takes (${LONGEST_LINE_BYTES} bytes)`;
    tally.reject({ line: number, field: '', message });
    return;
  }
  const record = outgoingRecord({ number, bytes }, options.outgoing);
  if (record.due !== null && record.due > clock.now()) {
    await flush(builder, options);
    options.onPace(record.due);
    await clock.sleep(Math.max(TICK_MS, record.due - clock.now()), stop.signal);
    options.onPace(null);
  }
  const full = builder.add(record);
  if (full !== null) await lanes.start(full.bytes, () => delivery.deliver(full));
}

async function flush(builder: BatchBuilder, { lanes, delivery }: ReplayOptions): Promise<void> {
  const batch = builder.take();
  if (batch !== null) await lanes.start(batch.bytes, () => delivery.deliver(batch));
}
