import { retryAfterMs } from './retry-after.js';

/** What came back for a push. */
export interface Answer {
  readonly status: number;
  /** The `Retry-After` header as it came. */
  readonly retryAfter: string | undefined;
  /** Loki's message, or whatever stands before it said. */
  readonly body: string;
}

/** The answers told apart in metrics. */
export const ANSWER_CLASSES = [
  'stored',
  'refused',
  'blocked',
  'rate_limited',
  'too_many_streams',
  'too_large',
  'server_error',
  'unavailable',
  'no_answer',
  'unauthorized',
  'misconfigured',
] as const;

export type AnswerClass = (typeof ANSWER_CLASSES)[number];

/** What an answer means for the entries that were sent. */
export type Verdict = { readonly answer: AnswerClass } & (
  | { readonly kind: 'stored' }
  /** Some of the entries, or all; those that were valid have been stored. `known` = Loki says this of entries. */
  | { readonly kind: 'refused'; readonly reason: string; readonly known: boolean }
  /** As many at once will never do. */
  | { readonly kind: 'too-large'; readonly reason: string }
  /** The stream is new and there may be no more. */
  | { readonly kind: 'too-many-streams'; readonly trouble: string; readonly waitMs: number }
  /**
   * The same again, later. `fitsBytes` = what may go at once at most, where the answer says so; `smaller` = should it come to this
   * again and again, less may do.
   */
  | {
      readonly kind: 'again';
      readonly trouble: string;
      readonly waitMs: number;
      readonly fitsBytes: number | null;
      readonly smaller: boolean;
    }
  /** The same again, when somebody has put right what is wrong. */
  | { readonly kind: 'misconfigured'; readonly trouble: string }
);

