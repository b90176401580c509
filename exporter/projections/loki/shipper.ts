import { setMaxListeners } from 'node:events';
import type { FrameBatch } from '../../spool/cursors/frame-reader.js';
import type { LogEntry } from './entry.js';
import { frameEntries } from './frame-entries.js';
import type { ShipperOptions } from './shipper-options.js';
import { type Shipment, TenantQueue } from './tenant-queue.js';

/** What is read at once: its end is passed when each of its entries is stored or dead. */
interface ReadBatch {
  readonly upTo: number;
  left: number;
}

const OUTSTANDING_BYTES = 16 * 1024 * 1024;
/** How often it looks whether there is something to read, should nobody say so: a folder may show a segment a moment late. */
const WAIT_MS = 1000;
const READ_AGAIN_MS = 1000;

/**
 * Brings frames to Loki: reads them, makes entries of them, and moves the cursor on when everything before it is there. Each tenant
 * has a queue, so that one in trouble holds up the others only when the memory for all is used up.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #queues = new Map<string, TenantQueue>();
  #batches: ReadBatch[] = [];
  #outstanding = 0;
  /** Of waiting for something to read. */
  readonly #stop = new AbortController();
  /** Of everything. */
  readonly #abort = new AbortController();
  #hasRoom: (() => void) | null = null;

  constructor(options: ShipperOptions) {
    this.#options = options;
    // Each queue listens.
    setMaxListeners(0, this.#abort.signal, this.#stop.signal);
  }

  /** Runs until it is stopped. */
  async run(): Promise<void> {
    const { reader, clock } = this.#options;
    const { signal } = this.#abort;
    const most = this.#options.outstandingBytes ?? OUTSTANDING_BYTES;
    while (!signal.aborted) {
      if (this.#outstanding >= most) {
        await new Promise<void>((resolve) => {
          this.#hasRoom = resolve;
        });
        continue;
      }
      const batch = await this.#read();
      if (batch === 'failed') await clock.sleep(READ_AGAIN_MS, signal);
      else if (batch !== null) this.#take(batch);
      else if (this.#stop.signal.aborted) break;
      else await reader.wait(WAIT_MS, this.#stop.signal);
    }
    await Promise.all([...this.#queues.values()].map(({ ended }) => ended));
  }

  /** Sends what it can within so many ms, and ends. What is not stored by then is sent after the next start. */
  async stop(graceMs: number): Promise<void> {
    this.#stop.abort();
    this.#flush();
    await this.#options.clock.sleep(graceMs, this.#abort.signal);
    this.abort();
  }

  /** Ends at once. */
  abort(): void {
    this.#stop.abort();
    this.#abort.abort();
    this.#flush();
    this.#hasRoom?.();
  }

  #flush(): void {
    for (const queue of this.#queues.values()) queue.flush();
  }

  async #read(): Promise<FrameBatch | null | 'failed'> {
    try {
      return await this.#options.reader.read();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? (error as Error).name;
      this.#options.observer.trouble(`The spool cannot be read for the logs (${code}).`, READ_AGAIN_MS, '');
      return 'failed';
    }
  }

  #take({ frames, upTo }: FrameBatch): void {
    const { labels, observer, tenantOf } = this.#options;
    const batch: ReadBatch = { upTo, left: 0 };
    this.#batches.push(batch);
    const settled = ({ bytes }: Shipment): void => {
      batch.left -= 1;
      this.#outstanding -= bytes;
      if (batch.left === 0) this.#advance();
      this.#hasRoom?.();
      this.#hasRoom = null;
    };
    for (const frame of frames) {
      const { sequence } = frame;
      try {
        const made = frameEntries(frame, labels);
        if (made === null) continue;
        const { workspace, model, entries } = made;
        for (const entry of entries) {
          const shipment: Shipment = { entry, workspace, model, sequence, bytes: bytesOf(entry), settled };
          batch.left += 1;
          this.#outstanding += shipment.bytes;
          this.#queue(tenantOf(workspace)).add(shipment);
        }
      } catch {
        // The error's message may quote the meta, and names in it are not for the log.
        observer.unreadable(sequence);
      }
    }
    this.#advance();
  }

  #queue(tenant: string): TenantQueue {
    let queue = this.#queues.get(tenant);
    if (queue === undefined) {
      const { signal } = this.#abort;
      const isStopping = () => this.#stop.signal.aborted;
      // Tenants may be many, and most of them quiet.
      const onEnd = () => this.#queues.delete(tenant);
      queue = new TenantQueue(tenant, { ...this.#options, signal, isStopping, onEnd });
      this.#queues.set(tenant, queue);
    }
    return queue;
  }

  #advance(): void {
    let upTo: number | null = null;
    while (this.#batches.length > 0 && this.#batches[0]!.left === 0) upTo = this.#batches.shift()!.upTo;
    if (upTo !== null) this.#options.reader.advance(upTo);
  }
}

/** Labels, metadata and objects, about. */
const AROUND_LINE_BYTES = 600;

function bytesOf({ line }: LogEntry): number {
  return line.length + AROUND_LINE_BYTES;
}
