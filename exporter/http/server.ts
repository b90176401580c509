import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { ListenAddress } from '../config/settings.js';
import { landingPage } from './landing-page.js';
import { HttpProblem, PROBLEMS, type ProblemName, problemDetails, sendProblem } from './problems.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface HttpServerOptions {
  /** A request that has not arrived whole by then is answered 408. */
  requestTimeoutMs: number;
  /** What `POST /v1/calls` and `GET /metrics` do. */
  calls: Handler;
  metrics: RequestHandler;
  /** Why records cannot be taken, or null. */
  trouble: () => Error | null;
  onError: (error: Error) => void;
}

/** How often Node looks for requests that take too long. */
const TIMEOUT_CHECK_MS = 1000;
/** What is still going on so long after a stop began is cut off. */
const DRAIN_MS = 20_000;

/** The HTTP side of the exporter: which path is whose, what errors look like, how it stops. */
export class HttpServer {
  readonly #server: Server;
  #stopping = false;

  constructor(private readonly options: HttpServerOptions) {
    const app = this.#routes();
    this.#server = createServer({ connectionsCheckingInterval: TIMEOUT_CHECK_MS }, (request, response) => {
      // A connection that is kept alive would keep the process alive.
      if (this.#stopping) response.setHeader('Connection', 'close');
      app(request, response);
    });
    this.#server.requestTimeout = options.requestTimeoutMs;
    this.#server.headersTimeout = Math.min(options.requestTimeoutMs, 10_000);
    this.#server.on('clientError', answerBrokenRequest);
  }

  /**
   * @returns the port, which the system chose when 0 was asked for
   * @throws system errors such as EADDRINUSE
   */
  async listen({ host, port }: ListenAddress): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Takes no new connections, answers what has been sent, and returns when all is answered. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const deadline = setTimeout(() => this.#server.closeAllConnections(), DRAIN_MS);
    // A request that is answered now leaves an idle connection behind, which nobody else would end.
    const sweep = setInterval(() => this.#server.closeIdleConnections(), 50);
    await closed;
    clearTimeout(deadline);
    clearInterval(sweep);
  }

  #routes(): Express {
    const { calls, metrics, trouble } = this.options;
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.set('query parser', false);
    app.post('/v1/calls', calls);
    app.all('/v1/calls', only('POST'));
    app.get('/metrics', metrics);
    app.all('/metrics', only('GET, HEAD'));
    app.get('/-/healthy', (_request, response) => {
      response.type('text/plain').send('alive\n');
    });
    app.get('/-/ready', (_request, response) => {
      const reason = this.#stopping ? new Error('The exporter is stopping.') : trouble();
      const body = reason === null ? { status: 'ready' } : { status: 'not ready', reason: reason.message };
      response.status(reason === null ? 200 : 503).json(body);
    });
    app.get('/', (_request, response) => {
      response.type('text/html').send(landingPage());
    });
    app.use((_request, response) =>
      sendProblem(response, new HttpProblem('not-found', 'There is nothing at this path.')),
    );
    app.use(this.#errors());
    return app;
  }

  #errors(): ErrorRequestHandler {
    return (error: unknown, _request, response, _next) => {
      if (error instanceof HttpProblem) {
        sendProblem(response, error);
        return;
      }
      this.options.onError(error as Error);
      sendProblem(response, new HttpProblem('internal-error', 'The log of the exporter says what happened.'));
    };
  }
}

function only(methods: string): RequestHandler {
  return (request, response) => {
    response.setHeader('Allow', methods);
    sendProblem(response, new HttpProblem('method-not-allowed', `Use ${methods} here.`), !request.complete);
  };
}

/** For requests that never became one: Node would close the connection without a word of JSON. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const name: ProblemName = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request-timeout' : 'malformed-body';
  const detail =
    name === 'request-timeout'
      ? 'The request did not arrive whole within limits.request_timeout. Nothing of it was taken.'
      : 'This is not HTTP/1.1 as the exporter reads it.';
  const body = JSON.stringify(problemDetails(new HttpProblem(name, detail)));
  const { status, title } = PROBLEMS[name];
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
