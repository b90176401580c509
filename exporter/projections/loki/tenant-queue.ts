import type { LogEntry } from './entry.js';
import { folded } from './fold-entry.js';
import { labelText } from './label-text.js';
import { longBackOff } from './push/back-off.js';
import { streamName } from './push/stream.js';
import type { ShipperOptions } from './shipper-options.js';

/** An entry on its way, and the call that it is about. */
export interface Shipment {
  readonly entry: LogEntry;
  readonly workspace: string;
  readonly model: string;
  readonly sequence: number;
  /** In memory, about. */
  readonly bytes: number;
  /** It is stored or dead. */
  readonly settled: (shipment: Shipment) => void;
}

export interface TenantQueueOptions
  extends Pick<ShipperOptions, 'push' | 'labels' | 'saveLabels' | 'bury' | 'observer' | 'clock' | 'random'> {
  signal: AbortSignal;
  isStopping: () => boolean;
  /** It has nothing left, or was aborted: it is not to be used any more. */
  onEnd: () => void;
}

/** So much is sent at once without waiting for more, and at most so much. */
const FULL_BYTES = 1024 * 1024;
const MOST_BYTES = 4 * 1024 * 1024;
/** So much may wait for streams; beyond, the oldest are dead letters, so that what Loki has streams for is not held up. */
const PARKED_BYTES = 4 * 1024 * 1024;
/** How long the first entry waits for others. */
const LINGER_MS = 150;
/** Not Loki's own words, which were of another entry. */
const NO_STREAM_LEFT = 'Loki took no more streams of this tenant (limits_config.max_global_streams_per_user)';
const NO_STREAMS =
  'Loki takes no more streams of this tenant: what is for new ones waits, and the others go on. Raise limits_config.max_global_streams_per_user.';

/** What is to go to one tenant, in order within each stream: a batch at a time, until each entry of it is stored or dead. */
export class TenantQueue {
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  #waiting: Shipment[] = [];
  #bytes = 0;
  #full = new AbortController();
  /** What Loki has no stream for, and what came for these streams since: the others go on meanwhile. */
  #parked: Shipment[] = [];
  readonly #parkedStreams = new Set<string>();
  #parkedUntil = 0;
  #refusals = 0;
  /** It waits for what is parked, and has nothing else to do. */
  #isResting = false;

