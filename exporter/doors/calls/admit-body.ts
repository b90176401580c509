import { setImmediate as nextTurn } from 'node:timers/promises';
import { HttpProblem } from '../../http/problems.js';
import type { Admission } from '../intake.js';
import type { RecordFormat } from './content-type.js';
import { countKeys, findDuplicateKey, JsonScan } from './json-scan.js';
import { BodyProblem, countLines, jsonRecords, ndjsonRecords, type RecordText } from './record-texts.js';

export interface RecordLimits {
  batchRecords: number;
  recordBytes: number;
  nestingDepth: number;
}

/** After so long the event loop gets its turn before the next record of a body, ms. */
const SLICE_MS = 4;
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
  const scan = new JsonScan();
  let sliceEnd = performance.now() + SLICE_MS;
  for (const record of recordsOf(body, format, limits.batchRecords)) {
    offer(record, scan, idempotencyKey, limits, admission);
    if (admission.offered % SLICE_RECORDS === 0 && performance.now() > sliceEnd) {
      await nextTurn();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
  if (admission.offered === 0) {
    throw new HttpProblem('malformed-body', 'The body holds no record: send one call record, an array, or NDJSON.');
  }
}

function recordsOf(body: Buffer, format: RecordFormat, limit: number): Iterable<RecordText> {
  if (format === 'ndjson') {
    // Counted first: a request is taken or refused as a whole.
    if (countLines(body, limit) > limit) throw tooMany(limit);
    return ndjsonRecords(body);
  }
  try {
    const records = jsonRecords(body, limit);
    if (records.length > limit) throw tooMany(limit);
    return records;
  } catch (error) {
    if (error instanceof BodyProblem) throw new HttpProblem('malformed-body', error.message);
    throw error;
  }
}

function offer(
  record: RecordText,
  scan: JsonScan,
  idempotencyKey: string | null,
  limits: RecordLimits,
  admission: Admission,
): void {
  const { text, line } = record;
  if (text === null) {
    admission.reject(line, null, '', record.problem ?? 'cannot be read');
    return;
  }
  // A UTF-16 unit is at least one byte of UTF-8; only what comes near the limit is measured exactly.
  if (text.length * 3 > limits.recordBytes && Buffer.byteLength(text) > limits.recordBytes) {
    admission.reject(line, null, '', `is larger than limits.record_bytes (${limits.recordBytes} bytes)`);
    return;
  }
  let start = 0;
  while (start < text.length && text.charCodeAt(start) <= 0x20) start += 1;
  const isObject = text.charCodeAt(start) === 0x7b;
  if (isObject) {
    scan.scan(text, start);
    if (scan.depth > limits.nestingDepth) {
      admission.reject(line, null, '', `nests deeper than limits.nesting_depth (${limits.nestingDepth})`);
      return;
    }
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    admission.reject(line, null, '', `is not valid JSON: ${(error as Error).message}`);
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
