import { randomUUID } from 'node:crypto';
import type { Call } from '../call/call.js';
import { MetaWriter } from '../call/meta-writer.js';
import { isUnpriced, type Pricing } from '../call/pricing.js';
import { idOf, type RawRecord, RecordProblem, readRecord } from '../call/record.js';
import type { ArrivalClock } from '../spool/arrival-clock.js';
import { FRAME_KINDS } from '../spool/frame.js';
import type { Group } from '../spool/group.js';
import type { IdHash } from '../spool/id-hash.js';
import type { Spool } from '../spool/spool.js';
import type { Callers } from './caller.js';
import type { ContentIntake } from './content/content-intake.js';
import type { PreparedContent } from './content/prepared-content.js';
import { IgnoredFields } from './ignored-fields.js';

export interface IntakeOptions {
  spool: Spool<Call>;
  clock: ArrivalClock;
  /** ms since the epoch; what records' own times are held against. */
  wall: () => number;
  idHash: IdHash;
  callers: Callers;
  pricing: Pricing;
  lateAfterMs: number;
  content: ContentIntake;
}

/** Why one record of a request was refused. */
export interface Rejection {
  /** Position in the request, from 0. */
  index: number;
  /** Line in an NDJSON body, from 1. */
  line?: number;
  /** The record's id, where it has one. */
  id?: string;
  /** The field that is wrong; empty = the record as a whole. */
  field: string;
  message: string;
}

export interface Receipt {
  accepted: number;
  duplicates: number;
  /** Of the accepted ones, those that ended longer ago than `calls.late_after`. */
  late: number;
  rejected: Rejection[];
  /** Names of top-level fields that no record has, at most 20; absent when there were none. */
  ignored?: string[];
}

/** A path may hold any key that a client made up. */
const MAX_FIELD_LENGTH = 200;

/** The only way in: every door hands its records over here. */
export class Intake {
  constructor(private readonly options: IntakeOptions) {}

  /**
   * Begins the admission of one request's records.
   * @param workspace the one workspace that the caller may write to; null = any
   */
  begin(workspace: string | null): Admission {
    return new Admission(this.options, workspace);
  }
}

/** The clocks are read once in so many records of a request, which take well under a millisecond. */
const CLOCK_RECORDS = 32;

/** One for all: a frame is written before the next record is looked at. */
const metaWriter = new MetaWriter();

/** The records of one request on their way in. */
export class Admission {
  readonly #options: IntakeOptions;
  readonly #workspace: string | null;
  readonly #receipt: Receipt = { accepted: 0, duplicates: 0, late: 0, rejected: [] };
  /** Every group in which one of the records stands, or the record that one of them repeats. */
  readonly #groups: Group<Call>[] = [];
  readonly #ignored = new IgnoredFields();
  #index = 0;
  /** The position from which on the clocks are read again. */
  #clockDue = 0;
  #now = 0;
  #arrival = 0;

  constructor(options: IntakeOptions, workspace: string | null) {
    this.#options = options;
    this.#workspace = workspace;
  }

  /** How many records were offered so far. */
  get offered(): number {
    return this.#index;
  }

  /** How many of them were not refused. */
  get good(): number {
    return this.#receipt.accepted + this.#receipt.duplicates;
  }

  /** The one workspace that the caller may write to; null = any. */
  get workspace(): string | null {
    return this.#workspace;
  }

  /** What is kept of contents. */
  get content(): ContentIntake {
    return this.#options.content;
  }

  /** Resolves when the spool has caught up some; null while it keeps up. To be awaited between records. */
  get congestion(): Promise<void> | null {
    return this.#options.spool.congestion;
  }

