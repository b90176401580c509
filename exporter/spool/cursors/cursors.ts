import type { Files } from '../files.js';
import type { SealedSegments, SegmentFile } from '../segments.js';
import { BestEffortCursor, type CursorOptions, type LogView } from './best-effort-cursor.js';
import {
  CursorFiles,
  type CursorState,
  isCursorName,
  nothingSkipped,
  type SkipCount,
  type SkipReason,
} from './cursor-file.js';
import type { DurableSequence } from './durable-sequence.js';
import { countSkipped } from './skip-count.js';

/** What happens to best-effort cursors, for logs and metrics. */
export interface CursorObserver {
  /** Frames were skipped: they will never be read. */
  skipped(cursor: string, what: SkippedFrames): void;
  /** So many frames that the cursor should have read are damaged or gone. */
  framesMissing(cursor: string, frames: number): void;
  /** The saved position is of no use, for this reason; the cursor begins behind `position`. */
  cursorReset(cursor: string, position: number, reason: string): void;
  /** A cursor that nobody reads by any more was given up: it holds no segments. */
  cursorRemoved(cursor: string): void;
  /** A position could not be saved or segments not be let go; it is tried again. */
  cursorFailed(error: Error): void;
}

export interface SkippedFrames extends SkipCount {
  reason: SkipReason;
}

export interface CursorsOptions {
  /** The folder of cursors, and the one of segments. */
  directory: string;
  segments: string;
  files: Files;
  sealed: SealedSegments;
  /** The segment that is written to, or null. */
  openSegment: () => SegmentFile | null;
  durable: DurableSequence;
  /** ms since the epoch, as frames arrive. */
  now: () => number;
  /** Snapshots need no segment that holds nothing above this sequence. */
  covered: number;
  observer: CursorObserver;
}

/**
 * The best-effort cursors of a spool: none of them ever keeps a record from being taken. Segments stay until the
 * snapshots cover them and every cursor has passed them; a cursor that outgrows its budget is moved on.
 */
export class Cursors {
  readonly #cursors = new Map<string, BestEffortCursor>();
  readonly #files: CursorFiles;
  readonly #log: LogView;
  #covered: number;
  #working: Promise<unknown> = Promise.resolve();
  #lastDurable: number;

  private constructor(private readonly options: CursorsOptions) {
    this.#files = new CursorFiles(options.directory, options.files);
    const { segments: directory, sealed, openSegment, durable, now } = options;
    const segments = (): SegmentFile[] => [...sealed.list, openSegment()].filter((segment) => segment !== null);
    this.#log = { directory, durable, segments, now };
    this.#covered = options.covered;
    this.#lastDurable = durable.value;
  }

