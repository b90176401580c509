import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Receipt } from '../../doors/intake.js';
import { HttpProblem, sendProblem } from '../../http/problems.js';

/** What the double does with one request. */
export type Behaviour =
  | 'take'
  /** Takes the records, and answers in two parts with a pause between. */
  | 'slow'
  /** Ends the connection without having taken anything. */
  | 'drop'
  /** Takes the records, and ends the connection instead of answering. */
  | 'take-and-drop'
  /** Takes the records, and ends the connection in the middle of the answer. */
  | 'drop-mid-answer'
  /** Never answers. */
  | 'silent'
  | { status: number; retryAfter?: string; body?: string };

/** For tests: an exporter as the client sees it, which fails as it is told to. */
export class ExporterDouble {
  /** One for each coming request; then it takes everything. */
  readonly script: Behaviour[] = [];
  /** The bodies of all requests that arrived whole, in order. */
  readonly bodies: string[] = [];
  /** Records taken, by id: what an exporter counts. */
  readonly counted = new Map<string, Record<string, unknown>>();
  /** Lines refused. */
  readonly refused: string[] = [];
  authorizations = new Set<string | undefined>();
  maxRecords = Number.POSITIVE_INFINITY;
  maxBytes = Number.POSITIVE_INFINITY;
  connections = 0;
  /** What arrived for requests that were over `maxBytes`, headers included. */
  bytesOfRefused = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  static async start(): Promise<ExporterDouble> {
    const double = new ExporterDouble();
    await new Promise<void>((resolve) => double.#server.listen(0, '127.0.0.1', resolve));
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.authorizations.add(request.headers.authorization);
    if (Number(request.headers['content-length']) > this.maxBytes) {
      // As a proxy may do it: without reading, and the connection goes.
      const problem = new HttpProblem(
        'body-too-large',
        `The body is larger than limits.body_bytes (${this.maxBytes} bytes).`,
      );
      response.setHeader('Connection', 'close');
      sendProblem(response, problem);
      request.socket.on('close', () => {
        this.bytesOfRefused += request.socket.bytesRead;
      });
      response.on('finish', () => request.destroy());
      return;
    }
    const body = await textOf(request);
    if (body === null) return;
    this.bodies.push(body);
    const behaviour = this.script.shift() ?? 'take';
    if (behaviour === 'drop') request.socket.destroy();
    else if (typeof behaviour === 'object') this.#answer(response, behaviour);
    else if (behaviour !== 'silent') await this.#take(behaviour, body, response);
  }

  #answer(response: ServerResponse, { status, retryAfter, body }: Exclude<Behaviour, string>): void {
    if (retryAfter !== undefined) response.setHeader('Retry-After', retryAfter);
    response.writeHead(status).end(body ?? JSON.stringify({ title: 'No', status, detail: 'Not now.' }));
  }

  async #take(behaviour: Behaviour, body: string, response: ServerResponse): Promise<void> {
    const lines = body.split('\n');
    if (lines.length > this.maxRecords) {
      const detail = `The request holds more than limits.batch_records (${this.maxRecords}) records.`;
      sendProblem(response, new HttpProblem('body-too-large', detail));
      return;
    }
    const receipt = this.#receiptFor(lines);
    if (behaviour === 'take-and-drop') {
      response.destroy();
      return;
    }
    const nothing = receipt.accepted + receipt.duplicates === 0;
    const text = JSON.stringify(nothing ? { status: 400, detail: 'None was good.', ...receipt } : receipt);
    response.writeHead(nothing ? 400 : 202, { 'Content-Length': Buffer.byteLength(text) });
    if (behaviour === 'take') {
      response.end(text);
      return;
    }
    response.write(text.slice(0, 5));
    await delay(2);
    if (behaviour === 'slow') response.end(text.slice(5));
    else response.destroy();
  }

  #receiptFor(lines: string[]): Receipt {
    const receipt: Receipt = { accepted: 0, duplicates: 0, late: 0, rejected: [] };
    for (const [index, line] of lines.entries()) {
      const record = parse(line);
      const id = record?.id;
      if (record === null || typeof record.model !== 'string' || typeof id !== 'string') {
        const field = record === null ? '' : typeof record.model !== 'string' ? 'model' : 'id';
        receipt.rejected.push({
          index,
          line: index + 1,
          field,
          message: record === null ? 'is not valid JSON' : 'is missing',
        });
        this.refused.push(line);
      } else if (this.counted.has(id)) receipt.duplicates += 1;
      else {
        this.counted.set(id, record);
        receipt.accepted += 1;
      }
    }
    return receipt;
  }
}

function parse(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

async function textOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString('utf8');
}
