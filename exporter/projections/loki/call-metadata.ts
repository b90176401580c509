import type { Call } from '../../call/call.js';
import { labelText } from './label-text.js';

type Metadata = readonly (readonly [name: string, value: string])[];

/**
 * The structured metadata of a call's entries, sorted by name: what people filter by, without being labels. Strings alone;
 * what is empty or unknown is left out.
 */
export function callMetadata(call: Call, modelLabel: string, isArrival: boolean): Metadata {
  const values: Readonly<Record<string, string | number | null>> = {
    apikey_id: call.apikey,
    application: call.application,
    call_id: call.id,
    // Only where the entry does not stand at its call's end.
    call_time: isArrival ? new Date(call.time).toISOString() : null,
    duration_ms: call.durationUs === null ? null : call.durationUs / 1000,
    error_code: call.errorCode,
    failure: call.failure,
    first_token_ms: call.firstTokenUs === null ? null : call.firstTokenUs / 1000,
    inference_type: call.inferenceType,
    input_tokens: call.usage === null ? null : call.usage.input_tokens,
    model_name: labelText(modelLabel) === call.model ? null : call.model,
    output_tokens: call.usage === null ? null : call.usage.output_tokens,
    protocol: call.protocol,
    status_code: call.statusCode,
    trace_id: call.traceId,
  };
  return Object.entries(values)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => [name, String(value).toWellFormed()] as const);
}
