import type { Files } from './files.js';
import { FRAME_KINDS, type FrameHeader, type FrameKind, type MetaSource } from './frame.js';
import { Group } from './group.js';
import {
  encodeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  SEGMENT_VERSION,
  type SegmentScan,
  scanSegment,
  segmentName,
} from './segment.js';
import type { SealedSegments, SegmentFile } from './segments.js';

/** A group is closed at so many frames or bytes, so that what follows a commit stays short. */
const GROUP_FRAMES = 2048;
const GROUP_BYTES = 8 * 1024 * 1024;
/** So many closed groups that wait are more than a healthy disk leaves behind: some 8,000 frames. */
const LONG_QUEUE = 4;
/** After a failure the disk is not asked again for so long; the door says 503 meanwhile. */
const RETRY_AFTER_MS = 1000;

export interface CommitLogOptions<Payload> {
  files: Files;
  directory: string;
  sealed: SealedSegments;
  segmentBytes: number;
  /** The last sequence that is durable, and the one that the next frame gets. */
  durableSequence: number;
  nextSequence: number;
  /** Called in the order of sequences, before anybody who waits for the group hears of it. */
  onDurable: (group: Group<Payload>, seconds: number) => void;
  /** A segment was given up after a failed write or sync; `intact` is false where durable frames are missing in it. */
  onFailure: (error: Error, intact: boolean) => void;
}

interface OpenSegment extends SegmentFile {
  fd: number;
}

/** Writing a group failed; none of its frames count, and all may be sent again. */
export class CommitError extends Error {
  constructor(cause: Error) {
    super(`The spool could not write: ${cause.message}`, { cause });
    this.name = 'CommitError';
  }
}

/**
 * Appends frames to segments. Whoever appends while a commit is under way joins the next one: concurrent
 * requests share one `fdatasync`.
 */
export class CommitLog<Payload> {
  readonly #options: CommitLogOptions<Payload>;
  #filling: Group<Payload>;
  /** Closed groups that wait, and the one that is being written. */
  #waiting: Group<Payload>[] = [];
  #writing: Group<Payload> | null = null;
  #spare: Buffer<ArrayBuffer> | null = null;
  #segment: OpenSegment | null = null;
  readonly #header: FrameHeader = { kind: FRAME_KINDS.call, sequence: 0, arrival: 0, hashLow: 0, hashHigh: 0 };
  #scheduled = false;
  #running: Promise<void> = Promise.resolve();
  #nextSequence: number;
  #durableSequence: number;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failure: Error | null = null;

  constructor(options: CommitLogOptions<Payload>) {
    this.#options = options;
    this.#filling = new Group(null);
    this.#nextSequence = options.nextSequence;
    this.#durableSequence = options.durableSequence;
  }

  /** Opens the first segment, so that a directory that cannot be written is found at the start. */
  async open(): Promise<void> {
    this.#segment = await this.#createSegment(this.#nextSequence);
  }