  /**
   * Takes up the cursors where they were saved, and gives up those that are not wanted any more.
   * @throws RangeError for a name that cannot be a file's; system errors
   */
  static async open(options: CursorsOptions, wanted: readonly CursorOptions[]): Promise<Cursors> {
    const cursors = new Cursors(options);
    for (const cursor of wanted) await cursors.#open(cursor);
    for (const name of await cursors.#files.names()) {
      if (cursors.#cursors.has(name)) continue;
      await cursors.#files.remove(name);
      options.observer.cursorRemoved(name);
    }
    return cursors;
  }

  /** @throws RangeError for one that was not asked for when the spool was opened */
  get(name: string): BestEffortCursor {
    const cursor = this.#cursors.get(name);
    if (cursor === undefined) throw new RangeError(`The spool was opened without a cursor ${name}`);
    return cursor;
  }

  /** Frames that each cursor has still to read. */
  get lags(): Record<string, number> {
    return Object.fromEntries([...this.#cursors.values()].map(({ name, lag }) => [name, lag.frames]));
  }

  /** To be called when a group of frames has become durable. */
  committed(lastSequence: number, firstArrival: number): void {
    for (const cursor of this.#cursors.values()) cursor.committed(this.#lastDurable, firstArrival);
    this.#lastDurable = lastSequence;
  }

  /** Snapshots need no segment any more that holds nothing above this sequence. @throws system errors */
  async cover(sequence: number): Promise<void> {
    this.#covered = sequence;
    await this.#alone(() => this.#saveAndRelease());
  }

  /** Moves on who is over budget, saves positions, lets segments go; errors go to the observer. */
  async maintain(): Promise<void> {
    if (this.#cursors.size === 0) return;
    await this.#alone(async () => {
      for (const cursor of this.#cursors.values()) await this.#keepToBudget(cursor);
      await this.#saveAndRelease();
    }).catch((error: Error) => this.options.observer.cursorFailed(error));
  }

  /** Saves positions, and lets segments go; errors go to the observer. */
  async save(): Promise<void> {
    if (this.#cursors.size === 0) return;
    await this.#alone(() => this.#saveAndRelease()).catch((error: Error) => this.options.observer.cursorFailed(error));
  }

  /**
   * Makes room on a disk that is nearly full: the oldest segments that cursors alone hold are skipped.
   * @returns how many bytes were freed; errors go to the observer
   */
  async makeRoom(bytes: number): Promise<number> {
    if (this.#cursors.size === 0) return 0;
    return this.#alone(async () => {
      let room = 0;
      let upTo = 0;
      for (const segment of this.options.sealed.list) {
        if (room >= bytes || segment.lastSequence > this.#covered) break;
        if (this.#canGo(segment)) room += segment.bytes;
        upTo = segment.lastSequence;
      }
      for (const cursor of this.#cursors.values()) await this.#skip(cursor, upTo, 'disk');
      return this.#saveAndRelease();
    }).catch((error: Error) => {
      this.options.observer.cursorFailed(error);
      return 0;
    });
  }

  async #open(wanted: CursorOptions): Promise<void> {
    const { name } = wanted;
    if (!isCursorName(name)) throw new RangeError(`${name} cannot be the name of a cursor`);
    const { durable, observer, sealed } = this.options;
    const oldest = Math.min((sealed.list[0]?.firstSequence ?? Number.POSITIVE_INFINITY) - 1, durable.value);
    const loaded = await this.#files.load(name);
    let state: CursorState = { position: oldest, ranges: [], skipped: nothingSkipped(), missing: 0 };
    if (typeof loaded === 'string') observer.cursorReset(name, oldest, `${this.#files.file(name)}: ${loaded}`);
    else if (loaded !== null) {
      state = loaded;
      if (loaded.position > durable.value) {
        // Sequences go on above what was durable, so nothing that is still to come was read.
        state = { ...loaded, position: durable.value, ranges: [] };
        const reason = `it was behind frame ${loaded.position}, and the log ends at frame ${durable.value}`;
        observer.cursorReset(name, durable.value, reason);
      }
    }
    const cursor = new BestEffortCursor(wanted, state, this.#log);
    if (state === loaded) cursor.saved(cursor.state(state.position), true);
    this.#cursors.set(name, cursor);
  }

  async #keepToBudget(cursor: BestEffortCursor): Promise<void> {
    const { sealed, openSegment, now } = this.options;
    const { front } = cursor;
    // Without those that hold no frame: they say nothing of arrivals.
    const unread = sealed.list.filter(
      ({ firstSequence, lastSequence }) => lastSequence > front && lastSequence >= firstSequence,
    );
    const tooOld = now() - cursor.budgetAgeMs;
    const young = unread.findIndex((segment) => segment.lastArrival >= tooOld);
    const aged = young === -1 ? unread.length : young;
    if (aged > 0) await this.#skip(cursor, unread[aged - 1]!.lastSequence, 'age');

    let bytes = openSegment()?.bytes ?? 0;
    let kept = unread.length;
    while (kept > aged && bytes + unread[kept - 1]!.bytes <= cursor.budgetBytes) {
      kept -= 1;
      bytes += unread[kept]!.bytes;
    }
    if (kept > aged) await this.#skip(cursor, unread[kept - 1]!.lastSequence, 'bytes');
  }

  async #skip(cursor: BestEffortCursor, lastSequence: number, reason: SkipReason): Promise<void> {
    // Where a segment was not read by recovery, its last sequence is only bounded.
    const upTo = Math.min(lastSequence, this.options.durable.value);
    const skip = cursor.skip(upTo);
    if (skip === null) return;
    const count = await countSkipped({ ...this.options, ...skip, upTo });
    if (count.records === 0 && count.bytes === 0) return;
    cursor.count(reason, count);
    this.options.observer.skipped(cursor.name, { ...count, reason });
  }

  async #saveAndRelease(): Promise<number> {
    for (const cursor of this.#cursors.values()) await this.#save(cursor);
    return this.options.sealed.release(this.#covered, (segment) => {
      for (const cursor of this.#cursors.values()) if (cursor.holds(segment)) return true;
      return false;
    });
  }

  async #save(cursor: BestEffortCursor): Promise<void> {
    const { observer } = this.options;
    // The position first: what the reader had counted up to it is collected then.
    const { position } = cursor;
    const { aged, missing } = cursor.collect();
    const state = cursor.state(position);
    if (aged.records > 0 || aged.bytes > 0) observer.skipped(cursor.name, { ...aged, reason: 'age' });
    if (missing > 0) observer.framesMissing(cursor.name, missing);
    if (cursor.isSaved(state)) return;
    try {
      await this.#files.save(cursor.name, state);
      cursor.saved(state, true);
    } catch (error) {
      observer.cursorFailed(error as Error);
      // The room for it is what letting go of segments gives back; without it a start after a crash says "missing".
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') cursor.saved(state, false);
    }
  }

  /** Whether a segment is let go once the cursors skip it: a reader may have frames of it, and has a say in these. */
  #canGo({ firstSequence, lastSequence }: SegmentFile): boolean {
    const cursors = [...this.#cursors.values()];
    return cursors.every(({ front, position }) => front < firstSequence || position >= lastSequence);
  }

  /** One after the other: what is counted must not be let go meanwhile. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => {});
    return done;
  }
}
