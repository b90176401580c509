/**
 * One call to a model, as intake decided it: validated, its workspace and key resolved, its outcome,
 * usage and cost worked out. This is what stands in a spool frame and what every projection reads, so
 * nothing downstream depends on configuration.
 */

export const OUTCOMES = ['success', 'failure', 'cancelled'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const FAILURES = ['content_moderation', 'rate_limited', 'timeout', 'client_error', 'server_error'] as const;
export type Failure = (typeof FAILURES)[number];

export const PROTOCOLS = ['HTTP', 'SSE', 'WS'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export const INFERENCE_TYPES = ['realtime', 'batch'] as const;
export type InferenceType = (typeof INFERENCE_TYPES)[number];

/** How closely a workspace is watched: `basic` has averages alone, `advanced` everything. */
export const MONITORING = ['basic', 'advanced'] as const;
export type Monitoring = (typeof MONITORING)[number];

/** What is logged of a call: nothing, the audit log alone, or the inference log too. */
export const CALL_LOGS = ['none', 'audit', 'inference'] as const;
export type CallLogs = (typeof CALL_LOGS)[number];

/** Every kind of usage that is counted, in the order in which it is shown. */
export const USAGE_TYPES = [
  'total_tokens',
  'input_tokens',
  'output_tokens',
  'cache_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'image_tokens',
  'audio_tokens',
  'video_tokens',
  'image_count',
  'audio_count',
  'video_count',
  'duration',
  'characters',
  'times',
] as const;
export type UsageType = (typeof USAGE_TYPES)[number];

/**
 * What one call used; 0 where the provider said nothing of a type. Whole numbers all: `duration` is in
 * whole microseconds of media (shown as seconds), so that sums do not depend on their order.
 * `input_tokens` includes cached tokens, `output_tokens` includes reasoning tokens.
 */
export type Usage = { -readonly [Type in UsageType]: number };

/** Money in whole billionths of a currency unit, so that sums do not depend on their order. */
export interface Cost {
  /** ISO 4217 code, as the price list says it. */
  currency: string;
  nano: number;
}

export interface Call {
  /** Idempotency key within the workspace, 1 to 128 characters. */
  id: string;
  /** When the call started, whole milliseconds since the epoch. */
  time: number;
  workspace: string;
  /** The model as requested. */
  model: string;
  /** An id or alias of the API key, never the secret. */
  apikey: string;
  inferenceType: InferenceType;
  protocol: Protocol;
  /** 100 to 599; 499 = the client went away. */
  statusCode: number;
  outcome: Outcome;
  /** Set exactly when `outcome` is `failure`. */
  failure: Failure | null;
  /** The provider's code and message; empty where it gave none. */
  errorCode: string;
  errorMessage: string;
  /** Whole microseconds; null = not observed. */
  durationUs: number | null;
  /** Whole microseconds to the first token of a streamed call; null = not observed. */
  firstTokenUs: number | null;
  usage: Usage | null;
  cost: Cost | null;
  /** The call used something that no price covers; also where its tokens have a cost. */
  unpriced: boolean;
  /** The call ended longer before its arrival than `calls.late_after`. */
  late: boolean;
  /** How its workspace was watched when the call arrived. */
  monitoring: Monitoring;
  /** For logs only, never metric labels; empty or [] where none was given. */
  traceId: string;
  application: string;
  user: string;
  tags: readonly string[];
  /** Which logs the call goes to. */
  logs: CallLogs;
  /** Why the content that the inference log wants is not in the frame; empty = it is, or there was none. */
  withheld: string;
  /** What redaction replaced in content and text, by name of detector or pattern; null = nothing. */
  redacted: Readonly<Record<string, number>> | null;
}
