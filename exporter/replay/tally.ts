import type { Receipt } from '../doors/intake.js';
import type { Batch } from './batch.js';

/** A record that the exporter will not take. */
export interface RejectedRecord {
  /** Line in the file. */
  line: number;
  id?: string;
  /** Empty = the record as a whole. */
  field: string;
  message: string;
}

/** So many rejections are told in full; a file of the wrong kind has millions. */
export const TOLD_REJECTIONS = 20;
/** So many fields of the others are told apart: a field is whatever the file says. */
const TOLD_FIELDS = 10;
/** So many fields that no exporter knows are named, as an answer does it. */
const TOLD_IGNORED = 20;

/** What became of the records, so far. Every record is in exactly one of the counts. */
export class Tally {
  /** Read, blank lines not counted. */
  read = 0;
  accepted = 0;
  duplicates = 0;
  /** Of the duplicates, those in batches that were sent more than once. */
  duplicatesSentAgain = 0;
  /** Of the accepted. */
  late = 0;
  rejected = 0;
  /** Not sent, or sent and never answered. */
  unconfirmed = 0;
  /** Lines of the unconfirmed. */
  unconfirmedFrom = Number.POSITIVE_INFINITY;
  unconfirmedTo = 0;
  /** Requests that were sent again. */
  retries = 0;
  readonly rejections: RejectedRecord[] = [];
  /** The rejections that are not in `rejections`, by field. */
  readonly otherRejections = new Map<string, number>();
  /** Names of fields that the records have and the exporter does not know. */
  readonly ignored = new Set<string>();

  /** @param onRejection called for the first {@link TOLD_REJECTIONS} */
  constructor(private readonly onRejection: (rejection: RejectedRecord) => void = () => {}) {}

  /** Records with a known end. */
  get done(): number {
    return this.accepted + this.duplicates + this.rejected;
  }

  took(batch: Batch, receipt: Receipt, sentAgain: boolean): void {
    this.accepted += receipt.accepted;
    this.duplicates += receipt.duplicates;
    if (sentAgain) this.duplicatesSentAgain += receipt.duplicates;
    this.late += receipt.late;
    for (const name of receipt.ignored ?? []) if (this.ignored.size < TOLD_IGNORED) this.ignored.add(name);
    for (const { index, id, field, message } of receipt.rejected) {
      const line = batch.records[index]?.line ?? 0;
      this.reject({ line, ...(id !== undefined && { id }), field, message });
    }
  }

  reject(rejection: RejectedRecord): void {
    this.rejected += 1;
    if (this.rejections.length < TOLD_REJECTIONS) {
      this.rejections.push(rejection);
      this.onRejection(rejection);
      return;
    }
    const { otherRejections: others } = this;
    const field = others.size < TOLD_FIELDS || others.has(rejection.field) ? rejection.field : '…';
    others.set(field, (others.get(field) ?? 0) + 1);
  }

  leave(batch: Batch): void {
    this.unconfirmed += batch.records.length;
    for (const { line } of batch.records) {
      this.unconfirmedFrom = Math.min(this.unconfirmedFrom, line);
      this.unconfirmedTo = Math.max(this.unconfirmedTo, line);
    }
  }
}
