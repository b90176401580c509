import type { ArrivalClock } from './arrival-clock.js';
import { CommitLog } from './commit-log.js';
import type { BestEffortCursor, CursorOptions } from './cursors/best-effort-cursor.js';
import { type CursorObserver, Cursors } from './cursors/cursors.js';
import { DurableSequence } from './cursors/durable-sequence.js';
import type { DataDirectory } from './data-directory.js';
import { DuplicateWindow } from './duplicate-window.js';
import type { Files } from './files.js';
import type { FrameKind, MetaSource } from './frame.js';
import type { Group } from './group.js';
import { IdTable } from './id-table.js';
import type { RequiredProjection } from './projection.js';
import { type Recovery, recoverSegments } from './recovery.js';
import { SealedSegments } from './segments.js';
import { NewerSnapshotError, type Snapshot, Snapshots } from './snapshots.js';
import { WindowFiles } from './window-files.js';

const WINDOW_SECTION = 'duplicate-window';
/** A segment is kept until the older of them covers it. */
const KEPT_SNAPSHOTS = 2;

export interface SpoolOptions<Payload> {
  directory: DataDirectory;
  files: Files;
  clock: ArrivalClock;
  projection: RequiredProjection<Payload>;
  observer: SpoolObserver;
  segmentBytes: number;
  snapshotIntervalMs: number;
  snapshotBytes: number;
  freeDiskReserveBytes: number;
  duplicateWindowMs: number;
  duplicateWindowEntries: number;
  /** The best-effort cursors that there are; those of earlier runs that are not among them are given up. */
  cursors?: readonly CursorOptions[];
}

/** What happens in the spool, for logs and metrics. */
export interface SpoolObserver extends CursorObserver {
  recovered(report: RecoveryReport): void;
  /** A group became durable. */
  committed(records: number, bytes: number, seconds: number): void;
  commitFailed(error: Error, intact: boolean): void;
  snapshotSaved(sequence: number, seconds: number): void;
  snapshotFailed(error: Error): void;
  /** The disk reserve is reached, and nothing is taken any more; or, with null, is free again. */
  diskReserve(reached: DiskReserveError | null): void;
}

export interface RecoveryReport extends Recovery {
  seconds: number;
  /** The sequence of the snapshot that recovery began with; 0 without one. */
  snapshotSequence: number;
  /** Records that stood in the spool twice: written again after a failure that was none. */
  repeated: number;
  /** Snapshots and parts of the duplicate window that could not be used. */
  problems: string[];
  /** Counters begin again at zero, for these reasons; empty otherwise. */
  newEpoch: readonly string[];
}

/** The disk is nearly full: what is left is for snapshots. */
export class DiskReserveError extends Error {
  constructor(free: number, reserve: number) {
    super(
      `Only ${sizeText(free)} of disk are free; spool.free_disk_reserve keeps ${sizeText(reserve)}. Free some space.`,
    );
    this.name = 'DiskReserveError';
  }
}

function sizeText(bytes: number): string {
  return bytes < 1 << 20 ? `${bytes} bytes` : `${Math.floor(bytes / (1 << 20))} MiB`;
}

const DISK_CHECK_MS = 2000;
const SNAPSHOT_CHECK_MS = 1000;
/** Positions of cursors are saved no more often. */
const CURSOR_CHECK_MS = 1000;

/** The durable log of frames, with everything that makes it exact: recovery, snapshots, duplicate window. */
export class Spool<Payload> {
  readonly #options: SpoolOptions<Payload>;
  readonly #log: CommitLog<Payload>;
  readonly #snapshots: Snapshots;
  readonly #windowFiles: WindowFiles;
  readonly #window: DuplicateWindow;
  /** Sequence and oldest sealed generation of the kept snapshots, newest first. */
  #kept: { sequence: number; oldestGeneration: number }[];
  #freeBytes = Number.POSITIVE_INFINITY;
  #isLow = false;
  #checkingDisk: Promise<void> | null = null;
  readonly #durable: DurableSequence;
  #cursors!: Cursors;
  #bytesSinceSnapshot = 0;
  /** Frames behind the snapshot that recovery began with, and how many of them the last snapshot covers. */
  #frames: number;
  #coveredFrames = 0;
  #snapshotFailed = false;
  #snapshotAt = performance.now();
  #snapshotting: Promise<void> | null = null;
  #timers: NodeJS.Timeout[] = [];

