import { gzipJsonBody, jsonBody, snappyBody, type TestStream } from './push-encoding.js';

export interface Answer {
  status: number;
  /** Without the line break at its end. */
  body: string;
  headers: Headers;
}

export type Encoding = 'protobuf' | 'json' | 'gzip json';

export interface RangeQuery {
  query: string;
  /** Epoch nanoseconds; from here on. */
  startNs?: bigint;
  /** Epoch nanoseconds; before here. */
  endNs?: bigint;
  limit?: number;
  direction?: 'forward' | 'backward';
  /** Structured metadata beside each entry instead of among the labels. */
  categorize?: boolean;
}

/** One entry of a query's answer. */
export interface QueriedEntry {
  /** As in the answer: with what was parsed and the structured metadata, unless they were asked for apart. */
  labels: Readonly<Record<string, string>>;
  timestampNs: bigint;
  line: string;
  metadata?: Readonly<Record<string, string>>;
  parsed?: Readonly<Record<string, string>>;
}

/** A Loki over HTTP, the real one or its double. */
export class LokiClient {
  readonly url: string;
  readonly tenant: string | undefined;

  constructor(url: string, tenant?: string) {
    this.url = url;
    this.tenant = tenant;
  }

  /** The same Loki as another tenant sees it. */
  as(tenant: string | undefined): LokiClient {
    return new LokiClient(this.url, tenant);
  }

  push(streams: readonly TestStream[], encoding: Encoding = 'protobuf'): Promise<Answer> {
    if (encoding === 'json') return this.pushBody(jsonBody(streams), { 'content-type': 'application/json' });
    if (encoding === 'gzip json') {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      return this.pushBody(gzipJsonBody(streams), headers);
    }
    return this.pushBody(snappyBody(streams), { 'content-type': 'application/x-protobuf' });
  }

  async pushBody(body: string | Buffer, headers: Readonly<Record<string, string>>): Promise<Answer> {
    const content = typeof body === 'string' ? body : new Uint8Array(body);
    return this.#request('/loki/api/v1/push', { method: 'POST', body: content, headers });
  }

  /** @throws unless Loki answers 200 */
  async query(range: RangeQuery): Promise<QueriedEntry[]> {
    const { status, body } = await this.queryRange(range);
    if (status !== 200) throw new Error(`${range.query}: ${status} ${body}`);
    return entriesIn(JSON.parse(body) as QueryResponse);
  }

  queryRange({ query, startNs, endNs, limit, direction, categorize }: RangeQuery): Promise<Answer> {
    const parameters = new URLSearchParams({ query });
    if (startNs !== undefined) parameters.set('start', String(startNs));
    if (endNs !== undefined) parameters.set('end', String(endNs));
    if (limit !== undefined) parameters.set('limit', String(limit));
    if (direction !== undefined) parameters.set('direction', direction);
    const headers = categorize ? { 'x-loki-response-encoding-flags': 'categorize-labels' } : {};
    return this.#request(`/loki/api/v1/query_range?${parameters}`, { headers });
  }

  /** A GET of any path. */
  get(path: string): Promise<Answer> {
    return this.#request(path, {});
  }

  async #request(path: string, init: RequestInit): Promise<Answer> {
    const headers = new Headers(init.headers);
    if (this.tenant !== undefined) headers.set('x-scope-orgid', this.tenant);
    const signal = AbortSignal.timeout(60_000);
    const response = await fetch(new URL(path, this.url), { ...init, headers, signal });
    return { status: response.status, body: (await response.text()).replace(/\n$/, ''), headers: response.headers };
  }
}

interface QueryResponse {
  data: {
    resultType: string;
    result: {
      stream: Record<string, string>;
      values: [string, string, { structuredMetadata?: Record<string, string>; parsed?: Record<string, string> }?][];
    }[];
  };
}

/** By time, then by line, whatever the order of the streams is. */
function entriesIn({ data }: QueryResponse): QueriedEntry[] {
  const entries = data.result.flatMap(({ stream, values }) =>
    values.map(
      ([timestamp, line, apart]): QueriedEntry => ({
        labels: stream,
        timestampNs: BigInt(timestamp),
        line,
        ...(apart?.structuredMetadata === undefined ? {} : { metadata: apart.structuredMetadata }),
        ...(apart?.parsed === undefined ? {} : { parsed: apart.parsed }),
      }),
    ),
  );
  return entries.sort(
    (a, b) => Number(a.timestampNs - b.timestampNs) || (a.line < b.line ? -1 : Number(a.line > b.line)),
  );
}