  /**
   * Adds a frame to the group that is filling.
   * @returns the group: its `durable` promise tells when the frame counts
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
    let group = this.#filling;
    if (group.count >= GROUP_FRAMES || group.length >= GROUP_BYTES) {
      this.#waiting.push(group);
      group = this.#newGroup();
    }
    const header = this.#header;
    header.kind = kind;
    header.sequence = this.#nextSequence;
    header.arrival = arrival;
    header.hashLow = hashLow;
    header.hashHigh = hashHigh;
    group.add(header, meta, content, payload);
    this.#nextSequence += 1;
    if (!this.#scheduled) {
      this.#scheduled = true;
      // Not at once: requests that the same turn of the event loop brings share the commit.
      setImmediate(() => {
        this.#running = this.#run();
      });
    }
    return group;
  }

  /** The group in which an id is pending, or null. */
  pending(low: number, high: number): Group<Payload> | null {
    if (this.#filling.ids.has(low, high)) return this.#filling;
    if (this.#writing?.ids.has(low, high)) return this.#writing;
    for (const group of this.#waiting) if (group.ids.has(low, high)) return group;
    return null;
  }

  /** Bytes of frames that are not durable yet. */
  get pendingBytes(): number {
    let bytes = this.#filling.length + (this.#writing?.length ?? 0);
    for (const group of this.#waiting) bytes += group.length;
    return bytes;
  }

  /** The segment that is written to, or null. Not to be changed. */
  get openSegment(): SegmentFile | null {
    return this.#segment;
  }

  get durableSequence(): number {
    return this.#durableSequence;
  }

  /** Bytes of all segments on disk. */
  get bytes(): number {
    return this.#options.sealed.bytes + (this.#segment?.bytes ?? 0);
  }

  get segments(): number {
    return this.#options.sealed.count + (this.#segment === null ? 0 : 1);
  }

  /** Why nothing should be appended just now: the failure of a moment ago; null when the log is well. */
  get refusal(): Error | null {
    return performance.now() - this.#failedAt < RETRY_AFTER_MS ? this.#failure : null;
  }

  /** The failure that has not been followed by a commit yet. */
  get failure(): Error | null {
    return this.#failure;
  }

  /**
   * Resolves when the queue of closed groups has become shorter; null while it is short. Whoever appends
   * much waits for it: frames that the disk cannot keep up with would otherwise pile up in memory.
   */
  get congestion(): Promise<void> | null {
    return this.#waiting.length < LONG_QUEUE ? null : this.#waiting[0]!.durable.catch(() => {});
  }

  /**
   * After a failure: finds out whether the disk is well again, by opening a segment. Clients may wait for
   * the exporter to be ready before they send the record that would tell.
   */
  async probe(): Promise<void> {
    if (this.#failure === null || this.#scheduled || this.refusal !== null) return;
    // What is appended meanwhile waits for the run below.
    this.#scheduled = true;
    this.#running = this.#createSegment(this.#nextSequence)
      .then(
        (segment) => {
          this.#segment = segment;
          this.#failure = null;
        },
        () => {
          this.#failedAt = performance.now();
        },
      )
      .then(() => this.#run());
    await this.#running;
  }

  /** Waits until everything appended is durable or has failed, and closes the segment. */
  async close(): Promise<void> {
    while (this.#scheduled) {
      await new Promise(setImmediate);
      await this.#running;
    }
    // All of it is durable already: a close that fails takes nothing back.
    if (this.#segment !== null) await this.#options.files.close(this.#segment.fd).catch(() => {});
    this.#segment = null;
  }

  #newGroup(): Group<Payload> {
    this.#filling = new Group(this.#spare);
    this.#spare = null;
    return this.#filling;
  }

  async #run(): Promise<void> {
    for (;;) {
      let group = this.#waiting.shift();
      if (group === undefined) {
        if (this.#filling.count === 0) break;
        group = this.#filling;
        this.#newGroup();
      }
      this.#writing = group;
      const error = await this.#commit(group);
      this.#writing = null;
      group.settle(error);
      this.#spare = group.takeBuffer();
    }
    this.#scheduled = false;
  }

  async #commit(group: Group<Payload>): Promise<CommitError | null> {
    const { files, segmentBytes } = this.#options;
    const started = performance.now();
    try {
      if (this.#segment !== null && this.#segment.bytes >= segmentBytes) await this.#seal(this.#segment);
      this.#segment ??= await this.#createSegment(group.firstSequence);
      const segment = this.#segment;
      await files.write(segment.fd, group.bytes, segment.bytes);
      await files.sync(segment.fd);
      segment.bytes += group.length;
      segment.lastSequence = group.lastSequence;
      segment.lastArrival = group.arrivals[group.arrivals.length - 1]!;
      this.#durableSequence = group.lastSequence;
      this.#failure = null;
    } catch (cause) {
      const error = new CommitError(cause as Error);
      const intact = await this.#abandon();
      this.#failure = error;
      this.#failedAt = performance.now();
      this.#options.onFailure(error, intact);
      return error;
    }
    this.#options.onDurable(group, (performance.now() - started) / 1000);
    return null;
  }

  async #createSegment(firstSequence: number): Promise<OpenSegment> {
    const { files, sealed, directory } = this.#options;
    const path = sealed.file(segmentName(firstSequence));
    const fd = await files.open(path, 'create');
    const created = Date.now();
    try {
      const header = encodeSegmentHeader({
        version: SEGMENT_VERSION,
        firstSequence,
        previousSequence: this.#durableSequence,
        created,
      });
      await files.write(fd, header, 0);
      await files.sync(fd);
      await files.syncDirectory(directory);
    } catch (error) {
      await files.close(fd).catch(() => {});
      await files.remove(path).catch(() => {});
      throw error;
    }
    const lastSequence = firstSequence - 1;
    return { path, firstSequence, lastSequence, bytes: SEGMENT_HEADER_BYTES, created, lastArrival: 0, fd };
  }

  async #seal(segment: OpenSegment): Promise<void> {
    this.#segment = null;
    this.#options.sealed.add(segment);
    await this.#options.files.close(segment.fd);
  }

  /**
   * Gives up the open segment: after a failed sync the kernel may have dropped what it could not write,
   * and a second sync would say that all is well (https://wiki.postgresql.org/wiki/Fsync_Errors).
   * What was durable before is read back to see that it is still there.
   * @returns false when it is not
   */
  async #abandon(): Promise<boolean> {
    const segment = this.#segment;
    if (segment === null) return true;
    this.#segment = null;
    const { files, sealed } = this.#options;
    // Frames that never counted go, best effort: recovery passes over those that stay, by the next header.
    await files
      .truncate(segment.fd, segment.bytes)
      .then(() => files.sync(segment.fd))
      .catch(() => {});
    await files.close(segment.fd).catch(() => {});
    // An empty one goes, except where its header alone says how far frames had come.
    if (segment.lastSequence < segment.firstSequence && sealed.lastSequence >= this.#durableSequence) {
      const removed = await files.remove(segment.path).then(
        () => true,
        () => false,
      );
      if (removed) return true;
    }
    sealed.add(segment);
    return this.#verify(segment);
  }

  async #verify(segment: SegmentFile): Promise<boolean> {
    try {
      const bytes = await this.#options.files.read(segment.path);
      const scan: SegmentScan = scanSegment(bytes.subarray(0, segment.bytes), () => {});
      return scan.damaged.length === 0 && (scan.lastSequence ?? segment.firstSequence - 1) === segment.lastSequence;
    } catch {
      return false;
    }
  }
}
