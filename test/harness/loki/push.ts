import { constants } from 'node:buffer';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { detectedLevel } from './detected-level.js';
import { compareBytes, formatLabels, LabelsError, parseLabels } from './label-set.js';
import type { LokiLimits, LokiServerLimits } from './limits.js';
import { matchesSelector, parseSelector } from './logql.js';
import { parsePushRequest } from './push-json.js';
import { decodePushRequest } from './push-protobuf.js';
import { entryBytes, metadataBytes, type Pair, type PushedEntry, type PushedStream } from './pushed.js';
import { groupedErrors, REFUSALS } from './refusals.js';
import { CorruptInput, decodeSnappy, snappyDecodedLength } from './snappy.js';
import { type StreamOutcome, sortedMetadata, type TenantStore } from './tenant-store.js';

/** Loki's answer to one push, and what it did with the entries. */
export interface PushResult {
  status: number;
  /** Empty with 204. */
  message: string;
  /** Entries that came, that are there now, that were there before, and that are not there. */
  received: number;
  stored: number;
  duplicates: number;
  refused: number;
}

export interface PushBody {
  body: Buffer;
  contentType: string;
  contentEncoding: string;
}

/** A request that Loki answers with an error, storing nothing of it. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Takes a push as Loki's distributor and ingester do, in their order. */
export function takePush(
  push: PushBody,
  store: TenantStore,
  limits: LokiLimits,
  server: LokiServerLimits,
  nowMs: number,
): PushResult {
  let received = 0;
  try {
    const streams = readBody(push, server);
    received = streams.reduce((sum, { entries }) => sum + entries.length, 0);
    return { ...takeStreams(streams.map(discoverServiceName), store, limits, server, nowMs), received };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return {
      status: error.status,
      message: error.message,
      received,
      stored: 0,
      duplicates: 0,
      refused: received,
    };
  }
}

function readBody({ body, contentType, contentEncoding }: PushBody, server: LokiServerLimits): PushedStream[] {
  const { maxRequestBytes, maxDecompressedBytes } = server;
  if (!['', 'snappy', 'gzip', 'deflate'].includes(contentEncoding)) {
    throw new Refusal(400, REFUSALS.unknownEncoding(contentEncoding));
  }
  if (body.length > maxRequestBytes)
    throw new Refusal(413, REFUSALS.bodyTooLarge(maxRequestBytes + 1, maxRequestBytes));
  if (contentType === '') throw new Refusal(400, 'mime: no media type');
  const content = inflated(body, contentEncoding, maxDecompressedBytes);
  try {
    if (contentType.split(';')[0]!.trim().toLowerCase() === 'application/json') return parsePushRequest(content);
    // Anything else is protobuf in Snappy to Loki, whatever it is called.
    const { length } = snappyDecodedLength(content);
    if (length > maxDecompressedBytes)
      throw new Refusal(413, REFUSALS.decompressedTooLarge(length, maxDecompressedBytes));
    return decodePushRequest(decodeSnappy(content));
  } catch (error) {
    if (error instanceof CorruptInput) throw new Refusal(400, error.message);
    throw error;
  }
}

function inflated(body: Buffer, contentEncoding: string, maxBytes: number): Buffer {
  if (contentEncoding !== 'gzip' && contentEncoding !== 'deflate') return body;
  try {
    const options = { maxOutputLength: Math.min(maxBytes, constants.MAX_LENGTH) };
    return contentEncoding === 'gzip' ? gunzipSync(body, options) : inflateRawSync(body, options);
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(413, REFUSALS.decompressedTooLarge(maxBytes + 1, maxBytes));
    throw new Refusal(400, body.length < 10 ? 'unexpected EOF' : 'gzip: invalid header');
  }
}

interface ReadStream {
  /** Sorted by name. */
  labels: Pair[];
  entries: PushedEntry[];
}

const SERVICE_NAME = 'service_name';
/** Labels that Loki takes the name of the service from when there is none. */
const SERVICE_LABELS = [
  ...['service', 'app', 'application', 'app_name', 'name', 'app_kubernetes_io_name', 'container'],
  ...['container_name', 'k8s_container_name', 'component', 'workload', 'job', 'k8s_job_name'],
];

/** Reads the labels of a stream; one that cannot be read costs the whole push. */
function discoverServiceName({ labels: text, entries }: PushedStream): ReadStream {
  let labels: Pair[];
  try {
    labels = parseLabels(text);
  } catch (error) {
    if (error instanceof LabelsError) throw new Refusal(400, `couldn't parse labels: ${error.message}`);
    throw error;
  }
  if (!labels.some(([name]) => name === SERVICE_NAME)) {
    const found = SERVICE_LABELS.map((name) => labels.find((label) => label[0] === name)).find((label) => label);
    labels.push([SERVICE_NAME, found?.[1] ?? 'unknown_service']);
    labels.sort(([a], [b]) => compareBytes(a, b));
  }
  return { labels, entries };
}

