import { createServer, type IncomingMessage, maxHeaderSize, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { ListenAddress } from '../config/settings.js';
import { landingPage } from './landing-page.js';
import { HttpProblem, PROBLEMS, problemDetails, sendProblem } from './problems.js';

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

export interface HttpServerOptions {
  /** A request that has not arrived whole by then is answered 408. */
  requestTimeoutMs: number;
  /** What `POST /v1/calls` and `GET /metrics` do. */
  calls: Handler;
  metrics: RequestHandler;
  /** What Alertmanager calls: `POST /notify/history` and `POST /notify/dingtalk`. */
  notify: { readonly history: Handler; readonly dingtalk: Handler };
  /** The pages that alerts link to: all of them, and one by its name. */
  runbooks: { readonly list: Handler; readonly page: (name: string, response: ServerResponse) => Promise<void> };
  /** Why records cannot be taken, or null. */
  trouble: () => Error | null;
  /** What is not well though records are taken, in a sentence, or null. */
  detail: () => string | null;
  onError: (error: Error) => void;
}

/** How often Node looks for requests that take too long. */
const TIMEOUT_CHECK_MS = 1000;
/** What is still going on so long after a stop began is cut off. */
const DRAIN_MS = 20_000;
const SWEEP_MS = 50;
/** How long a client may take to read that what it sent is no request, ms. */
const LINGER_MS = 1000;

/** The HTTP side of the exporter: which path is whose, what errors look like, how it stops. */
export class HttpServer {
  readonly #server: Server;
  /** The response to the last request of each connection. */
  readonly #responses = new WeakMap<Duplex, ServerResponse>();
  /** Connections on which nothing was asked yet, such as a browser opens in advance. */
  readonly #silent = new Set<Socket>();
  /** Responses that are not done with. */
  readonly #open = new Set<ServerResponse>();
  /** Requests with records or notifications that are not answered yet, whether or not somebody still waits for the answer. */
  readonly #admitting = new Set<Promise<void>>();
  #stopping = false;

  constructor(private readonly options: HttpServerOptions) {
    const app = this.#routes();
    this.#server = createServer({ connectionsCheckingInterval: TIMEOUT_CHECK_MS }, (request, response) => {
      // A connection that is kept alive would keep the process alive.
      if (this.#stopping) response.setHeader('Connection', 'close');
      this.#silent.delete(request.socket);
      this.#responses.set(request.socket, response);
      this.#open.add(response);
      response.once('close', () => this.#open.delete(response));
      app(request, response);
    });
    this.#server.requestTimeout = options.requestTimeoutMs;
    this.#server.headersTimeout = Math.min(options.requestTimeoutMs, 10_000);
    this.#server.on('connection', (socket) => {
      this.#silent.add(socket);
      socket.once('close', () => this.#silent.delete(socket));
    });
    this.#server.on('clientError', (error, socket) => this.#answerBroken(error, socket));
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
        // Out of file descriptors, say: the next connection may do better.
        this.#server.on('error', this.options.onError);
        resolve();
      });
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /**
   * Takes no new connections, answers what has been sent, and returns when all is answered: nothing of a
   * request is handed on after that.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    // Told that the connection stays, a client would send its next request into one that is being closed.
    for (const response of this.#open) if (!response.headersSent) response.setHeader('Connection', 'close');
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const deadline = setTimeout(() => this.#server.closeAllConnections(), DRAIN_MS);
    // A request that is answered now leaves an idle connection behind, which nobody else would end; nor
    // would anybody those that Node does not count as idle, since they never had a request.
    const sweep = setInterval(() => {
      this.#server.closeIdleConnections();
      for (const socket of this.#silent) if (socket.bytesRead === 0) socket.destroy();
    }, SWEEP_MS);
    await closed;
    clearTimeout(deadline);
    clearInterval(sweep);
    await Promise.all(this.#admitting);
  }

  #routes(): Express {
    const { calls, metrics, notify, runbooks, trouble, detail } = this.options;
    const app = express();
    app.disable('x-powered-by');
    app.disable('etag');
    app.set('query parser', false);
    app.post('/v1/calls', this.#admits(calls));
    app.all('/v1/calls', only('POST'));
    app.post('/notify/history', this.#admits(notify.history));
    app.all('/notify/history', only('POST'));
    app.post('/notify/dingtalk', this.#admits(notify.dingtalk));
    app.all('/notify/dingtalk', only('POST'));
    app.get('/runbooks/', runbooks.list);
    app.all('/runbooks/', only('GET, HEAD'));
    app.get('/runbooks/:name', (request, response) => runbooks.page(request.params.name, response));
    app.all('/runbooks/:name', only('GET, HEAD'));
    app.get('/metrics', metrics);
    app.all('/metrics', only('GET, HEAD'));
    app.get('/-/healthy', (_request, response) => {
      response.type('text/plain').send('alive\n');
    });
    app.get('/-/ready', (_request, response) => {
      const reason = this.#stopping ? new Error('The exporter is stopping.') : trouble();
      const note = detail();
      const body = {
        ...(reason === null ? { status: 'ready' } : { status: 'not ready', reason: reason.message }),
        ...(note !== null && { detail: note }),
      };
      response
        .status(reason === null ? 200 : 503)
        .type('application/json')
        .send(`${JSON.stringify(body)}\n`);
    });
    app.get('/', (_request, response) => {
      response.type('text/html').send(landingPage());
    });
    app.use((_request, response) =>
      sendProblem(
        response,
        new HttpProblem(
          'not-found',
          'There are POST /v1/calls, /notify/history and /notify/dingtalk, GET /metrics, /runbooks/, /-/healthy, /-/ready, and a page at /.',
        ),
      ),
    );
    app.use(this.#errors());
    return app;
  }

  /** A handler that hands on what a request brought: a stop waits for it, whether or not somebody still waits for the answer. */
  #admits(handler: Handler): RequestHandler {
    return async (request, response) => {
      const admitted = Promise.resolve(handler(request, response));
      this.#admitting.add(admitted);
      await admitted.finally(() => this.#admitting.delete(admitted));
    };
  }

  /** For requests that break off: Node would close the connection without a word of JSON. */
  #answerBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
    // The second is what the parser says when a client closes in the middle of a request.
    const gone = error.code === 'ECONNRESET' || error.code === 'HPE_INVALID_EOF_STATE';
    if (gone || !socket.writable) {
      socket.destroy();
      return;
    }
    const response = this.#responses.get(socket);
    const broken = response !== undefined && !response.req.complete;
    if (broken && response.headersSent) {
      // Answered before it was whole, and the rest does not come.
      socket.destroy();
    } else if (broken) {
      response.setHeader('Connection', 'close');
      // Who still waits for the body would wait for ever: Node forgets a request once it is answered.
      response.once('close', () => response.req.destroy());
      sendProblem(response, brokenRequest(error.code));
    } else if (response?.writableEnded === false) {
      // What follows a good request is broken: that one still gets its own answer.
      response.once('finish', () => socket.destroy());
    } else {
      answerRaw(socket, brokenRequest(error.code));
    }
  }

  #errors(): ErrorRequestHandler {
    return (error: unknown, _request, response, _next) => {
      if (error instanceof HttpProblem) {
        sendProblem(response, error);
        return;
      }
      // A path with a percent sign that encodes nothing.
      if (error instanceof URIError) {
        sendProblem(response, new HttpProblem('not-found', 'The path is not encoded as an address is.'));
        return;
      }
      this.options.onError(error as Error);
      sendProblem(response, new HttpProblem('internal-error', 'The log of the exporter says what happened.'));
    };
  }
}

function only(methods: string): RequestHandler {
  return (_request, response) => {
    response.setHeader('Allow', methods);
    sendProblem(response, new HttpProblem('method-not-allowed', `Use ${methods} here.`));
  };
}

/** What is said of a request that is not whole and will not be. */
function brokenRequest(code: string | undefined): HttpProblem {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new HttpProblem(
      'request-timeout',
      'The request did not arrive whole within limits.request_timeout. Nothing of it was taken.',
    );
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new HttpProblem('headers-too-large', `The headers have more than ${maxHeaderSize} bytes.`);
  }
  return new HttpProblem('malformed-request', 'This is not HTTP/1.1 as the exporter reads it.');
}

/** Answers on a connection where no request has come far enough to have a response. */
function answerRaw(socket: Duplex, problem: HttpProblem): void {
  const { status, title } = PROBLEMS[problem.problem];
  const body = `${JSON.stringify(problemDetails(problem))}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  // Destroyed at once, what the client is still sending would reset the connection before it has read this.
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
