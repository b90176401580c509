import type { SegmentFile } from '../segments.js';
import { type CursorState, nothingSkipped, type SkipCount, type SkipReason } from './cursor-file.js';
import { CursorWords } from './cursor-words.js';
import type { DurableSequence } from './durable-sequence.js';
import type { CursorPort } from './frame-reader.js';
import { SequenceRanges } from './sequence-ranges.js';

export interface CursorOptions {
  /** Lower-case letters, digits and hyphens: it names a file, and a label. */
  name: string;
  /** Of the segments that it has still to read. */
  budgetBytes: number;
  /** Of the oldest frame that it has still to read, ms. */
  budgetAgeMs: number;
}

/** What a cursor has not passed yet. */
export interface CursorLag {
  frames: number;
  /** Estimated where a segment was passed in part. */
  bytes: number;
  /** Since the oldest of the frames arrived, at most, ms. */
  ageMs: number;
}

/** What a cursor sees of the log that it stands in. */
export interface LogView {
  /** The folder of segments. */
  readonly directory: string;
  readonly durable: DurableSequence;
  /** All of them, oldest first, with the one that is written to. */
  readonly segments: () => readonly SegmentFile[];
  /** ms since the epoch, as frames arrive. */
  readonly now: () => number;
}

/** A place in the log up to which a reader is done, and what was skipped behind it. */
export class BestEffortCursor {
  readonly name: string;
  readonly budgetBytes: number;
  readonly budgetAgeMs: number;
  readonly #ranges: SequenceRanges;
  readonly #skipped: Record<SkipReason, SkipCount>;
  #words: CursorWords;
  /** Everything up to here was passed, though the reader may stand before it, where the rest was skipped. */
  #passed: number;
  #missing: number;
  /** What readers have counted and nobody was told of yet. */
  #counted = { aged: { segments: 0, records: 0, bytes: 0 }, missing: 0 };
  /** Arrival of the first frame that became durable after all had been passed; 0 = unknown, ms. */
  #behindSince = 0;
  /** As it is on disk: what a start after a crash begins with. */
  #saved: { text: string; position: number; ranges: SequenceRanges };

  constructor(
    options: CursorOptions,
    state: CursorState,
    private readonly log: LogView,
  ) {
    this.name = options.name;
    this.budgetBytes = options.budgetBytes;
    this.budgetAgeMs = options.budgetAgeMs;
    this.#words = CursorWords.beginAt(state.position);
    this.#passed = state.position;
    this.#ranges = new SequenceRanges(state.ranges);
    this.#skipped = { ...nothingSkipped(), ...state.skipped };
    this.#missing = state.missing;
    // Nothing of a state that was made up counts as saved.
    this.#saved = { text: '', position: 0, ranges: new SequenceRanges() };
  }

  /** Everything up to this sequence was done with, or skipped. */
  get position(): number {
    return this.#ranges.behind(Math.max(this.#passed, this.#words.get('position')));
  }

  /**
   * Says that everything up to a sequence is done with, for a reader in this thread that has no `FrameReader`.
   * @throws RangeError for a sequence that is not durable
   */
  advance(sequence: number): void {
    const durable = this.log.durable.value;
    if (sequence > durable) {
      throw new RangeError(`Cursor ${this.name} cannot pass frame ${sequence}: durable up to ${durable}`);
    }
    const words = this.#words;
    if (sequence > words.front) {
      words.heed();
      words.claim(words.front, sequence);
    }
    if (sequence > words.get('position')) words.set('position', sequence);
  }

  /** What was ever skipped, and by which reason; kept over restarts. */
  get skipped(): Readonly<Record<SkipReason, Readonly<SkipCount>>> {
    return this.#skipped;
  }

  /** Frames ever that were damaged or gone before they were read. */
  get missing(): number {
    return this.#missing;
  }

