import type { LogEntry } from '../entry.js';
import { Lane, type LaneOptions, type Shared } from './lane.js';
import { type Item, itemOf } from './piece.js';
import { streamName } from './stream.js';

export interface DeliveryOptions extends LaneOptions {
  /** Streams that are pushed at the same time. */
  lanes: number;
  /** Most bytes of a request before compression; a larger entry goes alone. */
  requestBytes: number;
}

/** What became of a batch. */
export interface PushOutcome {
  /**
   * `complete` = everything is stored or dead. `too-many-streams` = Loki takes no new streams, and `remaining` belongs to
   * such: put it into streams that are there (fold the model) and push it again. `aborted` = by the signal.
   */
  readonly ended: 'complete' | 'too-many-streams' | 'aborted';
  readonly stored: number;
  readonly dead: number;
  /** What is neither stored nor dead, in the order it came in. Loki may have some of it: sent again as it is, it does no harm. */
  readonly remaining: readonly LogEntry[];
  /** What Loki asked to wait before new streams are tried again, ms; 0 = nothing. */
  readonly waitMs: number;
}

/**
 * Brings batches to Loki, however often that takes. **A request holds one stream.** Loki answers for a request with several by the
 * last one: it says 204 when entries of an earlier stream were refused, too many streams included.
 */
export class Delivery {
  #requestBytes: number;

  constructor(private readonly options: DeliveryOptions) {
    this.#requestBytes = options.requestBytes;
  }

  /** Returns when every entry is stored or dead, or when there is something to decide. */
  async deliver(tenant: string, batch: readonly LogEntry[], signal: AbortSignal): Promise<PushOutcome> {
    const items = batch.map(itemOf);
    const shared: Shared = { tenant, signal, requests: 0, latestStored: -1, requestBytes: this.#requestBytes };
    const streams = itemsByStream(items);
    const noStream: number[] = [];
    const work = async (): Promise<void> => {
      for (let stream = streams.shift(); stream !== undefined; stream = streams.shift()) {
        const waitMs = await new Lane(stream, shared, this.options).run();
        if (waitMs !== null) noStream.push(waitMs);
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.options.lanes, streams.length) }, work));
    this.#requestBytes = Math.min(this.#requestBytes, shared.requestBytes);

    const remaining = items.filter(({ fate }) => fate === 'waiting').map(({ entry }) => entry);
    let ended: PushOutcome['ended'] = 'complete';
    if (remaining.length > 0) ended = signal.aborted ? 'aborted' : 'too-many-streams';
    const count = (fate: Item['fate']): number => items.filter((item) => item.fate === fate).length;
    return { ended, stored: count('stored'), dead: count('dead'), remaining, waitMs: Math.max(0, ...noStream) };
  }
}

function itemsByStream(items: readonly Item[]): Item[][] {
  const streams = new Map<string, Item[]>();
  const names = new Map<LogEntry['labels'], string>();
  for (const item of items) {
    const { labels } = item.entry;
    let name = names.get(labels);
    if (name === undefined) {
      name = streamName(labels);
      names.set(labels, name);
    }
    const stream = streams.get(name);
    if (stream === undefined) streams.set(name, [item]);
    else stream.push(item);
  }
  return [...streams.values()];
}
