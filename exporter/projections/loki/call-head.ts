import { type Call, USAGE_TYPES, type Usage } from '../../call/call.js';

const MICROS_PER_MS = 1000;
const MICROS_PER_SECOND = 1_000_000;
const NANOS_PER_UNIT = 1_000_000_000;

/** What a line says of its call, with the names of the call record: first what a person looks for. */
export interface CallHead {
  /** When the call started, RFC 3339. */
  time: string;
  id: string;
  workspace_id: string;
  model: string;
  apikey_id: string;
  inference_type: string;
  protocol: string;
  outcome: string;
  failure?: string;
  status_code: number;
  error_code?: string;
  error_message?: string;
  duration_ms?: number;
  first_token_ms?: number;
  /** Types above 0 alone; `duration` in seconds. */
  usage?: Partial<Usage>;
  cost?: { currency: string; amount: number };
  application?: string;
  user?: string;
  trace_id?: string;
  tags?: readonly string[];
  /** Why its content is not here, though this call was to have it. */
  withheld?: string;
  /** What was masked, by detector: how often. */
  redacted?: Readonly<Record<string, number>>;
}

/** The same for the same call, to the byte: keys stand in one order, and what is empty is left out. */
export function callHead(call: Call): CallHead {
  return {
    time: new Date(call.time).toISOString(),
    id: call.id,
    workspace_id: call.workspace,
    model: call.model,
    apikey_id: call.apikey,
    inference_type: call.inferenceType,
    protocol: call.protocol,
    outcome: call.outcome,
    ...(call.failure !== null && { failure: call.failure }),
    status_code: call.statusCode,
    ...(call.errorCode !== '' && { error_code: call.errorCode }),
    ...(call.errorMessage !== '' && { error_message: call.errorMessage }),
    ...(call.durationUs !== null && { duration_ms: call.durationUs / MICROS_PER_MS }),
    ...(call.firstTokenUs !== null && { first_token_ms: call.firstTokenUs / MICROS_PER_MS }),
    ...(call.usage !== null && { usage: usageOf(call.usage) }),
    ...(call.cost !== null && { cost: { currency: call.cost.currency, amount: call.cost.nano / NANOS_PER_UNIT } }),
    ...(call.application !== '' && { application: call.application }),
    ...(call.user !== '' && { user: call.user }),
    ...(call.traceId !== '' && { trace_id: call.traceId }),
    ...(call.tags.length > 0 && { tags: call.tags }),
    ...(call.withheld !== '' && { withheld: call.withheld }),
    ...(call.redacted !== null && { redacted: call.redacted }),
  };
}

function usageOf(usage: Usage): Partial<Usage> {
  const used = USAGE_TYPES.filter((type) => usage[type] > 0);
  return Object.fromEntries(
    used.map((type) => [type, type === 'duration' ? usage.duration / MICROS_PER_SECOND : usage[type]]),
  );
}