  /**
   * For a `FrameReader`, in any thread, that begins where the cursor stands. The reader before it has no
   * say any more: what it has read and not acknowledged is read again.
   */
  attach(): CursorPort {
    const { position } = this;
    this.#takeOver();
    const arrival = this.#words.get('acknowledgedArrival');
    this.#words = CursorWords.beginAt(position);
    this.#words.set('acknowledgedArrival', arrival);
    const { name, budgetAgeMs } = this;
    const { directory, durable } = this.log;
    const skipped = this.#ranges.list;
    return { name, directory, durable: durable.buffer, words: this.#words.buffer, position, skipped, budgetAgeMs };
  }

  /** Frames that no reader has and that were not skipped begin behind this sequence. */
  get front(): number {
    return this.#ranges.behind(this.#words.front);
  }

  /**
   * Takes the frames up to a sequence away from the reader.
   * @returns the sequence behind which they begin, and what was skipped before; null without any
   */
  skip(upTo: number): { after: number; before: SequenceRanges } | null {
    const after = this.#words.skip(upTo);
    if (after === null) return null;
    const before = new SequenceRanges(this.#ranges.list);
    this.#ranges.add(after, upTo);
    return { after, before };
  }

  count(reason: SkipReason, { segments, records, bytes }: SkipCount): void {
    const total = this.#skipped[reason];
    total.segments += segments;
    total.records += records;
    total.bytes += bytes;
  }

  /** Adds up what readers have counted since the last time. */
  collect(): { aged: SkipCount; missing: number } {
    this.#takeOver();
    const counted = this.#counted;
    this.#counted = { aged: { segments: 0, records: 0, bytes: 0 }, missing: 0 };
    this.count('age', counted.aged);
    this.#missing += counted.missing;
    return counted;
  }

  #takeOver(): void {
    const words = this.#words;
    const take = (word: 'agedRecords' | 'agedBytes' | 'missing'): number => {
      const value = words.get(word);
      words.add(word, -value);
      return value;
    };
    this.#counted.aged.records += take('agedRecords');
    this.#counted.aged.bytes += take('agedBytes');
    this.#counted.missing += take('missing');
  }

  /** To be called when frames become durable. @param before the last one that was durable before */
  committed(before: number, arrival: number): void {
    if (this.position >= before) this.#behindSince = arrival;
  }

  /** What has still to be read. */
  get lag(): CursorLag {
    const { position } = this;
    const durable = this.log.durable.value;
    const frames = this.#ranges.outside(position, durable);
    if (frames === 0) return { frames: 0, bytes: 0, ageMs: 0 };
    let bytes = 0;
    let begun = 0;
    for (const segment of this.log.segments()) {
      const { firstSequence, lastSequence } = segment;
      const left = this.#ranges.outside(Math.max(position, firstSequence - 1), Math.min(lastSequence, durable));
      if (left <= 0) continue;
      bytes += Math.round((segment.bytes * left) / (lastSequence - firstSequence + 1));
      if (begun === 0) begun = segment.created;
    }
    // Each of these is no later than the arrival of the oldest frame: the latest is nearest to it.
    const words = this.#words;
    const known = Math.max(words.get('pendingArrival'), words.get('acknowledgedArrival'), this.#behindSince);
    const arrival = known > 0 ? known : begun;
    return { frames, bytes, ageMs: Math.max(0, this.log.now() - arrival) };
  }

  /** Whether frames of a segment would still be read by a start after a crash. */
  holds({ firstSequence, lastSequence }: SegmentFile): boolean {
    const { position, ranges } = this.#saved;
    return ranges.outside(Math.max(position, firstSequence - 1), lastSequence) > 0;
  }

  /** What would be saved now, with a position of this moment or before. */
  state(position: number): CursorState {
    this.#passed = position;
    this.#ranges.prune(position);
    const ranges = [...this.#ranges.list];
    return { position, ranges, skipped: structuredClone(this.#skipped), missing: this.#missing };
  }

  isSaved(state: CursorState): boolean {
    return JSON.stringify(state) === this.#saved.text;
  }

  /** Takes a state for what a start would begin with. @param isOnDisk false where it has still to be saved */
  saved(state: CursorState, isOnDisk: boolean): void {
    const { position, ranges } = state;
    this.#saved = { text: isOnDisk ? JSON.stringify(state) : '', position, ranges: new SequenceRanges(ranges) };
  }
}