  private constructor(
    options: SpoolOptions<Payload>,
    snapshots: Snapshots,
    windowFiles: WindowFiles,
    window: DuplicateWindow,
    recovery: Recovery,
    kept: Snapshot[],
    sealed: SealedSegments,
  ) {
    const { directory, files, observer, projection } = options;
    this.#options = options;
    this.#snapshots = snapshots;
    this.#windowFiles = windowFiles;
    this.#window = window;
    this.#frames = recovery.frames;
    this.#durable = new DurableSequence();
    this.#durable.publish(recovery.lastSequence);
    // Generations of snapshots from earlier runs are all kept until two snapshots of this run exist.
    this.#kept = kept.map(({ sequence }) => ({ sequence, oldestGeneration: 0 }));
    this.#log = new CommitLog({
      files,
      directory: directory.segments,
      sealed,
      segmentBytes: options.segmentBytes,
      durableSequence: recovery.lastSequence,
      nextSequence: recovery.nextSequence,
      onDurable: (group, seconds) => {
        const { payloads, arrivals, hashLows, hashHighs } = group;
        for (let i = 0; i < payloads.length; i += 1) {
          const arrival = arrivals[i]!;
          window.add(hashLows[i]!, hashHighs[i]!, arrival);
          const payload = payloads[i] as Payload | null;
          if (payload !== null) projection.apply(payload, arrival);
        }
        this.#durable.publish(group.lastSequence);
        this.#cursors.committed(group.lastSequence, arrivals[0]!);
        this.#bytesSinceSnapshot += group.length;
        this.#frames += payloads.length;
        observer.committed(payloads.length, group.length, seconds);
      },
      onFailure: (error, intact) => {
        observer.commitFailed(error, intact);
        // What the disk has lost is still in memory. A snapshot under way may have begun without it.
        if (!intact) void (this.#snapshotting ?? Promise.resolve()).then(() => this.snapshot());
      },
    });
  }

  /**
   * Recovers what is in the directory into the projection and opens the log.
   * @throws NewerSegmentError, NewerSnapshotError, system errors of the directory
   */
  static async open<Payload>(options: SpoolOptions<Payload>): Promise<Spool<Payload>> {
    const { directory, files, clock, projection } = options;
    const started = performance.now();
    const windowOptions = { windowMs: options.duplicateWindowMs, entries: options.duplicateWindowEntries };
    const store = new Snapshots(directory.snapshots, files);
    const windowFiles = new WindowFiles(directory.window, files);
    const { snapshots, problems: damaged, seen } = await store.load();
    const problems = damaged.map(({ file, reason }) => `${file}: ${reason}`);
    clock.raise(directory.readClock());

    let window = new DuplicateWindow(windowOptions);
    let from: Snapshot | null = null;
    /** Why what was saved cannot be continued, though nothing is lost. */
    let anew: string | null = null;
    for (const snapshot of snapshots) {
      clock.raise(snapshot.arrival);
      if (from !== null) continue;
      const section = snapshot.sections.get(projection.name);
      const windowSection = snapshot.sections.get(WINDOW_SECTION);
      try {
        if (section === undefined || windowSection === undefined) throw new Error('a section is missing');
        const loaded = await windowFiles.load(windowSection, windowOptions);
        anew = projection.restore(section);
        for (const number of loaded.missing)
          problems.push(`${directory.window}: generation ${number} is missing or damaged`);
        window = loaded.window;
        from = snapshot;
      } catch (error) {
        if (error instanceof NewerSnapshotError) throw error;
        problems.push(`${snapshot.file}: ${(error as Error).message}`);
      }
    }

    let repeated = 0;
    const doubtful = new IdTable(16);
    const unreadable: string[] = [];
    const recovery = await recoverSegments({
      files,
      directory: directory.segments,
      setAside: directory.setAside,
      after: from?.sequence ?? 0,
      seen,
      visit: (frame, bytes, doubt) => {
        const { hashLow, hashHigh, arrival } = frame;
        // Not whatever the window knows: an id may have left it and come back, and was counted twice then.
        if (doubtful.has(hashLow, hashHigh)) {
          repeated += 1;
          return;
        }
        if (doubt) doubtful.add(hashLow, hashHigh);
        if (!window.has(hashLow, hashHigh)) window.add(hashLow, hashHigh, arrival);
        try {
          projection.replay(frame.kind, bytes.toString('utf8', frame.metaStart, frame.metaEnd), arrival);
        } catch (error) {
          // One frame that this version cannot read must not keep all others from being served.
          unreadable.push(`frame ${frame.sequence} cannot be read: ${(error as Error).message}`);
        }
      },
    });
    recovery.lost.push(...unreadable);
    clock.raise(recovery.lastArrival);
    // After the last frame: those behind the snapshot were shown in the old epoch, and must not count in both.
    if (recovery.lost.length > 0 || anew !== null) projection.beginEpoch(clock.now());
    if (recovery.lost.length > 0) {
      // The ids of lost frames are lost with them.
      window.forget(clock.now());
    }

    const usable = snapshots.filter((snapshot) => from !== null && snapshot.sequence <= from.sequence);
    const kept = usable.slice(0, KEPT_SNAPSHOTS);
    const sealed = new SealedSegments(directory.segments, files, recovery.segments);
    const spool = new Spool(options, store, windowFiles, window, recovery, kept, sealed);
    await spool.#openCursors(sealed);
    await spool.#checkDisk();
    await spool.#log.open();
    options.observer.recovered({
      ...recovery,
      seconds: (performance.now() - started) / 1000,
      snapshotSequence: from?.sequence ?? 0,
      repeated,
      problems,
      newEpoch: anew === null ? recovery.lost : [anew, ...recovery.lost],
    });
    // A new epoch must not begin a second time, and a long recovery need not be done again.
    const hasChanged = recovery.lost.length > 0 || anew !== null || recovery.frames > 0;
    if (hasChanged || projection.needsSnapshot) await spool.snapshot();
    spool.#timers = [
      setInterval(() => void spool.#checkDisk(), DISK_CHECK_MS),
      setInterval(() => spool.#maybeSnapshot(), SNAPSHOT_CHECK_MS),
      setInterval(() => void spool.#cursors.maintain(), CURSOR_CHECK_MS),
    ];
    for (const timer of spool.#timers) timer.unref();
    return spool;
  }

  /** Whether the id of a durable record has this hash. */
  remembers(low: number, high: number): boolean {
    return this.#window.has(low, high);
  }

  /** The group in which an id with this hash waits to become durable, or null. */
  pending(low: number, high: number): Group<Payload> | null {
    return this.#log.pending(low, high);
  }

  /** Resolves when frames pile up less; null while they don't. To be awaited by whoever appends many. */
  get congestion(): Promise<void> | null {
    return this.#log.congestion;
  }

  /**
   * Appends a frame; the returned group's `durable` says when it counts.
   * @param payload what the projection is fed with then; null = it has no part in the frame
   */
  append(
    kind: FrameKind,
    arrival: number,
    hashLow: number,
    hashHigh: number,
    meta: string | MetaSource,
    content: Uint8Array | null,
    payload: Payload | null,
  ): Group<Payload> {
    return this.#log.append(kind, arrival, hashLow, hashHigh, meta, content, payload);
  }

  /**
   * A best-effort cursor: where it stands, what it has still to read, and the port for its reader.
   * @throws RangeError for one that the spool was opened without
   */
  cursor(name: string): BestEffortCursor {
    return this.#cursors.get(name);
  }

  /** Why nothing can be taken just now, or null. */
  get refusal(): Error | null {
    if (this.#freeBytes < this.#options.freeDiskReserveBytes) {
      return new DiskReserveError(this.#freeBytes, this.#options.freeDiskReserveBytes);
    }
    return this.#log.refusal;
  }

  /** What is wrong with the spool, or null: for readiness. */
  get trouble(): Error | null {
    return this.refusal ?? this.#log.failure;
  }

  get state(): SpoolState {
    return {
      bytes: this.#log.bytes,
      segments: this.#log.segments,
      durableSequence: this.#log.durableSequence,
      pendingBytes: this.#log.pendingBytes,
      cursorLags: { snapshot: this.#frames - this.#coveredFrames, ...this.#cursors.lags },
      freeBytes: this.#freeBytes,
      windowIds: this.#window.size,
      windowCoverageMs: this.#window.coverageMs(this.#options.clock.now()),
    };
  }

  /** Takes a snapshot, or joins the one under way; errors go to the observer. */
  async snapshot(): Promise<void> {
    this.#snapshotting ??= this.#takeSnapshot().finally(() => {
      this.#snapshotting = null;
    });
    await this.#snapshotting;
  }

  /** Waits for what was appended, saves where the cursors stand, takes a last snapshot and closes the log. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#log.close();
    await this.#cursors.save();
    await this.#snapshotting;
    await this.snapshot();
  }

  #maybeSnapshot(): void {
    if (this.#bytesSinceSnapshot === 0 && !this.#snapshotFailed) return;
    const due = performance.now() - this.#snapshotAt >= this.#options.snapshotIntervalMs;
    if (due || this.#bytesSinceSnapshot >= this.#options.snapshotBytes) void this.snapshot();
  }

  async #takeSnapshot(): Promise<void> {
    const { projection, clock, observer } = this.#options;
    const started = performance.now();
    this.#snapshotAt = started;
    this.#bytesSinceSnapshot = 0;
    try {
      // Frozen in one turn of the event loop: all three of one moment.
      const sequence = this.#log.durableSequence;
      const frames = this.#frames;
      const state = projection.freeze();
      const frozenWindow = this.#window.freeze();
      const window = await this.#windowFiles.save(frozenWindow);
      await this.#snapshots.save({ sequence, created: Date.now(), arrival: clock.now() }, [
        { name: projection.name, chunks: state },
        { name: WINDOW_SECTION, chunks: window.chunks },
      ]);
      this.#snapshotFailed = false;
      this.#coveredFrames = frames;
      this.#kept = [
        { sequence, oldestGeneration: window.oldest },
        ...this.#kept.filter((snapshot) => snapshot.sequence !== sequence),
      ].slice(0, KEPT_SNAPSHOTS);
      await this.#snapshots.keep(this.#kept.map((snapshot) => snapshot.sequence));
      const older = this.#kept[KEPT_SNAPSHOTS - 1];
      if (older !== undefined) {
        await this.#cursors.cover(older.sequence);
        await this.#windowFiles.release(older.oldestGeneration);
      }
      observer.snapshotSaved(sequence, (performance.now() - started) / 1000);
    } catch (error) {
      this.#snapshotFailed = true;
      observer.snapshotFailed(error as Error);
    }
  }

  async #openCursors(sealed: SealedSegments): Promise<void> {
    const { directory, files, clock, observer, cursors = [] } = this.#options;
    this.#cursors = await Cursors.open(
      {
        directory: directory.cursors,
        segments: directory.segments,
        files,
        sealed,
        openSegment: () => this.#log.openSegment,
        durable: this.#durable,
        now: () => clock.now(),
        covered: this.#kept[KEPT_SNAPSHOTS - 1]?.sequence ?? 0,
        observer,
      },
      cursors,
    );
  }

  async #checkDisk(): Promise<void> {
    this.#checkingDisk ??= this.#lookAtDisk().finally(() => {
      this.#checkingDisk = null;
    });
    await this.#checkingDisk;
  }

  async #lookAtDisk(): Promise<void> {
    const { freeDiskReserveBytes, observer } = this.#options;
    let free = await this.#measureFree();
    // Logs are skipped before records are refused: what is counted is worth more.
    if (free < freeDiskReserveBytes && (await this.#cursors.makeRoom(freeDiskReserveBytes - free)) > 0) {
      free = await this.#measureFree();
    }
    this.#freeBytes = free;
    const isLow = free < freeDiskReserveBytes;
    if (isLow !== this.#isLow) observer.diskReserve(isLow ? new DiskReserveError(free, freeDiskReserveBytes) : null);
    this.#isLow = isLow;
    if (!isLow) await this.#log.probe();
  }

  async #measureFree(): Promise<number> {
    try {
      return await this.#options.files.freeBytes(this.#options.directory.path);
    } catch {
      // Not every file system tells; writing will.
      return Number.POSITIVE_INFINITY;
    }
  }
}

export interface SpoolState {
  bytes: number;
  segments: number;
  durableSequence: number;
  /** Bytes of frames that are not durable yet. */
  pendingBytes: number;
  /** Durable frames that a reader of the log has not passed yet, by its name. */
  cursorLags: Readonly<Record<string, number>>;
  freeBytes: number;
  windowIds: number;
  windowCoverageMs: number;
}
