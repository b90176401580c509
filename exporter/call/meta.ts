import {
  CALL_LOGS,
  type Call,
  type CallLogs,
  FAILURES,
  type Failure,
  INFERENCE_TYPES,
  type InferenceType,
  MONITORING,
  type Monitoring,
  OUTCOMES,
  type Outcome,
  PROTOCOLS,
  type Protocol,
  type Usage,
} from './call.js';

/**
 * The meta of a call's frame: JSON with the names of the call record, `_us` and `nano` where whole
 * microseconds and billionths stand instead of ms and money. Frozen with frame format version 1: fields
 * may be added, none may change its meaning.
 */

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
  monitoring?: string;
  trace_id?: string;
  application?: string;
  user?: string;
  tags?: string[];
  logs?: string;
  withheld?: string;
  redacted?: Record<string, number>;
}

/**
 * The call that `MetaWriter` wrote.
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
    // Every call, until there was a second mode.
    monitoring: known<Monitoring>(MONITORING, meta.monitoring ?? 'advanced'),
    traceId: meta.trace_id ?? '',
    application: meta.application ?? '',
    user: meta.user ?? '',
    tags: meta.tags ?? [],
    // Every call, until there were logs.
    logs: known<CallLogs>(CALL_LOGS, meta.logs ?? 'audit'),
    withheld: meta.withheld ?? '',
    redacted: meta.redacted ?? null,
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
