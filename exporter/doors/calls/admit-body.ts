import { HttpProblem } from '../../http/problems.js';
import type { Admission } from '../intake.js';
import { ownTurn } from '../turns.js';
import type { RecordFormat } from './content-type.js';
import { findDuplicateKey } from './duplicate-key.js';
import { countKeys, JsonScan, OPEN_ARRAY, OPEN_OBJECT } from './json-scan.js';
import { BodyProblem, BodyText, countLines, jsonSpans, ndjsonSpans, type RecordSpan } from './record-spans.js';

export interface RecordLimits {
  batchRecords: number;
  recordBytes: number;
  nestingDepth: number;
}

/** After so long the event loop gets its turn before the next record of a body, ms. */
const SLICE_MS = 2;
/** A body up to this size is taken in at once, whatever else is going on. */
const SHORT_BODY_BYTES = 16 * 1024;
/** The clock is looked at once in so many records. */
const SLICE_RECORDS = 32;

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
  const spans = spansOf(body, format, limits.batchRecords);
  const text = new BodyText(body);
  const scan = new JsonScan();
  let sliceEnd = performance.now() + SLICE_MS;
  for (const span of spans) {
    offer(body, span, text, scan, idempotencyKey, limits, admission);
    if (admission.offered % SLICE_RECORDS !== 0) continue;
    // A small body can hold thousands of records: what waits for the disk is many times its size.
    for (let full = admission.congestion; full !== null; full = admission.congestion) await full;
    if (performance.now() > sliceEnd) {
      await ownTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  if (admission.offered === 0) {
    throw new HttpProblem('malformed-body', 'The body holds no record: send one call record, an array, or NDJSON.');
  }
}

function spansOf(body: Buffer, format: RecordFormat, limit: number): Iterable<RecordSpan> {
  if (format === 'ndjson') {
    // Counted first: a request is taken or refused as a whole.
    if (countLines(body, limit) > limit) throw tooMany(limit);
    return ndjsonSpans(body);
  }
  try {
    const spans = jsonSpans(body, limit);
    if (spans.length > limit) throw tooMany(limit);
    return spans;
  } catch (error) {
    if (error instanceof BodyProblem) throw new HttpProblem('malformed-body', error.message);
    throw error;
  }
}

function offer(
  body: Buffer,
  span: RecordSpan,
  texts: BodyText,
  scan: JsonScan,
  idempotencyKey: string | null,
  limits: RecordLimits,
  admission: Admission,
): void {
  const { start, end, line } = span;
  if (end - start > limits.recordBytes) {
    admission.reject(line, null, '', `is larger than limits.record_bytes (${limits.recordBytes} bytes)`);
    return;
  }
  const isObject = body[start] === OPEN_OBJECT;
  if (isObject || body[start] === OPEN_ARRAY) {
    scan.scan(body, start, end);
    if (scan.depth > limits.nestingDepth) {
      admission.reject(line, null, '', `nests deeper than limits.nesting_depth (${limits.nestingDepth})`);
      return;
    }
  }
  const text = texts.of(span);
  if (text === null) {
    admission.reject(line, null, '', 'is not valid UTF-8');
    return;
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const joined = message.startsWith('Unexpected non-whitespace character after JSON')
      ? '; are these several records on one line? curl needs --data-binary for NDJSON, not -d'
      : '';
    admission.reject(line, null, '', `is not valid JSON: ${message}${joined}`);
    return;
  }
  if (isObject && scan.keys !== countKeys(raw)) {
    const key = findDuplicateKey(text);
    admission.reject(line, null, key ?? '', 'stands twice in the same object; which one counts is not for us to guess');
    return;
  }
  admission.offer(raw, line, idempotencyKey);
}

function tooMany(limit: number): HttpProblem {
  return new HttpProblem(
    'body-too-large',
    `The request holds more than limits.batch_records (${limit}) records. Nothing of it was taken.`,
  );
}
