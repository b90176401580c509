import type { ConfigKeys, ConfigValue } from '../exporter-process.js';

/** What one tenant may send and ask for, as far as the double of Loki keeps to it. */
export interface LokiLimits {
  maxLineBytes: number;
  maxLabelNames: number;
  /** In bytes. */
  maxLabelNameLength: number;
  /** In bytes. */
  maxLabelValueLength: number;
  allowStructuredMetadata: boolean;
  maxStructuredMetadataBytes: number;
  maxStructuredMetadataEntries: number;
  rejectOldSamples: boolean;
  rejectOldSamplesMaxAgeMs: number;
  creationGraceMs: number;
  discoverLogLevels: boolean;
  /** Per second. */
  ingestionRateBytes: number;
  ingestionBurstBytes: number;
  /** Per second. */
  perStreamRateBytes: number;
  perStreamBurstBytes: number;
  /** Active streams; 0 = any number. */
  maxStreams: number;
  /** With it a stream over its rate is refused as a whole. The double never makes shards by rate itself. */
  shardStreams: boolean;
  timeSharding: boolean;
  timeShardingIgnoreRecentMs: number;
  maxEntriesPerQuery: number;
  maxQueryLengthMs: number;
  /** Epoch milliseconds. */
  blockIngestionUntilMs: number;
  blockIngestionStatusCode: number;
  /** By policy: the streams it is for, and until when they are refused, in epoch milliseconds. */
  blockedPolicies: Readonly<Record<string, { selector: string; untilMs: number }>>;
}

/** What is the same for all tenants. */
export interface LokiServerLimits {
  /** Of a push, compressed. */
  maxRequestBytes: number;
  maxDecompressedBytes: number;
  grpcMaxRecvBytes: number;
  grpcMaxSendBytes: number;
  /** Half of it is how far behind the newest entry of its stream an entry may be. */
  maxChunkAgeMs: number;
}

const KB = 1024;
const MB = 1024 * KB;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Loki's own defaults. */
export const DEFAULT_LIMITS: Readonly<LokiLimits> = {
  maxLineBytes: 256 * KB,
  maxLabelNames: 15,
  maxLabelNameLength: 1024,
  maxLabelValueLength: 2048,
  allowStructuredMetadata: true,
  maxStructuredMetadataBytes: 64 * KB,
  maxStructuredMetadataEntries: 128,
  rejectOldSamples: true,
  rejectOldSamplesMaxAgeMs: 168 * HOUR,
  creationGraceMs: 10 * MINUTE,
  discoverLogLevels: true,
  ingestionRateBytes: 4 * MB,
  ingestionBurstBytes: 6 * MB,
  perStreamRateBytes: 3 * MB,
  perStreamBurstBytes: 15 * MB,
  maxStreams: 5000,
  shardStreams: true,
  timeSharding: false,
  timeShardingIgnoreRecentMs: 40 * MINUTE,
  maxEntriesPerQuery: 5000,
  maxQueryLengthMs: 721 * HOUR,
  blockIngestionUntilMs: 0,
  blockIngestionStatusCode: 260,
  blockedPolicies: {},
};

/** Loki's own defaults. */
export const DEFAULT_SERVER_LIMITS: Readonly<LokiServerLimits> = {
  maxRequestBytes: 100 * MB,
  maxDecompressedBytes: 50 * 100 * MB,
  grpcMaxRecvBytes: 4 * MB,
  grpcMaxSendBytes: 4 * MB,
  maxChunkAgeMs: 2 * HOUR,
};

/** The limits of a tenant: Loki's defaults, then `limits_config`, then the tenant's own overrides. */
export function limitsOf(...layers: readonly ConfigKeys[]): LokiLimits {
  const limits: LokiLimits = { ...DEFAULT_LIMITS };
  for (const layer of layers) Object.assign(limits, limitsIn(layer));
  return limits;
}

/** What `server`, `distributor` and `ingester` of a configuration say of sizes and ages. */
export function serverLimitsOf(config: ConfigKeys): LokiServerLimits {
  const limits = { ...DEFAULT_SERVER_LIMITS };
  const { server, distributor, ingester } = config;
  assignNumber(limits, 'grpcMaxRecvBytes', at(server, 'grpc_server_max_recv_msg_size'), byteCount);
  assignNumber(limits, 'grpcMaxSendBytes', at(server, 'grpc_server_max_send_msg_size'), byteCount);
  assignNumber(limits, 'maxRequestBytes', at(distributor, 'max_recv_msg_size'), byteCount);
  limits.maxDecompressedBytes = 50 * limits.maxRequestBytes;
  assignNumber(limits, 'maxDecompressedBytes', at(distributor, 'max_decompressed_size'), byteCount);
  assignNumber(limits, 'maxChunkAgeMs', at(ingester, 'max_chunk_age'), durationMs);
  return limits;
}

