import { goByteSize, goTime, rfc3339 } from './go-text.js';

/** What Loki 3.7 says when it refuses, word for word. `stream` is `{a="1", …}`. */
export const REFUSALS = {
  noTenant: 'no org id',
  noStreams: 'error at least one valid stream is required for ingestion',
  noLabels: 'error at least one label pair is required per stream',
  invalidLabels: (labels: string, why: string) => `error parsing labels '${labels}' with error: ${why}`,
  tooManyLabels: (stream: string, count: number, limit: number) =>
    `entry for stream '${stream}' has ${count} label names; limit ${limit}`,
  labelNameTooLong: (stream: string, name: string) => `stream '${stream}' has label name too long: '${name}'`,
  labelValueTooLong: (stream: string, value: string) => `stream '${stream}' has label value too long: '${value}'`,
  duplicateLabel: (stream: string, name: string) => `stream '${stream}' has duplicate label name: '${name}'`,
  tooOld: (stream: string, timestampNs: bigint, oldestNs: bigint) =>
    `entry for stream '${stream}' has timestamp too old: ${rfc3339(timestampNs)}, ` +
    `oldest acceptable timestamp is: ${rfc3339(oldestNs)}`,
  tooNew: (stream: string, timestampNs: bigint) =>
    `entry for stream '${stream}' has timestamp too new: ${rfc3339(timestampNs)}`,
  lineTooLong: (stream: string, bytes: number, limit: number) =>
    `max entry size '${limit}' bytes exceeded for stream '${stream}' while adding an entry with length '${bytes}' bytes`,
  metadataDisallowed: (stream: string) =>
    `stream '${stream}' includes structured metadata, but this feature is disallowed. ` +
    'Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it',
  metadataTooLarge: (stream: string, bytes: number, limit: number) =>
    `stream '${stream}' has structured metadata too large: '${bytes}' bytes, limit: '${limit}' bytes. ` +
    'Please see `limits_config.max_structured_metadata_size` or contact your Loki administrator to increase it',
  metadataTooMany: (stream: string, count: number, limit: number) =>
    `stream '${stream}' has too many structured metadata labels: '${count}', limit: '${limit}'. ` +
    'Please see `limits_config.max_structured_metadata_entries_count` or contact your Loki administrator to increase it',
  blocked: (tenant: string, untilNs: bigint, status: number) =>
    `ingestion blocked for user '${tenant}' until '${rfc3339(untilNs)}' with status code '${status}'`,
  blockedByPolicy: (tenant: string, policy: string, untilNs: bigint, status: number) =>
    `ingestion blocked for user '${tenant}' (policy: '${policy}') until '${rfc3339(untilNs)}' with status code '${status}'`,
  rateLimited: (tenant: string, limit: number, lines: number, bytes: number) =>
    `ingestion rate limit exceeded for user ${tenant} (limit: ${limit} bytes/sec) while attempting to ingest ` +
    `'${lines}' lines totaling '${bytes}' bytes, reduce log volume or contact your Loki administrator to see if ` +
    'the limit can be increased',
  streamRateLimited: (stream: string, limit: number, bytes: number) =>
    `Per stream rate limit exceeded (limit: ${goByteSize(limit)}/sec) while attempting to ingest for stream ` +
    `'${stream}' totaling ${goByteSize(bytes)}, consider splitting a stream via additional labels or contact your ` +
    'Loki administrator to see if the limit can be increased',
  streamLimit: (tenant: string, stream: string) =>
    `maximum active stream limit exceeded when trying to create stream ${stream}, reduce the number of active ` +
    'streams (reduce labels or reduce label values), or contact your Loki administrator to see if the limit can be ' +
    `increased, user: '${tenant}'`,
  tooFarBehind: (timestampNs: bigint, oldestNs: bigint) =>
    `entry too far behind, entry timestamp is: ${rfc3339(timestampNs)}, oldest acceptable timestamp is: ${rfc3339(oldestNs)}`,
  ignored: (timestampNs: bigint, reason: string) =>
    `entry with timestamp ${goTime(timestampNs)} ignored, reason: '${reason}',\n`,
  totalIgnored: (tenant: string, ignored: number, total: number, stream: string) =>
    `user '${tenant}', total ignored: ${ignored} out of ${total} for stream: ${stream}`,
  bodyTooLarge: (bytes: number, limit: number) =>
    `request body too large: message size too large than max (${bytes} vs ${limit})`,
  decompressedTooLarge: (bytes: number, limit: number) =>
    `request body too large: decompressed message size too large than max (${bytes} vs ${limit})`,
  grpcTooLarge: (bytes: number, limit: number) =>
    `rpc error: code = ResourceExhausted desc = grpc: received message larger than max (${bytes} vs. ${limit})`,
  unknownEncoding: (encoding: string) => `Content-Encoding "${encoding}" not supported`,
  limitTooHigh: (limit: number, most: number) =>
    `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${most})`,
  queryTooLong: (length: string, limit: string) =>
    `the query time range exceeds the limit (query length: ${length}, limit: ${limit})`,
} as const;

/** Several errors in one message, each text once with its count; the order is that of the first of each. */
export function groupedErrors(messages: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const message of messages) counts.set(message, (counts.get(message) ?? 0) + 1);
  return [...counts]
    .map(([message, count]) => (counts.size > 1 || count > 1 ? `${count} errors like: ${message}` : message))
    .join('; ');
}
