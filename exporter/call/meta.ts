import {
  type Call,
  FAILURES,
  type Failure,
  INFERENCE_TYPES,
  type InferenceType,
  OUTCOMES,
  type Outcome,
  PROTOCOLS,
  type Protocol,
  USAGE_TYPES,
  type Usage,
} from './call.js';

/**
 * The meta of a call's frame: JSON with the names of the call record, `_us` and `nano` where whole
 * microseconds and billionths stand instead of ms and money. Frozen with frame format version 1: fields
 * may be added, none may change its meaning.
 */

/** The part of the meta that many calls share; made once for each workspace, model and key. */
export function encodeLabels(workspace: string, model: string, apikey: string): string {
  return `"workspace_id":${JSON.stringify(workspace)},"model":${JSON.stringify(model)},"apikey_id":${JSON.stringify(apikey)}`;
}

/**
 * @param labels what {@link encodeLabels} makes of the call's workspace, model and key
 */
export function encodeMeta(call: Call, labels: string): string {
  let meta = `{"id":${quote(call.id)},"time":${call.time},${labels},"inference_type":"${call.inferenceType}","protocol":"${
    call.protocol
  }","status_code":${call.statusCode},"outcome":"${call.outcome}"`;
  if (call.failure !== null) meta += `,"failure":"${call.failure}"`;
  if (call.errorCode !== '') meta += `,"error_code":${quote(call.errorCode)}`;
  if (call.errorMessage !== '') meta += `,"error_message":${quote(call.errorMessage)}`;
  if (call.durationUs !== null) meta += `,"duration_us":${call.durationUs}`;
  if (call.firstTokenUs !== null) meta += `,"first_token_us":${call.firstTokenUs}`;
  if (call.usage !== null) meta += encodeUsage(call.usage);
  if (call.cost !== null) meta += `,"cost":{"currency":"${call.cost.currency}","nano":${call.cost.nano}}`;
  if (call.unpriced) meta += ',"unpriced":true';
  if (call.late) meta += ',"late":true';
  if (call.traceId !== '') meta += `,"trace_id":${quote(call.traceId)}`;
  if (call.application !== '') meta += `,"application":${quote(call.application)}`;
  if (call.user !== '') meta += `,"user":${quote(call.user)}`;
  if (call.tags.length > 0) meta += `,"tags":${JSON.stringify(call.tags)}`;
  return `${meta}}`;
}

function encodeUsage(usage: Usage): string {
  let json = `,"usage":{"total_tokens":${usage.total_tokens},"input_tokens":${usage.input_tokens},"output_tokens":${usage.output_tokens}`;
  for (let i = 3; i < USAGE_TYPES.length; i += 1) {
    const type = USAGE_TYPES[i]!;
    if (usage[type] !== 0) json += `,"${type}":${usage[type]}`;
  }
  return `${json}}`;
}

/** JSON.stringify for strings, without the call where nothing needs escaping, as in nearly every id. */
function quote(text: string): string {
  if (text.length > 64) return JSON.stringify(text);
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x22 || code === 0x5c || code > 0x7e) return JSON.stringify(text);
  }
  return `"${text}"`;
}

interface Meta {
  id: string;
  time: number;
  workspace_id: string;
  model: string;
  apikey_id: string;
  inference_type: string;
  protocol: string;
  status_code: number;
  outcome: string;
  failure?: string;
  error_code?: string;
  error_message?: string;
  duration_us?: number;
  first_token_us?: number;
  usage?: Partial<Usage>;
  cost?: { currency: string; nano: number };
  unpriced?: boolean;
  late?: boolean;
  trace_id?: string;
  application?: string;
  user?: string;
  tags?: string[];
}

/**
 * The call that {@link encodeMeta} wrote.
 * @throws SyntaxError, RangeError on anything else: the checksum of a frame is right and its meta is not
 */
export function decodeMeta(json: string): Call {
  const meta = JSON.parse(json) as Meta;
  return {
    id: meta.id,
    time: meta.time,
    workspace: meta.workspace_id,
    model: meta.model,
    apikey: meta.apikey_id,
    inferenceType: known<InferenceType>(INFERENCE_TYPES, meta.inference_type),
    protocol: known<Protocol>(PROTOCOLS, meta.protocol),
    statusCode: meta.status_code,
    outcome: known<Outcome>(OUTCOMES, meta.outcome),
    failure: meta.failure === undefined ? null : known<Failure>(FAILURES, meta.failure),
    errorCode: meta.error_code ?? '',
    errorMessage: meta.error_message ?? '',
    durationUs: meta.duration_us ?? null,
    firstTokenUs: meta.first_token_us ?? null,
    usage: meta.usage === undefined ? null : decodeUsage(meta.usage),
    cost: meta.cost ?? null,
    unpriced: meta.unpriced ?? false,
    late: meta.late ?? false,
    traceId: meta.trace_id ?? '',
    application: meta.application ?? '',
    user: meta.user ?? '',
    tags: meta.tags ?? [],
  };
}

function known<Value extends string>(values: readonly Value[], found: string): Value {
  const index = values.indexOf(found as Value);
  if (index === -1)
    throw new RangeError(`A frame says ${JSON.stringify(found)} where one of ${values.join(', ')} belongs`);
  return values[index]!;
}

function decodeUsage(usage: Partial<Usage>): Usage {
  return {
    total_tokens: usage.total_tokens ?? 0,
    input_tokens: usage.input_tokens ?? 0,
    output_tokens: usage.output_tokens ?? 0,
    cache_tokens: usage.cache_tokens ?? 0,
    cache_write_tokens: usage.cache_write_tokens ?? 0,
    reasoning_tokens: usage.reasoning_tokens ?? 0,
    image_tokens: usage.image_tokens ?? 0,
    audio_tokens: usage.audio_tokens ?? 0,
    video_tokens: usage.video_tokens ?? 0,
    image_count: usage.image_count ?? 0,
    audio_count: usage.audio_count ?? 0,
    video_count: usage.video_count ?? 0,
    duration: usage.duration ?? 0,
    characters: usage.characters ?? 0,
    times: usage.times ?? 0,
  };
}
