import { type Call, INFERENCE_TYPES, type InferenceType, PROTOCOLS, type Protocol } from './call.js';
import { boundLabelValue } from './label-value.js';
import { decideOutcome } from './outcome.js';
import { parseTime } from './timestamp.js';
import { readUsage, UsageProblem } from './usage.js';

export /** What labels have where an alert is of all models, or of the whole account. */
const ALL = '*';
const MAX_ID_LENGTH = 128;
/** Longer ones are cut: they are for people to read, and stand in the metadata of each call. */
export const MAX_ERROR_MESSAGE_LENGTH = 16 * 1024;
/** How much of one is searched for secrets: what is kept, and what a secret at its end may take. */
export const SEARCHED_ERROR_MESSAGE_LENGTH = MAX_ERROR_MESSAGE_LENGTH + 16 * 1024;
const MAX_LOG_FIELD_LENGTH = 256;
const MAX_TAGS = 16;
const MAX_TAG_LENGTH = 128;
/** A call record may be so old, and a call so long: 30 days. */
export const MAX_AGE_MS = 30 * 24 * 3600 * 1000;
/** Clocks differ; a call that starts later than this after its arrival has a wrong time. */
export const MAX_AHEAD_MS = 5 * 60 * 1000;

/** Why one record is refused: the field, and what is allowed there. */
export class RecordProblem {
  constructor(
    readonly field: string,
    readonly message: string,
  ) {}
}

/** A record as JSON gives it; every field still unchecked. */
export interface RawRecord {
  id?: unknown;
  time?: unknown;
  workspace_id?: unknown;
  model?: unknown;
  apikey_id?: unknown;
  inference_type?: unknown;
  protocol?: unknown;
  status_code?: unknown;
  error_code?: unknown;
  error_message?: unknown;
  duration_ms?: unknown;
  first_token_ms?: unknown;
  usage?: unknown;
  request?: unknown;
  response?: unknown;
  trace_id?: unknown;
  application?: unknown;
  user?: unknown;
  tags?: unknown;
}

/** Every field of a call record, in the order of the documentation. */
export const RECORD_FIELDS: readonly (keyof RawRecord)[] = [
  'id',
  'time',
  'workspace_id',
  'model',
  'apikey_id',
  'inference_type',
  'protocol',
  'status_code',
  'error_code',
  'error_message',
  'duration_ms',
  'first_token_ms',
  'usage',
  'request',
  'response',
  'trace_id',
  'application',
  'user',
  'tags',
];

const NO_TAGS: readonly string[] = [];

/**
 * Checks one parsed record and works out what needs no configuration: outcome and usage.
 *
 * @param raw any JSON value; `null` fields count as missing
 * @param now ms since the epoch, for the bounds on `time`
 * @returns the call, with an empty id, workspace and key and `NaN` as time where the record has none,
 *   and without cost; or the first problem
 */
