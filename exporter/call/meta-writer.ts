import {
  type Call,
  FAILURES,
  INFERENCE_TYPES,
  OUTCOMES,
  PROTOCOLS,
  USAGE_TYPES,
  type Usage,
  type UsageType,
} from './call.js';

/** The part of the meta that many calls share, as bytes; made once for each workspace, model and key. */
export function encodeLabels(workspace: string, model: string, apikey: string): Uint8Array {
  return Buffer.from(
    `,"workspace_id":${JSON.stringify(workspace)},"model":${JSON.stringify(model)},"apikey_id":${JSON.stringify(apikey)}`,
  );
}

/**
 * Writes the meta of a call as bytes, without a string in between: this runs once a record, and joining,
 * flattening and encoding a string of 300 characters takes twice as long as everything else it does.
 */
export class MetaWriter {
  #call!: Call;
  #labels!: Uint8Array;

  /** @param labels what {@link encodeLabels} makes of the call's workspace, model and key */
  of(call: Call, labels: Uint8Array): this {
    this.#call = call;
    this.#labels = labels;
    return this;
  }

  /** No more bytes than this are written. */
  get bound(): number {
    const call = this.#call;
    let units = call.id.length + call.errorCode.length + call.errorMessage.length;
    units += call.traceId.length + call.application.length + call.user.length + call.withheld.length;
    for (const tag of call.tags) units += tag.length + 1;
    // A count takes a few digits, its quotes and its commas.
    if (call.redacted !== null) for (const name in call.redacted) units += name.length + 5;
    // A UTF-16 unit takes 6 bytes at most, as \u0000; the names and numbers around take less than 1,500.
    return this.#labels.length + units * 6 + 1500;
  }

  /** @returns the offset behind the last byte */
  write(buffer: Buffer, start: number): number {
    const call = this.#call;
    let at = putText(buffer, put(buffer, start, ID), call.id);
    at = putNumber(buffer, put(buffer, at, TIME), call.time);
    at = put(buffer, at, this.#labels);
    at = put(buffer, at, INFERENCE_TYPE[call.inferenceType]);
    at = put(buffer, at, PROTOCOL[call.protocol]);
    at = putNumber(buffer, put(buffer, at, STATUS_CODE), call.statusCode);
    at = put(buffer, at, OUTCOME[call.outcome]);
    if (call.failure !== null) at = put(buffer, at, FAILURE[call.failure]);
    if (call.errorCode !== '') at = putText(buffer, put(buffer, at, ERROR_CODE), call.errorCode);
    if (call.errorMessage !== '') at = putText(buffer, put(buffer, at, ERROR_MESSAGE), call.errorMessage);
    if (call.durationUs !== null) at = putNumber(buffer, put(buffer, at, DURATION), call.durationUs);
    if (call.firstTokenUs !== null) at = putNumber(buffer, put(buffer, at, FIRST_TOKEN), call.firstTokenUs);
    if (call.usage !== null) at = putUsage(buffer, at, call.usage);
    if (call.cost !== null) {
      at = putText(buffer, put(buffer, at, CURRENCY), call.cost.currency);
      at = putNumber(buffer, put(buffer, at, NANO), call.cost.nano);
      buffer[at++] = CLOSE;
    }
    if (call.unpriced) at = put(buffer, at, UNPRICED);
    if (call.late) at = put(buffer, at, LATE);
    if (call.monitoring === 'basic') at = put(buffer, at, BASIC);
    if (call.traceId !== '') at = putText(buffer, put(buffer, at, TRACE_ID), call.traceId);
    if (call.application !== '') at = putText(buffer, put(buffer, at, APPLICATION), call.application);
    if (call.user !== '') at = putText(buffer, put(buffer, at, USER), call.user);
    if (call.tags.length > 0) at += buffer.write(`,"tags":${JSON.stringify(call.tags)}`, at);
    if (call.logs !== 'audit') at = put(buffer, at, call.logs === 'none' ? NO_LOGS : INFERENCE_LOG);
    if (call.withheld !== '') at = putText(buffer, put(buffer, at, WITHHELD), call.withheld);
    if (call.redacted !== null) at += buffer.write(`,"redacted":${JSON.stringify(call.redacted)}`, at);
    buffer[at++] = CLOSE;
    return at;
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;
const ZERO = 0x30;

const bytes = (text: string): Uint8Array => Buffer.from(text);
const byName = <Name extends string>(names: readonly Name[], field: string): { [N in Name]: Uint8Array } =>
  Object.fromEntries(names.map((name) => [name, bytes(`,"${field}":"${name}"`)])) as { [N in Name]: Uint8Array };

const ID = bytes('{"id":');
const TIME = bytes(',"time":');
const INFERENCE_TYPE = byName(INFERENCE_TYPES, 'inference_type');
const PROTOCOL = byName(PROTOCOLS, 'protocol');
const STATUS_CODE = bytes(',"status_code":');
const OUTCOME = byName(OUTCOMES, 'outcome');
const FAILURE = byName(FAILURES, 'failure');
const ERROR_CODE = bytes(',"error_code":');
const ERROR_MESSAGE = bytes(',"error_message":');
const DURATION = bytes(',"duration_us":');
const FIRST_TOKEN = bytes(',"first_token_us":');
const TOTAL_TOKENS = bytes(',"usage":{"total_tokens":');
const INPUT_TOKENS = bytes(',"input_tokens":');
const OUTPUT_TOKENS = bytes(',"output_tokens":');
/** Those that stand there only when there are any. */
const OTHER = byUsageType();
const CURRENCY = bytes(',"cost":{"currency":');
const NANO = bytes(',"nano":');
const UNPRICED = bytes(',"unpriced":true');
const LATE = bytes(',"late":true');
const BASIC = bytes(',"monitoring":"basic"');
const TRACE_ID = bytes(',"trace_id":');
const APPLICATION = bytes(',"application":');
const USER = bytes(',"user":');
const NO_LOGS = bytes(',"logs":"none"');
const INFERENCE_LOG = bytes(',"logs":"inference"');
const WITHHELD = bytes(',"withheld":');

function put(buffer: Buffer, at: number, piece: Uint8Array): number {
  const length = piece.length;
  for (let i = 0; i < length; i += 1) buffer[at + i] = piece[i]!;
  return at + length;
}

/** A JSON string. Nearly every one is short printable ASCII with nothing to escape. */
function putText(buffer: Buffer, at: number, text: string): number {
  const length = text.length;
  if (length > 200) return at + buffer.write(JSON.stringify(text), at);
  buffer[at] = QUOTE;
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e || code === QUOTE || code === BACKSLASH) {
      return at + buffer.write(JSON.stringify(text), at);
    }
    buffer[at + 1 + i] = code;
  }
  buffer[at + 1 + length] = QUOTE;
  return at + length + 2;
}

/** A whole number from 0 to 2^53, or anything else as JSON has it. */
function putNumber(buffer: Buffer, at: number, value: number): number {
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER) || value % 1 !== 0) return at + buffer.write(String(value), at);
  let end = at;
  // In 32 bits digits cost half of what they do in doubles.
  let rest = value;
  if (value >= 1e9) {
    const high = Math.floor(value / 1e9);
    end = putNumber(buffer, at, high);
    rest = value - high * 1e9;
    let low = rest | 0;
    for (let i = end + 8; i >= end; i -= 1) {
      const next = (low / 10) | 0;
      buffer[i] = ZERO + low - next * 10;
      low = next;
    }
    return end + 9;
  }
  let low = rest | 0;
  do {
    end += 1;
    low = (low / 10) | 0;
  } while (low !== 0);
  low = rest | 0;
  for (let i = end - 1; i >= at; i -= 1) {
    const next = (low / 10) | 0;
    buffer[i] = ZERO + low - next * 10;
    low = next;
  }
  return end;
}

