import { Agent, type Dispatcher } from 'undici';
import type { Answer } from './answers.js';
import type { EncodedPush } from './encode-push.js';

/** Who we are to Loki, or to what stands before it. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** As Node's `tls.connect` takes them; certificates and key in PEM. */
export interface TlsOptions {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface ConnectionOptions {
  /** Where pushes go, path included. */
  readonly url: URL;
  readonly credentials: Credentials;
  readonly tls: TlsOptions;
  /** Most connections; each is kept for the next request. */
  readonly connections: number;
  readonly connectTimeoutMs: number;
  /** From the request's last byte to the answer's first, and between two parts of the answer. */
  readonly answerTimeoutMs: number;
  readonly userAgent: string;
}

/** Loki's longest messages name ten entries and their stream. */
const LONGEST_ANSWER_BYTES = 256 * 1024;

/** Sends pushes over connections that are kept open. */
export class Connection {
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(private readonly options: ConnectionOptions) {
    const { credentials, tls, connections, connectTimeoutMs, answerTimeoutMs, userAgent } = options;
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    this.#agent = new Agent({
      connections,
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
      connect: { ...given, timeout: connectTimeoutMs },
    });
    const authorization = authorizationOf(credentials);
    this.#headers = { 'user-agent': userAgent, ...(authorization !== null && { authorization }) };
  }

  /**
   * Sends one push.
   * @param tenant empty = none is named
   * @throws what undici, the system or TLS say when there is no answer, and when the signal is aborted
   */
  async post(tenant: string, push: EncodedPush, signal: AbortSignal): Promise<Answer> {
    const { url } = this.options;
    const { statusCode, headers, body } = await this.#agent.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: { ...this.#headers, ...push.headers, ...(tenant !== '' && { 'x-scope-orgid': tenant }) },
      body: push.body,
      signal,
    });
    const retryAfter = headers['retry-after'];
    return {
      status: statusCode,
      retryAfter: Array.isArray(retryAfter) ? retryAfter[0] : retryAfter,
      body: await textOf(body),
    };
  }

  /** Ends the connections, and what is under way on them. */
  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

/** The header `Authorization`; null where there is none. */
export function authorizationOf(credentials: Credentials): string | null {
  switch (credentials.kind) {
    case 'none':
      return null;
    case 'basic':
      return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
    case 'bearer':
      return `Bearer ${credentials.token}`;
  }
}

/** The answer's text; what goes on for longer than any message of Loki's is left there. */
async function textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_ANSWER_BYTES) break;
  }
  return Buffer.concat(chunks).toString('utf8');
}
