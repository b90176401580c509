import { RecordProblem } from '../../call/record.js';
import { HttpProblem } from '../../http/problems.js';
import { ThreadFailure } from '../content/body-threads.js';
import { type PreparedContent, UNPREPARED } from '../content/prepared-content.js';
import type { Admission } from '../intake.js';
import { ownTurn } from '../turns.js';
import { BodyRecords, type RecordLimits } from './body-records.js';
import type { RecordFormat } from './content-type.js';
import { OPEN_ARRAY } from './json-scan.js';

/** After so long the event loop gets its turn before the next record of a body, ms. */
const SLICE_MS = 2;
/** A body up to this size is taken in at once, whatever else is going on. */
const SHORT_BODY_BYTES = 16 * 1024;
/** The clock is looked at once in so many records. */
const SLICE_RECORDS = 32;
/** A larger body that holds content, or a larger record, is parsed and redacted by another thread. */
const MAIN_THREAD_BYTES = 256 * 1024;
/** Taking an array apart takes a millisecond for each MiB, and cannot be interrupted. */
const MAIN_THREAD_ARRAY_BYTES = 4 * 1024 * 1024;

/**
 * Offers every record of a body to intake.
 * @throws HttpProblem when the body as a whole cannot be taken; then nothing of it was offered
 */
export async function admitBody(
  body: Buffer,
  format: RecordFormat,
  idempotencyKey: string | null,
  limits: RecordLimits,
  admission: Admission,
): Promise<void> {
  if (body.length > SHORT_BODY_BYTES) await ownTurn();
  const records = isLarge(body, format) ? null : new BodyRecords(body, format, limits);
  if (records === null || (body.length > MAIN_THREAD_BYTES && records.longest > MAIN_THREAD_BYTES)) {
    await admitByThread(body, format, idempotencyKey, limits, admission);
  } else {
    await admitHere(records, idempotencyKey, admission, null);
  }
  if (admission.offered === 0) {
    throw new HttpProblem('malformed-body', 'The body holds no record: send one call record, an array, or NDJSON.');
  }
}

/** Whether a body is known to be work for another thread before it is taken apart. */
function isLarge(body: Buffer, format: RecordFormat): boolean {
  if (body.length <= MAIN_THREAD_BYTES) return false;
  // Content under an escaped name is not seen here, and is redacted all the same.
  if (body.includes('"request"') || body.includes('"response"')) return true;
  return format === 'json' && (body[0] !== OPEN_ARRAY || body.length > MAIN_THREAD_ARRAY_BYTES);
}

/** @param prepared stands in for the content of each record; null = it is looked at here */
async function admitHere(
  records: BodyRecords,
  idempotencyKey: string | null,
  admission: Admission,
  prepared: PreparedContent | null,
): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  let skipped = admission.offered;
  for (const span of records.spans) {
    if (skipped > 0) {
      skipped -= 1;
      continue;
    }
    const raw = records.read(span);
    if (raw instanceof RecordProblem) admission.reject(span.line, null, raw.field, raw.message);
    else admission.offer(raw, span.line, idempotencyKey, prepared);
    if (admission.offered % SLICE_RECORDS !== 0) continue;
    await untilRoom(admission);
    if (performance.now() > sliceEnd) {
      await ownTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
}

async function admitByThread(
  body: Buffer,
  format: RecordFormat,
  idempotencyKey: string | null,
  limits: RecordLimits,
  admission: Admission,
): Promise<void> {
  const { content, workspace } = admission;
  // Seen by both sides: when the thread dies, the records are still here.
  const shared = new SharedArrayBuffer(body.length);
  Buffer.from(shared).set(body);
  try {
    for await (const records of content.threads.read({ body: shared, format, limits, workspace, idempotencyKey })) {
      for (const { line, problem, raw, prepared } of records) {
        if (problem !== null) admission.reject(line, null, problem.field, problem.message);
        else admission.offer(raw, line, idempotencyKey, prepared);
      }
      await untilRoom(admission);
      await ownTurn();
    }
  } catch (error) {
    if (!(error instanceof ThreadFailure)) throw error;
    content.threadFailed(error);
    // A call is counted whatever becomes of its content.
    await admitHere(new BodyRecords(body, format, limits), idempotencyKey, admission, UNPREPARED);
  }
}

/** A small body can hold thousands of records: what waits for the disk is many times its size. */
async function untilRoom(admission: Admission): Promise<void> {
  for (let full = admission.congestion; full !== null; full = admission.congestion) await full;
}