function limitsIn(layer: ConfigKeys): Partial<LokiLimits> {
  const limits: Partial<LokiLimits> = {};
  assignNumber(limits, 'maxLineBytes', layer.max_line_size, byteCount);
  assignNumber(limits, 'maxLabelNames', layer.max_label_names_per_series, Number);
  assignNumber(limits, 'maxLabelNameLength', layer.max_label_name_length, Number);
  assignNumber(limits, 'maxLabelValueLength', layer.max_label_value_length, Number);
  assignNumber(limits, 'maxStructuredMetadataBytes', layer.max_structured_metadata_size, byteCount);
  assignNumber(limits, 'maxStructuredMetadataEntries', layer.max_structured_metadata_entries_count, Number);
  assignNumber(limits, 'rejectOldSamplesMaxAgeMs', layer.reject_old_samples_max_age, durationMs);
  assignNumber(limits, 'creationGraceMs', layer.creation_grace_period, durationMs);
  assignNumber(limits, 'ingestionRateBytes', layer.ingestion_rate_mb, megabytes);
  assignNumber(limits, 'ingestionBurstBytes', layer.ingestion_burst_size_mb, megabytes);
  assignNumber(limits, 'perStreamRateBytes', layer.per_stream_rate_limit, byteCount);
  assignNumber(limits, 'perStreamBurstBytes', layer.per_stream_rate_limit_burst, byteCount);
  assignNumber(limits, 'maxStreams', layer.max_global_streams_per_user, Number);
  assignNumber(limits, 'maxEntriesPerQuery', layer.max_entries_limit_per_query, Number);
  assignNumber(limits, 'maxQueryLengthMs', layer.max_query_length, durationMs);
  assignNumber(limits, 'blockIngestionUntilMs', layer.block_ingestion_until, moment);
  assignNumber(limits, 'blockIngestionStatusCode', layer.block_ingestion_status_code, Number);
  assignBoolean(limits, 'allowStructuredMetadata', layer.allow_structured_metadata);
  assignBoolean(limits, 'rejectOldSamples', layer.reject_old_samples);
  assignBoolean(limits, 'discoverLogLevels', layer.discover_log_levels);
  assignBoolean(limits, 'shardStreams', at(layer.shard_streams, 'enabled'));
  assignBoolean(limits, 'timeSharding', at(layer.shard_streams, 'time_sharding_enabled'));
  const ignoreRecent = at(layer.shard_streams, 'time_sharding_ignore_recent');
  assignNumber(limits, 'timeShardingIgnoreRecentMs', ignoreRecent, durationMs);
  if (layer.policy_stream_mapping !== undefined) limits.blockedPolicies = blockedPolicies(layer);
  return limits;
}

function blockedPolicies(layer: ConfigKeys): LokiLimits['blockedPolicies'] {
  const policies: Record<string, { selector: string; untilMs: number }> = {};
  for (const [name, streams] of Object.entries(mapping(layer.policy_stream_mapping))) {
    const until = at(layer.block_ingestion_policy_until, name);
    const selector = Array.isArray(streams) ? at(streams[0], 'selector') : undefined;
    if (until !== undefined && selector !== undefined) {
      policies[name] = { selector: String(selector), untilMs: moment(until) };
    }
  }
  return policies;
}

function mapping(value: ConfigValue | undefined): ConfigKeys {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function at(value: ConfigValue | undefined, key: string): ConfigValue | undefined {
  return mapping(value)[key];
}

type NumberKeys<T> = { [K in keyof T]-?: T[K] extends number | undefined ? K : never }[keyof T];
type BooleanKeys<T> = { [K in keyof T]-?: T[K] extends boolean | undefined ? K : never }[keyof T];

function assignNumber<T extends object, K extends NumberKeys<T>>(
  target: T,
  key: K,
  value: ConfigValue | undefined,
  read: (value: ConfigValue) => number,
): void {
  if (value === undefined) return;
  const number = read(value);
  if (Number.isNaN(number)) throw new Error(`${String(key)}: ${JSON.stringify(value)} is not understood`);
  Object.assign(target, { [key]: number });
}

function assignBoolean<T extends object, K extends BooleanKeys<T>>(
  target: T,
  key: K,
  value: ConfigValue | undefined,
): void {
  if (value !== undefined) Object.assign(target, { [key]: value === true });
}

/** `64KB`, `1.5MB`, 4096: Loki's units are of 1,024. */
export function byteCount(value: ConfigValue): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?B?)$/i.exec(String(value)) ?? [];
  const power = ['', 'K', 'M', 'G', 'T'].indexOf(unit.toUpperCase().replace('B', ''));
  return number === undefined ? Number.NaN : Number(number) * 1024 ** power;
}

function megabytes(value: ConfigValue): number {
  return Number(value) * MB;
}

/** `720h`, `1h30m`, `7d` in milliseconds. */
export function durationMs(value: ConfigValue): number {
  const text = String(value);
  if (text === '0') return 0;
  if (!/^(\d+(?:\.\d+)?(ms|[smhdw]))+$/.test(text)) return Number.NaN;
  const units: Record<string, number> = { ms: 1, s: 1000, m: MINUTE, h: HOUR, d: 24 * HOUR, w: 168 * HOUR };
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
    0,
  );
}

function moment(value: ConfigValue): number {
  return Date.parse(String(value));
}
