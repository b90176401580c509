import type { OutgoingRecord } from './outgoing-record.js';

/** Records that are sent in one request. */
export class Batch {
  #body: Buffer | null = null;

  constructor(readonly records: readonly OutgoingRecord[]) {}

  /** NDJSON; the same bytes however often it is sent. No line end behind the last: a record at the limit still fits. */
  get body(): Buffer {
    if (this.#body === null) {
      const parts: Buffer[] = [];
      for (const { bytes } of this.records) parts.push(bytes, NEWLINE);
      parts.pop();
      this.#body = Buffer.concat(parts);
    }
    return this.#body;
  }

  get bytes(): number {
    return this.#body?.length ?? bytesOf(this.records);
  }

  /** Two batches of about as many bytes, in order. Needs at least two records. */
  split(): [Batch, Batch] {
    const half = bytesOf(this.records) / 2;
    let count = 0;
    let bytes = 0;
    while (count < this.records.length - 1 && (count === 0 || bytes + this.records[count]!.bytes.length <= half)) {
      bytes += this.records[count]!.bytes.length;
      count += 1;
    }
    return [new Batch(this.records.slice(0, count)), new Batch(this.records.slice(count))];
  }
}

/** How large a batch may be; lowered when the exporter says that it takes less. */
export interface BatchLimits {
  records: number;
  bytes: number;
}

/** Gathers records until a batch is full. */
export class BatchBuilder {
  #records: OutgoingRecord[] = [];
  #bytes = 0;

  constructor(private readonly limits: BatchLimits) {}

  /** @returns the batch that was full without this record, or null */
  add(record: OutgoingRecord): Batch | null {
    const size = record.bytes.length + 1;
    const full =
      this.#records.length >= this.limits.records ||
      (this.#records.length > 0 && this.#bytes + size > this.limits.bytes + 1);
    const batch = full ? this.take() : null;
    this.#records.push(record);
    this.#bytes += size;
    return batch;
  }

  /** What has been gathered, or null. */
  take(): Batch | null {
    if (this.#records.length === 0) return null;
    const batch = new Batch(this.#records);
    this.#records = [];
    this.#bytes = 0;
    return batch;
  }
}

const NEWLINE = Buffer.from('\n');

function bytesOf(records: readonly OutgoingRecord[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes.length + 1, -1);
}
