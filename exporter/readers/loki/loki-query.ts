import { Agent } from 'undici';
import type { Destination } from '../../projections/loki/destination.js';
import { authorizationOf } from '../../projections/loki/push/connection.js';

export interface LokiQueryOptions extends Pick<Destination, 'url' | 'credentials' | 'tls'> {
  /** Empty = none is named. */
  readonly tenant: string;
  readonly userAgent: string;
}

export interface QueryRange {
  /** A LogQL query for log lines. */
  readonly query: string;
  /** ns since the epoch, inclusive. */
  readonly startNs: bigint;
  /** ns since the epoch, exclusive. */
  readonly endNs: bigint;
  readonly limit: number;
}

export interface FoundLine {
  readonly timestampNs: bigint;
  readonly line: string;
  /** Labels and structured metadata. */
  readonly fields: Readonly<Record<string, string>>;
}

/** Loki did not answer, or not with what was asked for. The message says what to look at. */
export class LokiQueryError extends Error {
  override readonly name = 'LokiQueryError';
}

const PUSH_PATH = '/loki/api/v1/push';
const QUERY_PATH = '/loki/api/v1/query_range';
/** Longer than Loki's own limits for a query, so that it ends with Loki's reason. */
const ANSWER_TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 10_000;
const MOST_OF_A_REASON = 500;

/** Asks one tenant's Loki for log lines. */
export class LokiQuery {
  readonly #agent: Agent;
  readonly #address: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor({ url, credentials, tls, tenant, userAgent }: LokiQueryOptions) {
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    this.#agent = new Agent({
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      connect: { ...given, timeout: CONNECT_TIMEOUT_MS },
    });
    this.#address = new URL(url);
    const base = this.#address.pathname.replace(/\/+$/, '');
    this.#address.pathname = `${base.endsWith(PUSH_PATH) ? base.slice(0, -PUSH_PATH.length) : base}${QUERY_PATH}`;
    const authorization = authorizationOf(credentials);
    this.#headers = {
      'user-agent': userAgent,
      ...(authorization !== null && { authorization }),
      ...(tenant !== '' && { 'x-scope-orgid': tenant }),
    };
  }

  /**
   * The oldest lines of a range, at most `limit` of them, oldest first.
   * @throws LokiQueryError
   */
  async range({ query, startNs, endNs, limit }: QueryRange): Promise<FoundLine[]> {
    const parameters = {
      query,
      start: String(startNs),
      end: String(endNs),
      limit: String(limit),
      direction: 'forward',
    };
    const text = await this.#ask(new URLSearchParams(parameters));
    const lines: FoundLine[] = [];
    for (const { stream, values } of streamsOf(text)) {
      for (const [timestamp, line] of values) lines.push({ timestampNs: BigInt(timestamp), line, fields: stream });
    }
    return lines.sort((a, b) => (a.timestampNs < b.timestampNs ? -1 : a.timestampNs > b.timestampNs ? 1 : 0));
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #ask(parameters: URLSearchParams): Promise<string> {
    const { origin, pathname } = this.#address;
    const where = `${origin}${pathname}`;
    let status: number;
    let text: string;
    try {
      const answer = await this.#agent.request({
        origin,
        path: `${pathname}?${parameters}`,
        method: 'GET',
        headers: this.#headers,
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new LokiQueryError(
        `Loki does not answer at ${where} (${code ?? message}): is it running, and loki.url right?`,
      );
    }
    if (status === 200) return text;
    // What stands between may give back what it was sent.
    const secret = this.#headers.authorization?.split(' ')[1];
    const shown = secret === undefined ? text : text.replaceAll(secret, '…');
    const reason = shown.trim().slice(0, MOST_OF_A_REASON);
    throw new LokiQueryError(`Loki at ${where} answers ${status}: ${reason}${hintFor(status)}`);
  }
}

function hintFor(status: number): string {
  if (status !== 401 && status !== 403) return '';
  return '\nLook at loki.tenant, loki.user and loki.token_file in the configuration.';
}

interface Stream {
  stream: Record<string, string>;
  values: [string, string][];
}

function streamsOf(text: string): Stream[] {
  try {
    const { data } = JSON.parse(text) as { data?: { resultType?: string; result?: unknown } };
    if (data?.resultType === 'streams' && Array.isArray(data.result) && data.result.every(isStream)) return data.result;
  } catch {
    // Said below: what answered is no Loki.
  }
  throw new LokiQueryError('What answers at loki.url is no Loki: it gave no log lines for a query of log lines.');
}

function isStream(value: unknown): value is Stream {
  const { stream, values } = (value ?? {}) as Partial<Stream>;
  if (typeof stream !== 'object' || stream === null || !Array.isArray(values)) return false;
  return values.every(
    (entry) => Array.isArray(entry) && /^\d{1,19}$/.test(String(entry[0])) && typeof entry[1] === 'string',
  );
}
