import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { DecodedStream } from './decode-push.js';
import { decodePush } from './decode-push.js';

/** A request as it came, when all of it had come. */
export interface Pushed {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly streams: readonly DecodedStream[];
}

export type Handler = (pushed: Pushed, response: ServerResponse, request: IncomingMessage) => void;

export interface ScriptedServer {
  readonly url: string;
  /** Requests that came whole. */
  readonly pushed: Pushed[];
  readonly connections: () => number;
  stop(): Promise<void>;
}

/** An HTTP server on loopback that does what the test says with each push. */
export async function scriptedServer(
  handle: Handler,
  options: { port?: number; tls?: { key: string; cert: string } } = {},
): Promise<ScriptedServer> {
  const pushed: Pushed[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const headers = request.headers as Record<string, string | undefined>;
    const one = { path: request.url!, headers: request.headers, streams: decodePush(Buffer.concat(chunks), headers) };
    pushed.push(one);
    handle(one, response, request);
  };
  const server = options.tls ? createTlsServer(options.tls, onRequest) : createServer(onRequest);
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    pushed,
    connections: () => connections,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
