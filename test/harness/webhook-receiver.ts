import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { Labels } from './prometheus-process.js';

export interface Received {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** What it was answered. */
  status: number;
  /** When it was all there, epoch ms. */
  at: number;
}

/** What Alertmanager sends to webhooks. */
export interface WebhookMessage {
  version: string;
  groupKey: string;
  status: 'firing' | 'resolved';
  receiver: string;
  groupLabels: Labels;
  commonLabels: Labels;
  commonAnnotations: Labels;
  externalURL: string;
  truncatedAlerts: number;
  alerts: {
    status: 'firing' | 'resolved';
    labels: Labels;
    annotations: Labels;
    startsAt: string;
    endsAt: string;
    fingerprint: string;
  }[];
}

/** A server on a free loopback port that keeps whatever it is sent. */
export class WebhookReceiver {
  readonly url: string;
  readonly received: Received[] = [];
  /** Answered to whoever may come in; 503 makes Alertmanager try again. */
  status = 200;
  /** Without it in `Authorization: Bearer …`, the answer is 401. */
  token: string | null = null;
  /** The answer's body. */
  answer = '{}';
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener has no port');
    const receiver = new WebhookReceiver(server, `http://127.0.0.1:${address.port}`);
    server.on('request', async (request, response) => {
      request.setEncoding('utf8');
      let body = '';
      for await (const part of request) body += part;
      const { method = '', url: path = '', headers } = request;
      const mayEnter = receiver.token === null || headers.authorization === `Bearer ${receiver.token}`;
      const status = mayEnter ? receiver.status : 401;
      receiver.received.push({ method, path, headers, body, status, at: Date.now() });
      response.writeHead(status, { 'content-type': 'application/json' }).end(receiver.answer);
    });
    return receiver;
  }

  /** The messages that were taken, at one path or at all, oldest first. */
  messages(path?: string): WebhookMessage[] {
    return this.received
      .filter((one) => one.status < 300 && (path === undefined || one.path === path))
      .map(({ body }) => JSON.parse(body) as WebhookMessage);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
