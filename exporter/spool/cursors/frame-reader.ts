import { type Files, nodeFiles } from '../files.js';
import { contentIntact, type Frame, type FrameKind } from '../frame.js';
import { CursorWords } from './cursor-words.js';
import { DurableSequence } from './durable-sequence.js';
import { BLOCK_BYTES } from './file-window.js';
import { type FrameBlock, FrameWalker } from './frame-walker.js';
import { type SequenceRange, SequenceRanges } from './sequence-ranges.js';

/** All that a reader in another thread needs: a message may carry it. */
export interface CursorPort {
  readonly name: string;
  /** The folder of segments. */
  readonly directory: string;
  /** Of a `DurableSequence`, and of `CursorWords`. */
  readonly durable: SharedArrayBuffer;
  readonly words: SharedArrayBuffer;
  /** Everything up to this sequence was done with. */
  readonly position: number;
  /** What was skipped behind it, and counted. */
  readonly skipped: readonly SequenceRange[];
  /** Frames that arrived longer ago are passed over and counted, ms. */
  readonly budgetAgeMs: number;
}

export interface SpoolFrame {
  sequence: number;
  /** ms since the epoch */
  arrival: number;
  kind: FrameKind;
  /** JSON */
  meta: string;
  /** null where the frame has none, or where it is damaged. A part of a larger buffer: who keeps it for long copies it. */
  content: Buffer | null;
  isContentDamaged: boolean;
}

export interface FrameBatch {
  /** In the order of sequences; none where there was nothing but gaps or frames too old. */
  frames: SpoolFrame[];
  /** To be given to `advance` once this batch and all before it are done with. */
  upTo: number;
}

export interface FrameReaderOptions {
  files?: Files;
  /** ms since the epoch, to tell how old a frame is. */
  now?: () => number;
  /** How much is read at once. */
  blockBytes?: number;
}

interface Unacknowledged {
  upTo: number;
  /** Arrivals of its first and last frame, ms; 0 without any. */
  firstArrival: number;
  lastArrival: number;
  agedRecords: number;
  agedBytes: number;
  missing: number;
}

/** A folder that does not show what should be in it is not searched again before so long. */
const STUCK_MS = 1000;

/**
 * Reads the durable frames behind a best-effort cursor, in any thread. One `read` at a time. Memory: the block
 * that it reads, 1 MiB or one frame, and what the batches hold that the caller keeps.
 */
export class FrameReader {
  readonly #durable: DurableSequence;
  readonly #words: CursorWords;
  readonly #walker: FrameWalker;
  readonly #skipped: SequenceRanges;
  #unacknowledged: Unacknowledged[] = [];
  #position: number;
  #stuckAt = Number.NEGATIVE_INFINITY;

  readonly #now: () => number;

  constructor(
    private readonly port: CursorPort,
    { files = nodeFiles, now = Date.now, blockBytes = BLOCK_BYTES }: FrameReaderOptions = {},
  ) {
    this.#now = now;
    this.#durable = new DurableSequence(port.durable);
    this.#words = CursorWords.of(port.words);
    this.#skipped = new SequenceRanges(port.skipped);
    const { directory, position } = port;
    this.#walker = new FrameWalker({ directory, files, front: position, skipped: this.#skipped, blockBytes });
    this.#position = position;
  }

  /**
   * The next frames. From here on they are the reader's: they are not skipped any more.
   * @returns null when all that is durable was read
   * @throws system errors; the next call tries again
   */
  async read(): Promise<FrameBatch | null> {
    for (;;) {
      const skippedTo = this.#words.heed();
      if (skippedTo !== null) this.#walker.jump(skippedTo);
      const from = this.#walker.front;
      const durable = this.#durable.value;
      if (from >= durable || performance.now() - this.#stuckAt < STUCK_MS) return null;
      const block = await this.#walker.next(durable);
      if (block === null) {
        this.#stuckAt = performance.now();
        return null;
      }
      const claimedFrom = this.#claim(from, block.upTo);
      if (claimedFrom < block.upTo) return this.#batch(block, claimedFrom);
    }
  }

  /** Waits until there may be more to read, at most so long. */
  async wait(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const durable = this.#durable.value;
    if (this.#walker.front < durable && performance.now() - this.#stuckAt >= STUCK_MS) return;
    await this.#durable.changed(durable, timeoutMs, signal);
  }

  /**
   * Everything up to this sequence is done with: a reader that begins again begins behind it.
   * @throws RangeError for a sequence that no batch has reached
   */
  advance(sequence: number): void {
    if (sequence > this.#walker.front) {
      throw new RangeError(`Cursor ${this.port.name} has read up to ${this.#walker.front}, not to ${sequence}`);
    }
    if (sequence <= this.#position) return;
    const words = this.#words;
    while (this.#unacknowledged.length > 0 && this.#unacknowledged[0]!.upTo <= sequence) {
      const done = this.#unacknowledged.shift()!;
      words.add('agedRecords', done.agedRecords);
      words.add('agedBytes', done.agedBytes);
      words.add('missing', done.missing);
      if (done.lastArrival > 0) words.set('acknowledgedArrival', done.lastArrival);
    }
    this.#position = sequence;
    this.#notePending();
    // Last: who sees the position sees what was counted up to it.
    words.set('position', sequence);
  }

  async close(): Promise<void> {
    await this.#walker.close();
  }

  /** @returns behind which sequence the frames are the reader's; what is before was skipped meanwhile */
  #claim(from: number, upTo: number): number {
    let front = from;
    while (front < upTo && !this.#words.claim(front, upTo)) {
      const skippedTo = this.#words.heed();
      if (skippedTo === null) throw new Error(`Cursor ${this.port.name} is read by two readers`);
      front = skippedTo;
    }
    this.#walker.jump(front);
    return front;
  }

  #batch({ bytes, frames, upTo, lost }: FrameBlock, front: number): FrameBatch {
    const tooOld = this.#now() - this.port.budgetAgeMs;
    const batch: FrameBatch = { frames: [], upTo };
    const pending: Unacknowledged = {
      ...{ upTo, firstArrival: 0, lastArrival: 0, agedRecords: 0, agedBytes: 0 },
      missing: lost.reduce((sum, [after, end]) => sum + this.#skipped.outside(Math.max(after, front), end), 0),
    };
    for (const frame of frames) {
      if (frame.sequence <= front) continue;
      if (frame.arrival < tooOld) {
        pending.agedRecords += 1;
        pending.agedBytes += frame.end - frame.start;
        continue;
      }
      batch.frames.push(spoolFrame(bytes, frame));
      if (pending.firstArrival === 0) pending.firstArrival = frame.arrival;
      pending.lastArrival = frame.arrival;
    }
    this.#unacknowledged.push(pending);
    this.#notePending();
    return batch;
  }

  #notePending(): void {
    this.#words.set('pendingArrival', this.#unacknowledged.find((each) => each.firstArrival > 0)?.firstArrival ?? 0);
  }
}

function spoolFrame(bytes: Buffer, frame: Frame): SpoolFrame {
  const { sequence, arrival, kind, metaStart, metaEnd, end } = frame;
  const isContentDamaged = !contentIntact(bytes, frame);
  const content = isContentDamaged || metaEnd === end ? null : bytes.subarray(metaEnd, end);
  return { sequence, arrival, kind, meta: bytes.toString('utf8', metaStart, metaEnd), content, isContentDamaged };
}