/** What Loki says of single entries and streams (pkg/validation/validate.go, pkg/ingester/stream.go, pkg/chunkenc). */
const ABOUT_ENTRIES = [
  /has timestamp too (old|new)/,
  /entry too far behind|entry out of order/,
  /max entry size '\d+' bytes exceeded/,
  /has structured metadata too large|has too many structured metadata labels/,
  /(error parsing|couldn't parse) labels|has \d+ label names; limit|has label (name|value) too long|has duplicate label name/,
  /at least one label pair is required|at least one valid stream is required/,
];

/** Refusals that would meet whatever is sent: the entries are good. */
const ABOUT_SETTINGS: readonly (readonly [RegExp, string])[] = [
  [
    /includes structured metadata, but this feature is disallowed/,
    'Set limits_config.allow_structured_metadata: true in Loki, with schema v13.',
  ],
  [/missing required labels/, "Take them off Loki's limits_config.enforced_labels for this tenant."],
  [/^(no org id|multiple org IDs|tenant ID)/, 'Loki keeps tenants apart here (auth_enabled): name one that it takes.'],
];

const BLOCKED = /ingestion blocked for user/;
/** In gRPC between Loki's parts. */
const LARGER_THAN_MAX = /larger than max/;
/** What its distributor says of a whole push, with status 400. */
const BODY_TOO_LARGE = /message size too large than max/;
/** Not `__time_shard__`, which every stream has where time sharding is on: of these there are as many as labels of ours. */
const SHARD_BY_RATE = /__stream_shard__=/;
/** What Loki's messages about itself are known by (pkg/validation, pkg/distributor, dskit's ring and limiter). */
const LOKIS_WORDS =
  /^(ingestion (blocked|rate limit)|maximum active stream limit|per.stream rate limit|per-user streams limit|entry with timestamp .* ignored|at least \d+ live replicas|too many unhealthy instances|empty +ring|no org id|multiple org IDs|circuit breaker open|404 page not found|context (canceled|deadline exceeded)|Ingester is shutting down)/i;
const STREAM_LIMIT = /maximum active stream limit|per-user streams limit/i;

/**
 * Reads an answer. Knows nothing of what was sent, so that each row of the table is a case of its own.
 * @param where Loki's address as it is shown to the user
 * @param now ms since the epoch, for a `Retry-After` that is a date
 */
export function classify(answer: Answer, where: string, now: number): Verdict {
  const { status, body } = answer;
  if (status === 204) return { kind: 'stored', answer: 'stored' };
  const waitMs = retryAfterMs(answer.retryAfter, now);
  // The status is for Loki's operator to choose (block_ingestion_status_code): 260 unless told otherwise.
  if (status === 260 || BLOCKED.test(body)) {
    const trouble = `${where} takes nothing of this tenant for now (${status}${quoted(body)}). What comes is kept until it does.`;
    return { kind: 'again', answer: 'blocked', trouble, waitMs, fitsBytes: null, smaller: false };
  }
  if (
    status === 413 ||
    (status === 400 && BODY_TOO_LARGE.test(body)) ||
    (status >= 500 && LARGER_THAN_MAX.test(body))
  ) {
    return { kind: 'too-large', answer: 'too_large', reason: reasonOf(answer) };
  }
  if (status === 400 || status === 422) return refusal(answer, where);
  if (status === 429 || STREAM_LIMIT.test(body)) return limit(answer, where, waitMs);
  if (status >= 500 || status === 408 || status === 425) {
    const trouble = `${where} answered ${status}${quoted(body)}. Trying again.`;
    const cause = status === 500 ? 'server_error' : 'unavailable';
    return { kind: 'again', answer: cause, trouble, waitMs, fitsBytes: null, smaller: false };
  }
  const cause = status === 401 || status === 403 ? 'unauthorized' : 'misconfigured';
  return {
    kind: 'misconfigured',
    answer: cause,
    trouble: `${where} answered ${status}${quoted(body)}. ${advice(status, body)}`,
  };
}

function refusal(answer: Answer, where: string): Verdict {
  const { status, body } = answer;
  for (const [words, advice] of ABOUT_SETTINGS) {
    const found = words.exec(body);
    if (found === null) continue;
    // Only the words that we know: a message about what could not be read quotes what was sent.
    const trouble = `${where} refuses every entry (${status}: ${found[0]}). ${advice}`;
    return { kind: 'misconfigured', answer: 'misconfigured', trouble };
  }
  const known = ABOUT_ENTRIES.some((words) => words.test(body));
  return { kind: 'refused', answer: 'refused', reason: reasonOf(answer), known };
}

function limit(answer: Answer, where: string, waitMs: number): Verdict {
  const { status, body } = answer;
  if (STREAM_LIMIT.test(body)) {
    const trouble = `${where} takes no more streams of this tenant (${status}${quoted(body)}).`;
    // Those that Loki makes of ours by rate go away by themselves, and are as many whatever our labels are.
    if (SHARD_BY_RATE.test(body)) {
      return { kind: 'again', answer: 'too_many_streams', trouble, waitMs, fitsBytes: null, smaller: false };
    }
    return { kind: 'too-many-streams', answer: 'too_many_streams', trouble, waitMs };
  }
  const trouble = `${where} takes no more at this rate (${status}${quoted(body)}). Trying again, more slowly.`;
  const fitsBytes = bytesIn(body);
  return { kind: 'again', answer: 'rate_limited', trouble, waitMs, fitsBytes, smaller: true };
}

/** A limit that Loki names: `limit: 4194304 bytes/sec`, of a stream `limit: 3MB/sec` (1 MB = 1024 × 1024 bytes). */
function bytesIn(message: string): number | null {
  const found = /limit: (\d{1,12}(?:\.\d+)?) ?(bytes|[KMGT]?B)\/sec/.exec(message);
  if (found === null) return null;
  const power = found[2] === 'bytes' ? 0 : ' KMGT'.indexOf(found[2]!.length === 2 ? found[2]![0]! : ' ');
  return Math.floor(Number(found[1]) * 1024 ** power);
}

function advice(status: number, body: string): string {
  const setting = ABOUT_SETTINGS.find(([words]) => words.test(body));
  if (setting !== undefined) return setting[1];
  if (status === 401) return 'It wants a user and password, a token, or a tenant: see loki in the configuration.';
  if (status === 403) return 'This user or token may not write there, or not for this tenant.';
  if (status >= 300 && status < 400) return 'Redirects are not followed: give the address itself.';
  if (status < 300) return 'Loki says 204 when it has stored what it was sent. Is that a Loki?';
  return 'Is that a Loki, and is the path right? It takes logs at /loki/api/v1/push.';
}

/** Loki's own words, to the letter, where there are any. */
function reasonOf({ status, body }: Answer): string {
  return body.trim() === '' ? `status ${status}` : body.trimEnd();
}

/** The first line, for a sentence. Not for a 400: what could not be read is quoted there. */
function quoted(body: string): string {
  const line = withoutControls(body.trim().split(/[\r\n]/, 1)[0]!);
  // Whatever else answers may give back what it was sent: content, or who we are.
  return LOKIS_WORDS.test(line) ? `: ${line.slice(0, 300)}` : '';
}

function withoutControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they have no place in a log line
  return text.replace(/[\u0000-\u001f\u007f]/g, ' ');
}
