import { goDuration, modelDuration } from './go-text.js';
import { formatLabels } from './label-set.js';
import type { LokiLimits, LokiServerLimits } from './limits.js';
import { type LogQuery, LogqlError, matchesSelector, parseLogQuery, type Stage } from './logql.js';
import { metadataBytes } from './pushed.js';
import { REFUSALS } from './refusals.js';
import type { StoredEntry, StoredStream } from './tenant-store.js';

export interface QueryAnswer {
  status: number;
  body: string;
}

/** A query that is answered with an error. */
class QueryRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const DEFAULT_LIMIT = 100;
const DEFAULT_SINCE_NS = 3_600_000_000_000n;

interface Range {
  query: LogQuery;
  startNs: bigint;
  endNs: bigint;
  limit: number;
  forward: boolean;
}

/** Answers `GET /loki/api/v1/query_range` for log queries. */
export function queryRange(
  streams: readonly StoredStream[],
  parameters: URLSearchParams,
  categorize: boolean,
  limits: LokiLimits,
  server: LokiServerLimits,
  nowMs: number,
): QueryAnswer {
  try {
    const range = rangeIn(parameters, limits, nowMs);
    const found = search(streams, range);
    const bytes = found.reduce(
      (sum, { entry }) => sum + Buffer.byteLength(entry.line) + metadataBytes(entry.metadata),
      0,
    );
    if (bytes > server.grpcMaxSendBytes) {
      const sizes = `(${bytes} vs. ${server.grpcMaxSendBytes})`;
      const message = `rpc error: code = ResourceExhausted desc = trying to send message larger than max ${sizes}`;
      throw new QueryRefusal(500, message);
    }
    return { status: 200, body: render(found, categorize) };
  } catch (error) {
    if (error instanceof QueryRefusal) return { status: error.status, body: error.message };
    if (error instanceof LogqlError) return { status: 400, body: error.message };
    throw error;
  }
}

/** Answers `GET /loki/api/v1/query`: Loki takes metric queries there alone, and the double knows none of these. */
export function queryInstant(parameters: URLSearchParams): QueryAnswer {
  try {
    parseLogQuery(parameters.get('query') ?? '');
  } catch (error) {
    if (error instanceof LogqlError) return { status: 400, body: error.message };
    throw error;
  }
  const body = 'log queries are not supported as an instant query type, please change your query to a range query type';
  return { status: 400, body };
}

function rangeIn(parameters: URLSearchParams, limits: LokiLimits, nowMs: number): Range {
  const nowNs = BigInt(nowMs) * 1_000_000n;
  const endNs = timeIn(parameters.get('end')) ?? nowNs;
  const startNs = timeIn(parameters.get('start')) ?? (endNs > nowNs ? nowNs : endNs) - DEFAULT_SINCE_NS;
  if (endNs < startNs) throw new QueryRefusal(400, 'end timestamp must not be before or equal to start time');
  const limit = limitIn(parameters.get('limit'));
  const direction = (parameters.get('direction') || 'backward').toLowerCase();
  if (direction !== 'forward' && direction !== 'backward') {
    throw new QueryRefusal(400, `invalid direction '${parameters.get('direction')}'`);
  }
  const query = parseLogQuery(parameters.get('query') ?? '');
  const lengthMs = Number(endNs - startNs) / 1e6;
  if (limits.maxQueryLengthMs > 0 && lengthMs > limits.maxQueryLengthMs) {
    throw new QueryRefusal(400, REFUSALS.queryTooLong(goDuration(lengthMs), modelDuration(limits.maxQueryLengthMs)));
  }
  if (limits.maxEntriesPerQuery > 0 && limit > limits.maxEntriesPerQuery) {
    throw new QueryRefusal(400, REFUSALS.limitTooHigh(limit, limits.maxEntriesPerQuery));
  }
  return { query, startNs, endNs, limit, forward: direction === 'forward' };
}

/** Seconds with up to 10 digits or a point, nanoseconds with more, or RFC 3339. */
function timeIn(text: string | null): bigint | undefined {
  if (text === null || text === '') return undefined;
  if (/^\d+$/.test(text)) return text.length <= 10 ? BigInt(text) * 1_000_000_000n : BigInt(text);
  if (/^\d+\.\d+$/.test(text)) return BigInt(Math.round(Number(text) * 1000)) * 1_000_000n;
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) {
    throw new QueryRefusal(
      400,
      `could not parse 'start' parameter: strconv.ParseInt: parsing "${text}": invalid syntax`,
    );
  }
  return BigInt(milliseconds) * 1_000_000n;
}