function putUsage(buffer: Buffer, start: number, usage: Usage): number {
  let at = putNumber(buffer, put(buffer, start, TOTAL_TOKENS), usage.total_tokens);
  at = putNumber(buffer, put(buffer, at, INPUT_TOKENS), usage.input_tokens);
  at = putNumber(buffer, put(buffer, at, OUTPUT_TOKENS), usage.output_tokens);
  // Written out: a loop over the names reads each field through a slow keyed load.
  at = putOther(buffer, at, OTHER.cache_tokens, usage.cache_tokens);
  at = putOther(buffer, at, OTHER.cache_write_tokens, usage.cache_write_tokens);
  at = putOther(buffer, at, OTHER.reasoning_tokens, usage.reasoning_tokens);
  at = putOther(buffer, at, OTHER.image_tokens, usage.image_tokens);
  at = putOther(buffer, at, OTHER.audio_tokens, usage.audio_tokens);
  at = putOther(buffer, at, OTHER.video_tokens, usage.video_tokens);
  at = putOther(buffer, at, OTHER.image_count, usage.image_count);
  at = putOther(buffer, at, OTHER.audio_count, usage.audio_count);
  at = putOther(buffer, at, OTHER.video_count, usage.video_count);
  at = putOther(buffer, at, OTHER.duration, usage.duration);
  at = putOther(buffer, at, OTHER.characters, usage.characters);
  at = putOther(buffer, at, OTHER.times, usage.times);
  buffer[at++] = CLOSE;
  return at;
}

function putOther(buffer: Buffer, at: number, name: Uint8Array, value: number): number {
  return value === 0 ? at : putNumber(buffer, put(buffer, at, name), value);
}

function byUsageType(): { [Type in UsageType]: Uint8Array } {
  return Object.fromEntries(USAGE_TYPES.map((type) => [type, bytes(`,"${type}":`)])) as {
    [Type in UsageType]: Uint8Array;
  };
}
