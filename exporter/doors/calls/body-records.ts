import { RecordProblem } from '../../call/record.js';
import { HttpProblem } from '../../http/problems.js';
import type { RecordFormat } from './content-type.js';
import { findDuplicateKey } from './duplicate-key.js';
import { countKeys, JsonScan, OPEN_ARRAY, OPEN_OBJECT } from './json-scan.js';
import { BodyProblem, BodyText, countLines, jsonSpans, ndjsonSpans, type RecordSpan } from './record-spans.js';

export interface RecordLimits {
  batchRecords: number;
  recordBytes: number;
  nestingDepth: number;
}

/** The records of a body, each parsed when it is asked for. */
export class BodyRecords {
  readonly #body: Buffer;
  readonly #limits: RecordLimits;
  /** null = one a line. */
  readonly #spans: readonly RecordSpan[] | null;
  readonly #texts: BodyText;
  readonly #scan = new JsonScan();

  /** @throws HttpProblem when the body as a whole cannot be taken */
  constructor(body: Buffer, format: RecordFormat, limits: RecordLimits) {
    this.#body = body;
    this.#limits = limits;
    this.#spans = format === 'json' ? spansOf(body, limits.batchRecords) : null;
    // Counted first: a request is taken or refused as a whole.
    if (this.#spans === null && countLines(body, limits.batchRecords) > limits.batchRecords) {
      throw tooMany(limits.batchRecords);
    }
    this.#texts = new BodyText(body);
  }

  /** Where the records stand, in their order. */
  get spans(): Iterable<RecordSpan> {
    return this.#spans ?? ndjsonSpans(this.#body);
  }

  /** Length of the longest record, in bytes. */
  get longest(): number {
    let longest = 0;
    for (const { start, end } of this.spans) longest = Math.max(longest, end - start);
    return longest;
  }

  /** @returns the parsed JSON value, or why the record is refused unread */
  read(span: RecordSpan): unknown {
    const { recordBytes, nestingDepth } = this.#limits;
    const { start, end } = span;
    if (end - start > recordBytes) {
      return new RecordProblem('', `is larger than limits.record_bytes (${recordBytes} bytes)`);
    }
    const body = this.#body;
    const scan = this.#scan;
    const isObject = body[start] === OPEN_OBJECT;
    if (isObject || body[start] === OPEN_ARRAY) {
      scan.scan(body, start, end);
      if (scan.depth > nestingDepth) {
        return new RecordProblem('', `nests deeper than limits.nesting_depth (${nestingDepth})`);
      }
    }
    const text = this.#texts.of(span);
    if (text === null) return new RecordProblem('', 'is not valid UTF-8');
    let raw: unknown;
    try {
      raw = JSON.parse(text);
    } catch (error) {
      const { message } = error as Error;
      const joined = message.startsWith('Unexpected non-whitespace character after JSON')
        ? '; are these several records on one line? curl needs --data-binary for NDJSON, not -d'
        : '';
      return new RecordProblem('', `is not valid JSON: ${message}${joined}`);
    }
    if (isObject && scan.keys !== countKeys(raw)) {
      const message = 'stands twice in the same object; which one counts is not for us to guess';
      return new RecordProblem(findDuplicateKey(text) ?? '', message);
    }
    return raw;
  }
}

function spansOf(body: Buffer, limit: number): readonly RecordSpan[] {
  try {
    const spans = jsonSpans(body, limit);
    if (spans.length > limit) throw tooMany(limit);
    return spans;
  } catch (error) {
    if (error instanceof BodyProblem) throw new HttpProblem('malformed-body', error.message);
    throw error;
  }
}

function tooMany(limit: number): HttpProblem {
  return new HttpProblem(
    'body-too-large',
    `The request holds more than limits.batch_records (${limit}) records. Nothing of it was taken.`,
  );
}
