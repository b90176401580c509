import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** What came back for a request. */
export interface Answer {
  status: number;
  /** The `Retry-After` header as it came. */
  retryAfter: string | undefined;
  body: string;
}

export interface ExporterClientOptions {
  /** Where records go, path included. */
  url: URL;
  token: string | null;
  /** Most connections; each is kept for the next request. */
  connections: number;
  /** A request during which nothing moves for so long has failed. */
  silenceMs: number;
}

/**
 * From this size on the server is asked first (`Expect: 100-continue`). A body that is refused, as too large or for
 * its token, need not travel; and a proxy that refuses it unread ends the connection under whoever is still sending,
 * more often than not before the answer has been read.
 */
const ASK_FIRST_BYTES = 1024 * 1024;
/** Servers that know nothing of asking first get the body after this. */
const LONGEST_ASK_MS = 1000;
/** Node says "continue" before the exporter has looked at the headers: its refusal comes right behind. */
const AFTER_CONTINUE_MS = 10;
/** A refusal of every record of a large batch is some megabytes; more than this is no exporter's answer. */
const LONGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/** Sends batches of call records over connections that are kept open. */
export class ExporterClient {
  readonly #agent: HttpAgent | HttpsAgent;

  constructor(private readonly options: ExporterClientOptions) {
    const { url, connections } = options;
    const agentOptions = { keepAlive: true, maxSockets: connections };
    this.#agent = url.protocol === 'https:' ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  }

  /**
   * Sends NDJSON.
   * @throws system errors such as ECONNREFUSED or ECONNRESET, also when the answer breaks off; ETIMEDOUT
   */
  post(body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = this.#begin(body.length);
      request.on('error', reject);
      request.setTimeout(this.options.silenceMs, () => {
        request.destroy(Object.assign(new Error('Nothing was heard for too long'), { code: 'ETIMEDOUT' }));
      });
      request.on('response', (response) => readAnswer(response).then(resolve, reject));
      if (body.length < ASK_FIRST_BYTES) request.end(body);
      else sendWhenAsked(request, body);
    });
  }

  /** Ends the connections, which would keep the process alive. */
  close(): void {
    this.#agent.destroy();
  }

  #begin(length: number): ClientRequest {
    const { url, token } = this.options;
    return (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: this.#agent,
      headers: {
        'Content-Type': 'application/x-ndjson',
        'Content-Length': length,
        ...(length >= ASK_FIRST_BYTES && { Expect: '100-continue' }),
        ...(token !== null && { Authorization: `Bearer ${token}` }),
      },
    });
  }
}

function sendWhenAsked(request: ClientRequest, body: Buffer): void {
  const send = (): void => {
    if (!request.destroyed && !request.writableEnded) request.end(body);
  };
  let timer = setTimeout(send, LONGEST_ASK_MS);
  request.on('continue', () => {
    clearTimeout(timer);
    timer = setTimeout(send, AFTER_CONTINUE_MS);
  });
  request.on('response', (response: IncomingMessage) => {
    clearTimeout(timer);
    // Answered without the body: nothing else can go over this connection.
    if (!request.writableEnded) response.on('end', () => request.destroy());
  });
  request.on('close', () => clearTimeout(timer));
}

function readAnswer(response: IncomingMessage): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= LONGEST_ANSWER_BYTES) chunks.push(chunk);
      else response.destroy(new Error('The answer is far too long for an exporter'));
    });
    response.on('error', reject);
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        retryAfter: response.headers['retry-after'],
        body: Buffer.concat(chunks).toString('utf8'),
      }),
    );
  });
}
