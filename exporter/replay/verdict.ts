import type { Receipt, Rejection } from '../doors/intake.js';
import { PROBLEM_TYPE_PREFIX } from '../http/problems.js';
import type { BatchLimits } from './batch.js';
import type { Answer } from './exporter-client.js';

/** What to do after one attempt to send a batch. */
export type Verdict =
  /** Every record has been dealt with. */
  | { kind: 'taken'; receipt: Receipt }
  /** Send the same bytes again, no sooner than after `waitMs`; `urgent` = without somebody's help it will not do. */
  | { kind: 'again'; reason: string; waitMs: number; urgent: boolean }
  | { kind: 'too-large'; reason: string; limits: Partial<BatchLimits> }
  /** No batch will fare better. */
  | { kind: 'stop'; reason: string };

/** 500 among them: the exporter's own help for it is to send the request again. */
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Reads an answer.
 * @param records how many were sent: an answer that does not account for each of them is not believed
 * @param now ms since the epoch, for a `Retry-After` that is a date
 */
export function verdictOf(answer: Answer, records: number, where: string, now: number): Verdict {
  const { status } = answer;
  const content = parse(answer.body);
  const receipt = receiptIn(content);
  if (receipt !== null && (status === 202 || status === 400)) {
    const { accepted, duplicates, rejected } = receipt;
    const answered = accepted + duplicates + rejected.length;
    if (answered === records && rejected.every(({ index }) => index < records)) return { kind: 'taken', receipt };
    const reason = `${where} answered for ${answered} records of ${records}. Is that an exporter of this version?`;
    return { kind: 'stop', reason };
  }
  const said = told(status, content);
  if (PASSING.has(status)) {
    return {
      kind: 'again',
      reason: `${where} answered ${said}`,
      waitMs: waitOf(answer.retryAfter, now),
      urgent: false,
    };
  }
  if (status === 413)
    return { kind: 'too-large', reason: detailOf(content) ?? 'is too large', limits: limitIn(content) };
  return { kind: 'stop', reason: `${where} answered ${said}${adviceFor(status)}` };
}

function adviceFor(status: number): string {
  if (status === 401) return ' Give one of the tokens of auth.tokens with --token-file FILE.';
  if (status === 403) return ' Give a token with the scope "ingest" with --token-file FILE.';
  if (status >= 300 && status < 400) return ' Redirects are not followed: give the address itself with --url.';
  if (status === 400) return '';
  return ' Is that an exporter? Give its address with --url.';
}

/** Status and detail, as a sentence. */
function told(status: number, content: unknown): string {
  const detail = detailOf(content);
  if (detail === null) return `${status}.`;
  return `${status}: ${detail.endsWith('.') ? detail : `${detail}.`}`;
}

function detailOf(content: unknown): string | null {
  return isObject(content) && typeof content.detail === 'string' ? content.detail.slice(0, 500) : null;
}

/** What our own exporter says of its limits; others only say that it was too much. */
function limitIn(content: unknown): Partial<BatchLimits> {
  if (!isObject(content) || content.type !== `${PROBLEM_TYPE_PREFIX}body-too-large`) return {};
  const [, key, number] = /limits\.(body_bytes|decompressed_bytes|batch_records) \((\d{1,15})\b/.exec(
    String(content.detail),
  ) ?? [null, '', ''];
  if (number === '' || number === '0') return {};
  return key === 'batch_records' ? { records: Number(number) } : { bytes: Number(number) };
}

/** RFC 9110: seconds or a date. What is neither counts for nothing. */
function waitOf(retryAfter: string | undefined, now: number): number {
  if (retryAfter === undefined) return 0;
  if (/^\s*\d{1,9}\s*$/.test(retryAfter)) return Number(retryAfter) * 1000;
  // Date.parse takes much that is no date: -1 is a year to it.
  const date = /^[A-Z][a-z]{2}, /.test(retryAfter) ? Date.parse(retryAfter) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return null;
  }
}

function receiptIn(content: unknown): Receipt | null {
  if (!isObject(content)) return null;
  const { accepted, duplicates, late, rejected, ignored } = content;
  if (!isCount(accepted) || !isCount(duplicates) || !isCount(late) || !Array.isArray(rejected)) return null;
  if (!rejected.every(isRejection)) return null;
  const names = Array.isArray(ignored) ? ignored.filter((name) => typeof name === 'string') : [];
  return { accepted, duplicates, late, rejected, ...(names.length > 0 && { ignored: names }) };
}

function isRejection(value: unknown): value is Rejection {
  return (
    isObject(value) && isCount(value.index) && typeof value.field === 'string' && typeof value.message === 'string'
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