function takeStreams(
  streams: readonly ReadStream[],
  store: TenantStore,
  limits: LokiLimits,
  server: LokiServerLimits,
  nowMs: number,
): Omit<PushResult, 'received'> {
  if (streams.length === 0) throw new Refusal(422, REFUSALS.noStreams);
  const errors: string[] = [];
  let blocked: { status: number; message: string } | undefined;
  let refused = 0;
  const valid: ReadStream[] = [];
  for (const stream of streams) {
    if (stream.entries.length === 0) continue;
    const error = labelsError(stream.labels, limits);
    if (error !== undefined) {
      errors.push(error);
      refused += stream.entries.length;
      continue;
    }
    const block = blockOf(stream.labels, store.tenant, limits, nowMs);
    if (block !== undefined) {
      // With 200 the entries are thrown away without a word.
      if (block.status !== 200) blocked = block;
      refused += stream.entries.length;
      continue;
    }
    const entries = stream.entries.filter((entry) => {
      const reason = entryError(entry, formatLabels(stream.labels), limits, nowMs);
      if (reason !== undefined) errors.push(reason);
      return reason === undefined;
    });
    refused += stream.entries.length - entries.length;
    if (entries.length > 0) {
      const finished = entries.map((entry) => finish(entry, stream.labels, limits));
      valid.push({ labels: stream.labels, entries: finished });
    }
  }
  const refusal = errors.length > 0 ? { status: 400, message: groupedErrors(errors) } : blocked;
  const answer = refusal ?? { status: 204, message: '' };
  if (valid.length === 0) return { ...answer, stored: 0, duplicates: 0, refused };

  const lines = valid.reduce((sum, { entries }) => sum + entries.length, 0);
  const bytes = valid.reduce((sum, { entries }) => sum + entries.reduce((all, entry) => all + entryBytes(entry), 0), 0);
  const { ingestionRateBytes, ingestionBurstBytes } = limits;
  if (!store.ingestion.allow(nowMs, bytes, ingestionRateBytes, ingestionBurstBytes)) {
    throw new Refusal(429, REFUSALS.rateLimited(store.tenant, Math.trunc(ingestionRateBytes), lines, bytes));
  }
  const message = grpcBytes(valid);
  if (message > server.grpcMaxRecvBytes)
    throw new Refusal(500, REFUSALS.grpcTooLarge(message, server.grpcMaxRecvBytes));

  const outcomes = valid
    .flatMap((stream) => (limits.timeSharding ? shardsByTime(stream, limits, server, nowMs) : [stream]))
    .map(({ labels, entries }) => store.append(labels, entries, limits, server, nowMs));
  return { ...(ingesterError(outcomes) ?? answer), ...summed(outcomes, refused) };
}

/** The ingester tells of the last stream alone: what it refused of the streams before, nobody learns. */
function ingesterError(outcomes: readonly StreamOutcome[]): { status: number; message: string } | undefined {
  return outcomes.at(-1)?.error;
}

function summed(outcomes: readonly StreamOutcome[], refused: number) {
  const sum = { stored: 0, duplicates: 0, refused };
  for (const outcome of outcomes) {
    sum.stored += outcome.stored;
    sum.duplicates += outcome.duplicates;
    sum.refused += outcome.refused;
  }
  return sum;
}

function labelsError(labels: readonly Pair[], limits: LokiLimits): string | undefined {
  const stream = formatLabels(labels);
  // The name of the service is Loki's own and does not count.
  const count = labels.length - 1;
  if (count > limits.maxLabelNames) return REFUSALS.tooManyLabels(stream, count, limits.maxLabelNames);
  let before = '';
  for (const [name, value] of labels) {
    if (Buffer.byteLength(name) > limits.maxLabelNameLength) return REFUSALS.labelNameTooLong(stream, name);
    if (Buffer.byteLength(value) > limits.maxLabelValueLength) return REFUSALS.labelValueTooLong(stream, value);
    if (name === before) return REFUSALS.duplicateLabel(stream, name);
    before = name;
  }
  return undefined;
}

function blockOf(
  labels: readonly Pair[],
  tenant: string,
  limits: LokiLimits,
  nowMs: number,
): { status: number; message: string } | undefined {
  const { blockIngestionUntilMs: untilMs, blockIngestionStatusCode: status, blockedPolicies } = limits;
  if (nowMs < untilMs) return { status, message: REFUSALS.blocked(tenant, ns(untilMs), status) };
  for (const [policy, block] of Object.entries(blockedPolicies)) {
    if (nowMs < block.untilMs && matchesSelector(parseSelector(block.selector), labels)) {
      return { status, message: REFUSALS.blockedByPolicy(tenant, policy, ns(block.untilMs), status) };
    }
  }
  return undefined;
}