  /** Refuses the next record without looking at it. */
  reject(line: number | null, id: string | null, field: string, message: string): void {
    const rejection: Rejection = { index: this.#index, field: cut(field), message };
    if (line !== null) rejection.line = line;
    if (id !== null) rejection.id = id;
    this.#receipt.rejected.push(rejection);
    this.#index += 1;
  }

  /**
   * Takes the next record, or refuses it.
   * @param raw a parsed JSON value
   * @param idempotencyKey what makes an id, with the position, for a record without one
   * @param prepared the record's content, where another thread has taken it out and redacted it
   */
  offer(
    raw: unknown,
    line: number | null,
    idempotencyKey: string | null,
    prepared: PreparedContent | null = null,
  ): void {
    // Not every record comes through here: those that are refused unread have a place too.
    if (this.#index >= this.#clockDue) {
      this.#clockDue = this.#index - (this.#index % CLOCK_RECORDS) + CLOCK_RECORDS;
      this.#now = this.#options.wall();
      this.#arrival = this.#options.clock.now();
    }
    const problem = this.#admit(raw, idempotencyKey, prepared);
    if (problem === null) this.#index += 1;
    else this.reject(line, idOf(raw), problem.field, problem.message);
  }

  /**
   * Waits until every accepted record is durable.
   * @throws CommitError when some could not be written; then the request may be sent again as it was
   */
  async settle(): Promise<Receipt> {
    // One after the other: a rejection of any of them must not go unheard.
    for (const group of this.#groups) await group.durable;
    const ignored = this.#ignored.names;
    if (ignored !== null) this.#receipt.ignored = ignored;
    return this.#receipt;
  }

  #admit(raw: unknown, idempotencyKey: string | null, prepared: PreparedContent | null): RecordProblem | null {
    const { spool, idHash, callers, pricing, lateAfterMs, content } = this.#options;
    const now = this.#now;
    const call = readRecord(raw, now);
    // Of a refused record too: what it calls `model_name` may be the model that it lacks.
    if (isObject(raw)) this.#ignored.see(raw);
    if (call instanceof RecordProblem) return call;
    if (call.usage === null) this.#ignored.seeUsage((raw as { usage?: unknown }).usage);

    const own = this.#workspace;
    if (own !== null) {
      if (call.workspace !== '' && call.workspace !== own) {
        return new RecordProblem('workspace_id', 'is not the workspace of this token');
      }
      call.workspace = own;
    }
    const caller = callers.find(call.workspace, call.model, call.apikey);
    if (caller instanceof RecordProblem) return caller;
    call.workspace = caller.workspace;
    call.model = caller.model;
    call.apikey = caller.apikey;
    call.monitoring = caller.monitoring;

    if (call.id === '') call.id = idempotencyKey === null ? randomUUID() : `${idempotencyKey}:${this.#index}`;
    idHash.hash(caller.seedLow, caller.seedHigh, call.id);
    const { low, high } = idHash;
    const pending = spool.pending(low, high);
    if (pending !== null || spool.remembers(low, high)) {
      this.#receipt.duplicates += 1;
      if (pending !== null) this.#await(pending);
      return null;
    }

    const durationMs = call.durationUs === null ? 0 : call.durationUs / 1000;
    if (Number.isNaN(call.time)) call.time = Math.floor(now - durationMs);
    call.late = now - (call.time + durationMs) > lateAfterMs;
    if (call.usage !== null) {
      call.cost = pricing.cost(call.model, call.time, call.inferenceType, call.usage);
      call.unpriced = isUnpriced(call.cost, call.usage);
    }
    const bytes = content.take(call, raw as RawRecord, prepared);
    const meta = metaWriter.of(call, caller.labels);
    this.#await(spool.append(FRAME_KINDS.call, this.#arrival, low, high, meta, bytes, call));
    this.#receipt.accepted += 1;
    if (call.late) this.#receipt.late += 1;
    return null;
  }

  #await(group: Group<Call>): void {
    const groups = this.#groups;
    if (groups[groups.length - 1] !== group && !groups.includes(group)) groups.push(group);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function cut(field: string): string {
  return field.length > MAX_FIELD_LENGTH ? `${field.slice(0, MAX_FIELD_LENGTH - 1).toWellFormed()}…` : field;
}