export function readRecord(raw: unknown, now: number): Call | RecordProblem {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return new RecordProblem('', `must be a JSON object, not ${describe(raw)}`);
  }
  const record = raw as RawRecord;

  const model = record.model;
  if (model === undefined || model === null || model === '') {
    return new RecordProblem('model', 'is missing: name the model as it was requested');
  }
  if (typeof model !== 'string') return notText('model', model);
  if (model === ALL)
    return new RecordProblem('model', 'must not be "*", which stands for all models in alerts: name the model');

  const id = record.id ?? '';
  if (typeof id !== 'string') return notText('id', id);
  if (id === '' && record.id === '') return new RecordProblem('id', `must have 1 to ${MAX_ID_LENGTH} characters`);
  if (id.length > MAX_ID_LENGTH) {
    return new RecordProblem('id', `must have 1 to ${MAX_ID_LENGTH} characters, not ${id.length}`);
  }
  if (!id.isWellFormed()) return notUnicode('id');

  let time = Number.NaN;
  if (record.time !== undefined && record.time !== null) {
    time = parseTime(record.time);
    const problem = checkTime(time, record.time, now);
    if (problem !== null) return problem;
  }

  const workspace = record.workspace_id ?? '';
  if (typeof workspace !== 'string') return notText('workspace_id', workspace);
  if (workspace === ALL) {
    return new RecordProblem(
      'workspace_id',
      'must not be "*", which stands for the whole account in quotas and alerts',
    );
  }
  const apikey = record.apikey_id ?? '';
  if (typeof apikey !== 'string') return notText('apikey_id', apikey);

  const inferenceType = record.inference_type ?? 'realtime';
  if (inferenceType !== 'realtime' && inferenceType !== 'batch') {
    return notOneOf('inference_type', INFERENCE_TYPES, inferenceType);
  }

  const durationUs = readMilliseconds(record.duration_ms);
  if (durationUs === INVALID) return notMilliseconds('duration_ms', record.duration_ms);
  const firstTokenUs = readMilliseconds(record.first_token_ms);
  if (firstTokenUs === INVALID) return notMilliseconds('first_token_ms', record.first_token_ms);
  if (firstTokenUs !== null && durationUs !== null && firstTokenUs > durationUs) {
    return new RecordProblem(
      'first_token_ms',
      `must not exceed duration_ms (${record.duration_ms}), but is ${record.first_token_ms}`,
    );
  }

  const protocol = record.protocol ?? (firstTokenUs === null ? 'HTTP' : 'SSE');
  if (protocol !== 'HTTP' && protocol !== 'SSE' && protocol !== 'WS') return notOneOf('protocol', PROTOCOLS, protocol);
  if (protocol === 'HTTP' && firstTokenUs !== null) {
    return new RecordProblem('first_token_ms', 'belongs to streamed calls (protocol SSE or WS); this one says HTTP');
  }

  const errorCode = record.error_code ?? '';
  if (typeof errorCode !== 'string') return notText('error_code', errorCode);
  if (errorCode !== '' && !errorCode.isWellFormed()) return notUnicode('error_code');
  const errorMessage = record.error_message ?? '';
  if (typeof errorMessage !== 'string') return notText('error_message', errorMessage);

  const statusCode = record.status_code ?? (errorCode === '' ? 200 : 500);
  if (typeof statusCode !== 'number' || !Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
    return new RecordProblem('status_code', `must be a whole number from 100 to 599, not ${describe(statusCode)}`);
  }
  const decision = decideOutcome(statusCode, errorCode);

  const usage = record.usage === undefined || record.usage === null ? null : readUsage(record.usage);
  if (usage instanceof UsageProblem) return new RecordProblem(usage.field, usage.message);

  const traceId = record.trace_id ?? '';
  if (typeof traceId !== 'string' || traceId.length > MAX_LOG_FIELD_LENGTH) return notShort('trace_id', traceId);
  const application = record.application ?? '';
  if (typeof application !== 'string' || application.length > MAX_LOG_FIELD_LENGTH) {
    return notShort('application', application);
  }
  const user = record.user ?? '';
  if (typeof user !== 'string' || user.length > MAX_LOG_FIELD_LENGTH) return notShort('user', user);
  const tags = record.tags ?? NO_TAGS;
  if (tags !== NO_TAGS) {
    const problem = checkTags(tags);
    if (problem !== null) return problem;
  }

  return {
    id,
    time,
    workspace,
    model,
    apikey,
    inferenceType: inferenceType as InferenceType,
    protocol: protocol as Protocol,
    statusCode,
    outcome: decision.outcome,
    failure: decision.failure,
    errorCode: boundLabelValue(errorCode),
    errorMessage: cutErrorMessage(errorMessage),
    durationUs,
    firstTokenUs,
    usage,
    cost: null,
    unpriced: false,
    late: false,
    monitoring: 'advanced',
    traceId,
    application,
    user,
    tags: tags as readonly string[],
    logs: 'audit',
    withheld: '',
    redacted: null,
  };
}