function entryError(
  { timestampNs, lineBytes, metadata }: PushedEntry,
  stream: string,
  limits: LokiLimits,
  nowMs: number,
): string | undefined {
  const oldestNs = ns(nowMs - limits.rejectOldSamplesMaxAgeMs);
  if (limits.rejectOldSamples && timestampNs < oldestNs) return REFUSALS.tooOld(stream, timestampNs, oldestNs);
  if (timestampNs > ns(nowMs + limits.creationGraceMs)) return REFUSALS.tooNew(stream, timestampNs);
  const { maxLineBytes, maxStructuredMetadataBytes, maxStructuredMetadataEntries } = limits;
  if (maxLineBytes > 0 && lineBytes > maxLineBytes) return REFUSALS.lineTooLong(stream, lineBytes, maxLineBytes);
  if (metadata.length === 0) return undefined;
  if (!limits.allowStructuredMetadata) return REFUSALS.metadataDisallowed(stream);
  const bytes = metadataBytes(metadata);
  if (maxStructuredMetadataBytes > 0 && bytes > maxStructuredMetadataBytes) {
    return REFUSALS.metadataTooLarge(stream, bytes, maxStructuredMetadataBytes);
  }
  if (maxStructuredMetadataEntries > 0 && metadata.length > maxStructuredMetadataEntries) {
    return REFUSALS.metadataTooMany(stream, metadata.length, maxStructuredMetadataEntries);
  }
  return undefined;
}

/** The entry as it is stored: names of metadata made into those of labels, and the level that Loki detects. */
function finish(entry: PushedEntry, labels: readonly Pair[], limits: LokiLimits): PushedEntry {
  const metadata = sortedMetadata(entry.metadata.map(([name, value]): Pair => [labelName(name), value]));
  if (limits.allowStructuredMetadata && limits.discoverLogLevels) {
    if (!metadata.some(([name]) => name === 'detected_level')) {
      metadata.push(['detected_level', detectedLevel(labels, metadata, entry.line)]);
      metadata.sort(([a], [b]) => compareBytes(a, b));
    }
  }
  return { ...entry, metadata };
}

/** @throws a Refusal of the whole push: an empty name is a mistake that Loki answers with 500, storing nothing */
function labelName(name: string): string {
  if (name === '') throw new Refusal(500, 'label name is empty');
  const replaced = name.replace(/[^a-zA-Z0-9_]/gu, '_').replace(/_+/g, '_');
  const normalized = /^[0-9]/.test(replaced) ? `key_${replaced}` : replaced;
  if (/^_+$/.test(normalized)) {
    throw new Refusal(500, `normalization for label name "${name}" resulted in invalid name "${normalized}"`);
  }
  return normalized;
}

/** Streams of half a chunk's age each, with the label `__time_shard__`, for what is older than the recent. */
function shardsByTime(
  { labels, entries }: ReadStream,
  limits: LokiLimits,
  server: LokiServerLimits,
  nowMs: number,
): ReadStream[] {
  // To the end of this millisecond: Loki's clock counts nanoseconds, and what has come is not ahead of it.
  const recentNs = ns(nowMs + 1 - limits.timeShardingIgnoreRecentMs);
  const sorted = entries.toSorted((a, b) => Number(a.timestampNs - b.timestampNs));
  const shardNs = BigInt(server.maxChunkAgeMs / 2) * 1_000_000n;
  const shards = new Map<string, ReadStream>();
  const recent: PushedEntry[] = [];
  for (const entry of sorted) {
    if (entry.timestampNs >= recentNs) {
      recent.push(entry);
      continue;
    }
    const start = entry.timestampNs - (entry.timestampNs % shardNs);
    const shard = `${start / 1_000_000_000n}_${(start + shardNs) / 1_000_000_000n}`;
    const known = shards.get(shard);
    if (known !== undefined) known.entries.push(entry);
    else {
      const withShard = [['__time_shard__', shard] as const, ...labels].sort(([a], [b]) => compareBytes(a, b));
      shards.set(shard, { labels: withShard, entries: [entry] });
    }
  }
  return recent.length === 0 ? [...shards.values()] : [...shards.values(), { labels, entries: recent }];
}

/** What the message to the ingester would hold, by the rules of protobuf. */
function grpcBytes(streams: readonly ReadStream[]): number {
  const delimited = (bytes: number): number => 1 + varintBytes(bytes) + bytes;
  const pair = ([name, value]: Pair): number =>
    delimited(Buffer.byteLength(name)) + delimited(Buffer.byteLength(value));
  const entry = ({ timestampNs, lineBytes, metadata }: PushedEntry): number => {
    const nanos = Number(timestampNs % 1_000_000_000n);
    const timestamp = delimited(6 + (nanos === 0 ? 0 : 1 + varintBytes(nanos)));
    const line = lineBytes === 0 ? 0 : delimited(lineBytes);
    return timestamp + line + metadata.reduce((sum, each) => sum + delimited(pair(each)), 0);
  };
  const stream = ({ labels, entries }: ReadStream): number => {
    // The hash of the labels is a number of 64 bits: 9 or 10 bytes.
    const hash = 11;
    const name = delimited(Buffer.byteLength(formatLabels(labels)));
    return name + entries.reduce((sum, each) => sum + delimited(entry(each)), 0) + hash;
  };
  return streams.reduce((sum, each) => sum + delimited(stream(each)), 0);
}

function varintBytes(value: number): number {
  return Math.max(1, Math.ceil(Math.log2(value + 1) / 7));
}

function ns(milliseconds: number): bigint {
  return BigInt(Math.round(milliseconds)) * 1_000_000n;
}
