import { type FrameHeader, frameBound, MAX_FRAME_BYTES, type MetaSource, writeFrame } from './frame.js';
import { IdTable } from './id-table.js';

const FIRST_BUFFER_BYTES = 256 * 1024;
/** A buffer that one huge frame has blown up is not kept. */
const KEPT_BUFFER_BYTES = 4 * 1024 * 1024;
const FIRST_IDS = 512;

/** Frames that become durable together, by one write and one sync. */
export class Group<Payload> {
  /** The ids of its frames: pending until the group is durable. */
  readonly ids = new IdTable(FIRST_IDS);
  /** One entry a frame, rather than an object a frame: this is filled once a record. */
  readonly arrivals: number[] = [];
  readonly hashLows: number[] = [];
  readonly hashHighs: number[] = [];
  firstSequence = 0;
  lastSequence = 0;
  /** What the writer wants back for each frame once it is durable; null = nothing. */
  readonly payloads: (Payload | null)[] = [];
  #buffer: Buffer<ArrayBuffer>;
  #length = 0;
  /** Resolves once the frames are durable; rejects with what kept them from it. */
  readonly durable: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: Error) => void;

  /** @param spare the buffer of a settled group, or null */
  constructor(spare: Buffer<ArrayBuffer> | null) {
    this.#buffer = spare ?? Buffer.allocUnsafeSlow(FIRST_BUFFER_BYTES);
    this.durable = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who waits sees the failure; a group that nobody waits for must not end the process.
    this.durable.catch(() => {});
  }

  get count(): number {
    return this.payloads.length;
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  get length(): number {
    return this.#length;
  }

  /** @param header may be used again by the caller */
  add(
    header: Readonly<FrameHeader>,
    meta: string | MetaSource,
    content: Uint8Array | null,
    payload: Payload | null,
  ): void {
    const bound = frameBound(meta, content);
    if (bound > MAX_FRAME_BYTES) throw new RangeError(`A record of ${bound} bytes is too large for the spool`);
    const needed = this.#length + bound;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#length = writeFrame(this.#buffer, this.#length, header, meta, content);
    if (this.payloads.length === 0) this.firstSequence = header.sequence;
    this.lastSequence = header.sequence;
    this.arrivals.push(header.arrival);
    this.hashLows.push(header.hashLow);
    this.hashHighs.push(header.hashHigh);
    this.payloads.push(payload);
    this.ids.add(header.hashLow, header.hashHigh);
  }

  settle(error: Error | null): void {
    if (error === null) this.#resolve();
    else this.#reject(error);
  }

  /** The buffer of a settled group, for the next one to use; null when it is too large to keep. */
  takeBuffer(): Buffer<ArrayBuffer> | null {
    return this.#buffer.length <= KEPT_BUFFER_BYTES ? this.#buffer : null;
  }
}
