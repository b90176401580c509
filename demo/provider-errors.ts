import type { Fate } from './fate.js';
import type { ProviderName } from './models.js';

/** What a provider, or the gateway before it, answers when a call fails. */
export interface ProviderError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export type FailedFate = Exclude<Fate, 'answered' | 'cancelled'>;

const QWEN: Readonly<Record<FailedFate, readonly ProviderError[]>> = {
  rateLimited: [
    error(429, 'Throttling.RateQuota', 'Requests rate limit exceeded, please try again later.'),
    error(429, 'Throttling.AllocationQuota', 'Allocated quota exceeded, please increase your quota limit.'),
  ],
  moderated: [error(400, 'DataInspectionFailed', 'Input data may contain inappropriate content.')],
  clientError: [
    error(400, 'InvalidParameter', 'Range of max_tokens should be [1, 8192]'),
    error(401, 'InvalidApiKey', 'Invalid API-key provided.'),
    error(403, 'AccessDenied', 'Access denied.'),
  ],
  serverError: [
    error(500, 'InternalError', 'An internal error has occurred, please try again later or contact service support.'),
    error(500, 'InternalError.Algo', 'An error occurred in inference process, please try again later.'),
  ],
  stuck: [error(408, 'RequestTimeOut', 'Request timed out, please try again later.')],
  stalled: [error(504, 'RequestTimeOut', 'The answer was not complete when the time was over.')],
};

const ERRORS: Readonly<Record<ProviderName, Readonly<Record<FailedFate, readonly ProviderError[]>>>> = {
  qwen: QWEN,
  dashscope: QWEN,
  openai: {
    rateLimited: [error(429, 'rate_limit_exceeded', 'Rate limit reached on requests per min (RPM).')],
    moderated: [
      error(400, 'content_filter', 'The response was filtered due to the prompt triggering a content policy.'),
    ],
    clientError: [
      error(400, 'context_length_exceeded', "This model's maximum context length is 128000 tokens."),
      error(400, 'invalid_request_error', "Invalid value for 'temperature'."),
      error(401, 'invalid_api_key', 'Incorrect API key provided.'),
    ],
    serverError: [
      error(503, 'service_unavailable', 'The engine is currently overloaded, please try again later.'),
      error(500, 'server_error', 'The server had an error while processing your request.'),
    ],
    stuck: [error(504, 'gateway_timeout', 'No answer from upstream in time.')],
    stalled: [error(504, 'gateway_timeout', 'The answer was not complete when the time was over.')],
  },
  anthropic: {
    rateLimited: [error(429, 'rate_limit_error', 'Number of request tokens has exceeded your per-minute rate limit.')],
    moderated: [],
    clientError: [
      error(400, 'invalid_request_error', 'messages: roles must alternate between "user" and "assistant".'),
      error(401, 'authentication_error', 'invalid x-api-key'),
      error(413, 'request_too_large', 'Request exceeds the maximum size.'),
    ],
    serverError: [error(529, 'overloaded_error', 'Overloaded'), error(500, 'api_error', 'Internal server error')],
    stuck: [error(504, 'timeout_error', 'No answer from upstream in time.')],
    stalled: [error(504, 'timeout_error', 'The answer was not complete when the time was over.')],
  },
};

/**
 * What can be answered to a call that fails, the most usual first.
 * @param status only those with this status, where there is one
 */
export function errorsOf(provider: ProviderName, fate: FailedFate, status?: number): readonly ProviderError[] {
  const all = ERRORS[provider][fate];
  const fitting = all.filter((candidate) => candidate.status === status);
  return fitting.length > 0 ? fitting : all;
}

/** The error as it stands in the body of the provider's answer. */
export function errorBody(provider: ProviderName, { code, message }: ProviderError, requestId: string): object {
  switch (provider) {
    case 'dashscope':
      return { code, message, request_id: requestId };
    case 'anthropic':
      return { type: 'error', error: { type: code, message }, request_id: requestId };
    default:
      return { error: { message, type: code, param: null, code }, request_id: requestId };
  }
}

function error(status: number, code: string, message: string): ProviderError {
  return { status, code, message };
}
