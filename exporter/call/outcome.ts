import type { Failure, Outcome } from './call.js';

/** How a call ended. `failure` is set exactly when `outcome` is `failure`. */
export interface Decision {
  readonly outcome: Outcome;
  readonly failure: Failure | null;
}

const SUCCESS = decision('success', null);
const CANCELLED = decision('cancelled', null);
const CONTENT_MODERATION = decision('failure', 'content_moderation');
const RATE_LIMITED = decision('failure', 'rate_limited');
const TIMEOUT = decision('failure', 'timeout');
const CLIENT_ERROR = decision('failure', 'client_error');
const SERVER_ERROR = decision('failure', 'server_error');

/**
 * Codes by which providers say that content was refused: lower case, without separators, since the same
 * code comes as `DataInspectionFailed` and as `data_inspection_failed`.
 */
const MODERATION_CODES: ReadonlySet<string> = new Set([
  // Model Studio; its DataInspection… codes are matched by prefix.
  'faqruleblocked',
  'customroleblocked',
  'ipinfringementsuspect',
  // OpenAI, Azure, Moonshot.
  'contentfilter',
  'contentfiltered',
  'contentpolicyviolation',
  'moderationblocked',
  'responsibleaipolicyviolation',
  // Gemini.
  'safety',
  'imagesafety',
  'prohibitedcontent',
  'blocklist',
  // Bedrock.
  'guardrailintervened',
  // Gateways that moderate themselves.
  'contentmoderation',
]);

/** The longest code that can be one of the above, with room for separators and a suffix. */
const MAX_MODERATION_CODE_LENGTH = 96;
const MAX_CACHED_CODES = 1024;
const moderationByCode = new Map<string, boolean>();

/**
 * Decides how a call ended, in this order: 499 is the client's own going away · a moderation code with
 * an error status · 429 · 408 and 504 · other 4xx · 5xx · else a success. A status below 400 is a success
 * whatever the code says: an answer that stopped at `content_filter` was delivered and charged, and 1xx
 * and 3xx (an upgrade to WebSocket is 101) are no failures of the model.
 *
 * @param statusCode 100 to 599
 * @param errorCode the provider's code, empty where it gave none; upper and lower case, `_`, `-` and `.`
 * make no difference
 * @returns one of seven shared frozen objects
 */
export function decideOutcome(statusCode: number, errorCode: string): Decision {
  if (statusCode < 400) return SUCCESS;
  if (statusCode === 499) return CANCELLED;
  if (errorCode !== '' && isModeration(errorCode)) return CONTENT_MODERATION;
  switch (statusCode) {
    case 429:
      return RATE_LIMITED;
    case 408:
    case 504:
      return TIMEOUT;
    default:
      return statusCode < 500 ? CLIENT_ERROR : SERVER_ERROR;
  }
}

function isModeration(code: string): boolean {
  if (code.length > MAX_MODERATION_CODE_LENGTH) return false;
  let moderation = moderationByCode.get(code);
  if (moderation === undefined) {
    const plain = code.toLowerCase().replaceAll(/[_.\s-]/g, '');
    moderation =
      MODERATION_CODES.has(plain) ||
      // Not `InvalidParameter.DataInspection`, which says that the media could not be read.
      plain.startsWith('datainspection') ||
      // Volcengine: InputTextSensitiveContentDetected, OutputImageSensitiveContentDetected.Severe, …
      plain.includes('sensitivecontentdetected');
    // Clients choose the codes, so the cache must not grow with them.
    if (moderationByCode.size >= MAX_CACHED_CODES) moderationByCode.clear();
    moderationByCode.set(code, moderation);
  }
  return moderation;
}

function decision(outcome: Outcome, failure: Failure | null): Decision {
  return Object.freeze({ outcome, failure });
}