function limitIn(text: string | null): number {
  if (text === null || text === '') return DEFAULT_LIMIT;
  if (!/^-?\d+$/.test(text)) throw new QueryRefusal(400, `strconv.Atoi: parsing "${text}": invalid syntax`);
  if (Number(text) <= 0) throw new QueryRefusal(400, 'limit must be a positive value');
  return Number(text);
}

interface Found {
  stream: StoredStream;
  entry: StoredEntry;
  /** Of the structured metadata, under names that are no label of the stream. */
  metadata: Record<string, string>;
  parsed: Record<string, string>;
}

function search(streams: readonly StoredStream[], { query, startNs, endNs, limit, forward }: Range): Found[] {
  const found: Found[] = [];
  for (const stream of streams) {
    if (!matchesSelector(query.selector, stream.labels)) continue;
    for (const entry of stream.entries) {
      if (entry.timestampNs < startNs || entry.timestampNs >= endNs) continue;
      const kept = run(query.stages, stream, entry);
      if (kept !== undefined) found.push(kept);
    }
  }
  const sign = forward ? 1 : -1;
  if (!forward) found.reverse();
  return found.sort((a, b) => sign * compareNs(a.entry.timestampNs, b.entry.timestampNs)).slice(0, limit);
}

function compareNs(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

/** @returns undefined for an entry that a filter drops */
function run(stages: readonly Stage[], stream: StoredStream, entry: StoredEntry): Found | undefined {
  const labels = new Map<string, string>(stream.labels);
  const metadata: Record<string, string> = {};
  for (const [name, value] of entry.metadata) {
    const free = labels.has(name) ? `${name}_extracted` : name;
    metadata[free] = value;
    labels.set(free, value);
  }
  const known = new Map(labels);
  for (const stage of stages) {
    if (stage.kind === 'line' && !stage.matches(entry.line)) return undefined;
    if (stage.kind === 'filter' && !stage.keep(labels)) return undefined;
    if (stage.kind === 'json') parseJson(entry.line, known, labels);
  }
  const parsed = Object.fromEntries([...labels].filter(([name, value]) => known.get(name) !== value));
  for (const name of Object.keys(parsed)) delete metadata[name];
  return { stream, entry, metadata, parsed };
}

/** Adds the fields of a line; those under the name of a label or of metadata are called `…_extracted`. */
function parseJson(line: string, known: ReadonlyMap<string, string>, labels: Map<string, string>): void {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    json = undefined;
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    labels.set('__error__', 'JSONParserErr');
    labels.set('__error_details__', "Value looks like object, but can't find closing '}' symbol");
    return;
  }
  addFields(json, '', known, labels);
}

/** Objects become names joined by `_`; lists are passed over. */
function addFields(
  object: object,
  prefix: string,
  known: ReadonlyMap<string, string>,
  labels: Map<string, string>,
): void {
  for (const [key, value] of Object.entries(object) as [string, unknown][]) {
    const name = `${prefix}${key.replace(/[^a-zA-Z0-9_]/g, '_')}`;
    if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value)) addFields(value, `${name}_`, known, labels);
      continue;
    }
    if (value === null) continue;
    const label = /^\d/.test(name) ? `_${name}` : name;
    labels.set(known.has(label) ? `${label}_extracted` : label, String(value));
  }
}

function render(found: readonly Found[], categorize: boolean): string {
  const streams = new Map<string, { stream: Record<string, string>; values: unknown[] }>();
  for (const { stream, entry, metadata, parsed } of found) {
    const own = Object.fromEntries(stream.labels);
    const labels = categorize ? own : { ...own, ...metadata, ...parsed };
    const name = formatLabels(Object.entries(labels));
    let result = streams.get(name);
    if (result === undefined) {
      result = { stream: sortedByName(labels), values: [] };
      streams.set(name, result);
    }
    const value: unknown[] = [String(entry.timestampNs), entry.line];
    if (categorize) value.push(apart(metadata, parsed));
    result.values.push(value);
  }
  const sorted = [...streams].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, result]) => result);
  const flags = categorize ? { encodingFlags: ['categorize-labels'] } : {};
  const stats = { summary: { totalEntriesReturned: found.length } };
  return JSON.stringify({ status: 'success', data: { resultType: 'streams', ...flags, result: sorted, stats } });
}

function apart(metadata: Record<string, string>, parsed: Record<string, string>): Record<string, unknown> {
  return {
    ...(Object.keys(metadata).length === 0 ? {} : { structuredMetadata: sortedByName(metadata) }),
    ...(Object.keys(parsed).length === 0 ? {} : { parsed: sortedByName(parsed) }),
  };
}

function sortedByName(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