  constructor(
    private readonly tenant: string,
    private readonly options: TenantQueueOptions,
  ) {
    // Not before the first entry is in.
    this.ended = Promise.resolve().then(() => this.#run());
  }

  add(shipment: Shipment): void {
    this.#waiting.push(shipment);
    this.#bytes += shipment.bytes;
    if (this.#bytes >= FULL_BYTES || this.#isResting) this.#full.abort();
  }

  /** Waits for no more. */
  flush(): void {
    this.#full.abort();
  }

  async #run(): Promise<void> {
    const { signal, clock, isStopping, onEnd } = this.options;
    while (this.#waiting.length + this.#parked.length > 0 && !signal.aborted) {
      const restMs = this.#parkedUntil - clock.now();
      if (this.#waiting.length === 0 && restMs > 0) {
        if (isStopping()) break;
        this.#isResting = true;
        await clock.sleep(restMs, this.#full.signal);
        this.#isResting = false;
        continue;
      }
      if (!isStopping()) await clock.sleep(LINGER_MS, this.#full.signal);
      await this.#deliver(this.#nextBatch());
    }
    // In the same turn in which nothing was waiting.
    onEnd();
  }

  #nextBatch(): Shipment[] {
    const batch: Shipment[] = [];
    if (this.options.clock.now() >= this.#parkedUntil) {
      batch.push(...this.#parked.splice(0));
      this.#parkedStreams.clear();
    }
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && (count === 0 || bytes + this.#waiting[count]!.bytes <= MOST_BYTES)) {
      bytes += this.#waiting[count]!.bytes;
      count += 1;
    }
    this.#bytes -= bytes;
    this.#full = new AbortController();
    if (this.#bytes >= FULL_BYTES) this.#full.abort();
    for (const shipment of this.#waiting.splice(0, count)) {
      const isParked = this.#parkedStreams.size > 0 && this.#parkedStreams.has(this.#streamOf(shipment));
      (isParked ? this.#parked : batch).push(shipment);
    }
    return batch;
  }

  async #deliver(batch: Shipment[]): Promise<void> {
    const { signal, push } = this.options;
    let left = batch;
    while (left.length > 0 && !signal.aborted) {
      await this.#save();
      const entries = left.map((shipment) => this.#asLabelled(shipment));
      const { remaining, waitMs } = await push(this.tenant, entries, signal);
      const still = new Set(remaining);
      const rest: Shipment[] = [];
      left.forEach((shipment, index) => {
        if (still.has(entries[index]!)) rest.push(shipment);
        else shipment.settled(shipment);
      });
      left = rest;
      if (left.length > 0 && !signal.aborted && !this.#fold(left)) return this.#park(left, waitMs);
    }
    // Also what came for their streams since.
    await this.#buryExcess();
    if (this.#parked.length === 0 && this.#refusals > 0) {
      this.#refusals = 0;
      this.options.observer.parked(null, this.tenant);
    }
  }

  /** Nothing can be folded any more. Loki gives up streams for which nothing came for a while, or its operator raises the limit. */
  async #park(refused: readonly Shipment[], waitMs: number): Promise<void> {
    const { clock, random, observer } = this.options;
    // In front of what came for these streams while they were parked already.
    this.#parked.unshift(...refused);
    for (const shipment of refused) this.#parkedStreams.add(this.#streamOf(shipment));
    this.#parkedUntil = clock.now() + Math.max(waitMs, longBackOff(this.#refusals, random));
    this.#refusals += 1;
    observer.parked(NO_STREAMS, this.tenant);
    await this.#buryExcess();
  }

  async #buryExcess(): Promise<void> {
    let bytes = this.#parked.reduce((sum, shipment) => sum + shipment.bytes, 0);
    let count = 0;
    for (; bytes > PARKED_BYTES; count += 1) bytes -= this.#parked[count]!.bytes;
    if (count === 0 || this.options.signal.aborted) return;
    const oldest = this.#parked.slice(0, count);
    try {
      // Together: they share a sync.
      await Promise.all(
        oldest.map((shipment) => this.options.bury(this.#asLabelled(shipment), this.tenant, NO_STREAM_LEFT)),
      );
    } catch {
      // The disk is full: they stay where they are, and one that is a letter already is kept once.
      return;
    }
    this.#parked.splice(0, count);
    for (const shipment of oldest) shipment.settled(shipment);
  }

  #streamOf(shipment: Shipment): string {
    return streamName(this.#asLabelled(shipment).labels);
  }

  /** The label may have changed since the entry was made. */
  #asLabelled({ entry, workspace, model, sequence }: Shipment): LogEntry {
    const isOwn = entry.labels.model === labelText(model);
    const isFolded = isOwn && this.options.labels.isFolded(workspace, model, streamIn(entry), sequence);
    return isFolded ? folded(entry, model) : entry;
  }

  /** Loki takes no new streams: these fold. @returns whether any of them was not folded before */
  #fold(refused: readonly Shipment[]): boolean {
    let isNew = false;
    for (const { entry, workspace, model, sequence } of refused) {
      if (this.options.labels.fold(workspace, model, streamIn(entry), sequence)) isNew = true;
    }
    return isNew;
  }

  /** What was chosen has to be known after a crash before Loki knows it. */
  async #save(): Promise<void> {
    const { signal, saveLabels, observer, clock, random } = this.options;
    for (let failed = 0; !signal.aborted; failed += 1) {
      try {
        return await saveLabels();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
        const waitMs = longBackOff(failed, random);
        observer.trouble(`The labels of models cannot be saved (${code}): is the disk full?`, waitMs, this.tenant);
        await clock.sleep(waitMs, signal);
      }
    }
  }
}

/** What tells a model's stream from its others. */
function streamIn({ labels }: LogEntry): string {
  // The log of alerts has no outcomes.
  return labels.outcome === undefined ? `${labels.log}` : `${labels.log}/${labels.outcome}`;
}
