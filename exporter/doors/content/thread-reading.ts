import { ContentPolicy } from '../../call/content-policy.js';
import { boundLabelValue } from '../../call/label-value.js';
import { type RawRecord, RECORD_FIELDS, RecordProblem, SEARCHED_ERROR_MESSAGE_LENGTH } from '../../call/record.js';
import { DEFAULT_WORKSPACE } from '../caller.js';
import { BodyRecords } from '../calls/body-records.js';
import { MAX_IGNORED_NAMES } from '../ignored-fields.js';
import { holdsContent, type PreparedContent, prepareContent, UNPREPARED } from './prepared-content.js';
import { createRedactors, type Redactors } from './redactors.js';
import type { BodyJob, ContentSettings, ThreadRecord } from './thread-messages.js';

/** So many records, or so many bytes of content, are handed over at a time: taking them in blocks for that long. */
const HANDED_RECORDS = 32;
const HANDED_BYTES = 1024 * 1024;

const KNOWN: ReadonlySet<string> = new Set(RECORD_FIELDS);

/** What a thread does with a body: as intake would, but that nothing is counted or kept. */
export class ThreadReading {
  readonly #policy: ContentPolicy;
  readonly #redactors: Redactors;

  constructor({ logs, hasLoki, redaction, hashKey }: ContentSettings) {
    this.#policy = new ContentPolicy(logs, hasLoki);
    this.#redactors = createRedactors(redaction, hashKey);
  }

  /** @throws HttpProblem when the body as a whole cannot be taken; then nothing was yielded */
  *read(job: BodyJob): Generator<readonly ThreadRecord[]> {
    const records = new BodyRecords(Buffer.from(job.body), job.format, job.limits);
    let handed: ThreadRecord[] = [];
    let bytes = 0;
    let index = 0;
    for (const span of records.spans) {
      const raw = records.read(span);
      const record = this.#record(raw, span.line, job, index);
      index += 1;
      handed.push(record);
      bytes += record.prepared?.bytes?.length ?? 0;
      if (handed.length < HANDED_RECORDS && bytes < HANDED_BYTES) continue;
      yield handed;
      handed = [];
      bytes = 0;
    }
    if (handed.length > 0) yield handed;
  }

  #record(raw: unknown, line: number | null, job: BodyJob, index: number): ThreadRecord {
    if (raw instanceof RecordProblem) {
      return { line, problem: { field: raw.field, message: raw.message }, raw: null, prepared: null };
    }
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
      // Refused for its kind alone: what is in it does not matter.
      return { line, problem: null, raw: Array.isArray(raw) ? [] : raw, prepared: null };
    }
    return { line, problem: null, raw: withoutContent(raw), prepared: this.#prepare(raw, job, index) };
  }

  #prepare(raw: RawRecord, job: BodyJob, index: number): PreparedContent | null {
    if (!holdsContent(raw)) return null;
    const workspace = boundLabelValue(job.workspace ?? (textOf(raw.workspace_id) || DEFAULT_WORKSPACE));
    const mode = this.#policy.modeOf(workspace);
    if (mode !== 'masked' && mode !== 'full') return UNPREPARED;
    const id = textOf(raw.id) || (job.idempotencyKey === null ? '' : `${job.idempotencyKey}:${index}`);
    // Without an id intake makes one, which decides whether the content is wanted.
    if (id !== '' && !this.#policy.wantsContent(workspace, boundLabelValue(textOf(raw.model)), id)) return UNPREPARED;
    return prepareContent(raw, mode, this.#redactors);
  }
}

/** The record with all that intake looks at, and no more of unknown fields than their names. */
function withoutContent(raw: RawRecord): object {
  // A field may be called __proto__.
  const rest: Record<string, unknown> = Object.create(null);
  let unknown = 0;
  for (const [key, value] of Object.entries(raw)) {
    if (key === 'request' || key === 'response') continue;
    if (KNOWN.has(key)) rest[key] = key === 'error_message' ? shortened(value) : value;
    else if (unknown < MAX_IGNORED_NAMES) {
      unknown += 1;
      rest[key] = null;
    }
  }
  return rest;
}

/** As much as intake looks at. */
function shortened(message: unknown): unknown {
  return typeof message === 'string' ? message.slice(0, SEARCHED_ERROR_MESSAGE_LENGTH) : message;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