/** The record's own id, for answers about records that are refused; null where it has none. */
export function idOf(raw: unknown): string | null {
  const id = typeof raw === 'object' && raw !== null ? (raw as RawRecord).id : null;
  return typeof id === 'string' && id !== '' ? id.slice(0, MAX_ID_LENGTH).toWellFormed() : null;
}

/** As much of an error message as is kept. A surrogate pair cut in two would not be text. */
export function cutErrorMessage(message: string): string {
  if (message.length <= MAX_ERROR_MESSAGE_LENGTH) return message;
  const last = message.charCodeAt(MAX_ERROR_MESSAGE_LENGTH - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return message.slice(0, splits ? MAX_ERROR_MESSAGE_LENGTH - 1 : MAX_ERROR_MESSAGE_LENGTH);
}

const INVALID = -1;

/** Whole microseconds; null where there is no value, INVALID where it is not allowed. */
function readMilliseconds(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !(value >= 0) || value > MAX_AGE_MS) return INVALID;
  return Math.round(value * 1000);
}

function checkTime(time: number, found: unknown, now: number): RecordProblem | null {
  if (Number.isNaN(time)) {
    return new RecordProblem(
      'time',
      `must be an RFC 3339 time such as "2026-01-31T08:15:30.123Z" or milliseconds since 1970, not ${describe(found)}`,
    );
  }
  if (time < now - MAX_AGE_MS) {
    const seconds =
      typeof found === 'number' && found > 1e8 && found < 1e10 ? '; is it in seconds? Milliseconds are expected' : '';
    return new RecordProblem('time', `is more than 30 days ago (${iso(time)})${seconds}`);
  }
  if (time > now + MAX_AHEAD_MS) {
    return new RecordProblem(
      'time',
      `is more than 5 minutes ahead of this server's clock (${iso(time)}); check both clocks`,
    );
  }
  return null;
}

function iso(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}

function checkTags(tags: unknown): RecordProblem | null {
  if (!Array.isArray(tags)) return new RecordProblem('tags', `must be a list of strings, not ${describe(tags)}`);
  if (tags.length > MAX_TAGS) {
    return new RecordProblem('tags', `must have at most ${MAX_TAGS} entries, not ${tags.length}`);
  }
  for (const [index, tag] of tags.entries()) {
    if (typeof tag !== 'string' || tag.length > MAX_TAG_LENGTH) {
      return new RecordProblem(`tags[${index}]`, `must be a string of at most ${MAX_TAG_LENGTH} characters`);
    }
  }
  return null;
}

function notText(field: string, found: unknown): RecordProblem {
  return new RecordProblem(field, `must be a string, not ${describe(found)}`);
}

function notShort(field: string, found: unknown): RecordProblem {
  if (typeof found !== 'string') return notText(field, found);
  return new RecordProblem(field, `must have at most ${MAX_LOG_FIELD_LENGTH} characters, not ${found.length}`);
}

/** A lone surrogate is valid in JSON and in no label value, log line or UTF-8 text. */
export function notUnicode(field: string): RecordProblem {
  return new RecordProblem(field, 'holds half of a surrogate pair (\\ud800 to \\udfff), which is not text');
}

function notOneOf(field: string, allowed: readonly string[], found: unknown): RecordProblem {
  return new RecordProblem(field, `must be ${allowed.join(' or ')}, not ${describe(found)}`);
}

function notMilliseconds(field: string, found: unknown): RecordProblem {
  return new RecordProblem(field, `must be milliseconds from 0 to ${MAX_AGE_MS} (30 days), not ${describe(found)}`);
}

/** What was found, short enough for an answer. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') {
    return value.length > 60 ? `a string of ${value.length} characters` : JSON.stringify(value.toWellFormed());
  }
  return String(value);
}
