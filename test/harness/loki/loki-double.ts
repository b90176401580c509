import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ConfigKeys } from '../exporter-process.js';
import { answerWith, type Fault, type FaultPlan, Faults, reset, resetMidBody } from './faults.js';
import { type LokiLimits, type LokiServerLimits, limitsOf, serverLimitsOf } from './limits.js';
import { lokiConfig } from './loki-config.js';
import type { LokiOptions } from './loki-process.js';
import { type PushResult, takePush } from './push.js';
import { queryInstant, queryRange } from './query.js';
import { REFUSALS } from './refusals.js';
import { type StoredEntry, type StoredStream, TenantStore } from './tenant-store.js';

export interface LokiDoubleOptions extends LokiOptions {
  /** Default: a free one. */
  port?: number;
  /** Epoch milliseconds; default: this machine's clock. */
  now?: () => number;
  /** What a proxy before Loki asks for, e.g. `Bearer …`: without it the answer is 401. */
  authorization?: string;
}

/** A push as it came, and how it went. */
export interface SeenPush extends PushResult {
  tenant: string;
  contentType: string;
  contentEncoding: string;
  /** Of the body as it came. */
  bytes: number;
  /** What a test made of it instead. */
  fault?: Fault;
}

const NO_TENANTS = 'fake';

/**
 * Loki's push and query endpoints on 127.0.0.1, in this process: it takes and refuses what Loki takes and refuses with
 * the configuration that is shipped, in Loki's words, so that tests need no Loki. `test/loki-contract.test.ts` holds it
 * against a real one.
 *
 * What it leaves out: metric queries, stages of LogQL that reformat, sharding of streams by rate, and retention.
 */
export class LokiDouble {
  readonly pushes: SeenPush[] = [];
  /** Requests other than pushes, by path. */
  readonly requests = new Map<string, number>();
  readonly #server: Server;
  readonly #options: LokiDoubleOptions;
  readonly #config: ConfigKeys;
  readonly #serverLimits: LokiServerLimits;
  readonly #tenants = new Map<string, TenantStore>();
  readonly #faults = new Faults();
  readonly #stalled = new Set<IncomingMessage>();
  readonly #sockets = new Set<Socket>();
  #changes: Partial<LokiLimits> = {};
  #port = 0;

  private constructor(options: LokiDoubleOptions) {
    this.#options = options;
    this.#config = lokiConfig(options.config);
    this.#serverLimits = serverLimitsOf(this.#config);
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (!response.headersSent) response.writeHead(500);
        response.end(`the double of Loki: ${error instanceof Error ? error.stack : String(error)}`);
      });
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options: LokiDoubleOptions = {}): Promise<LokiDouble> {
    const double = new LokiDouble(options);
    await double.#listen(options.port ?? 0);
    return double;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Closes the port and cuts every connection: the next ones are refused. What is stored stays. */
  async goDown(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#stalled.clear();
    await closed;
  }

  /** Listens again where it listened before. */
  comeUp(): Promise<void> {
    return this.#listen(this.#port);
  }

  async stop(): Promise<void> {
    if (this.#server.listening) await this.goDown();
  }

  /** Makes this of the next `times` pushes, or of all when left out. */
  fail(fault: Fault, times?: number): void {
    this.#faults.add(fault, times);
  }

  /** Asks for each push, counted from 1, what to make of it. */
  failAsPlanned(plan: FaultPlan): void {
    this.#faults.plan(plan);
  }

  /** Back to Loki's own answers; what is stalled is cut off. */
  recover(): void {
    this.#faults.clear();
    for (const request of this.#stalled) request.socket.destroy();
    this.#stalled.clear();
  }

  /** Other limits from here on, for every tenant. */
  change(limits: Partial<LokiLimits>): void {
    this.#changes = { ...this.#changes, ...limits };
  }

  streams(tenant = NO_TENANTS): readonly StoredStream[] {
    return this.#tenants.get(tenant)?.streams ?? [];
  }

  /** Every entry that is stored, with the labels of its stream, by time. */
  entries(tenant = NO_TENANTS): (StoredEntry & { readonly labels: Readonly<Record<string, string>> })[] {
    return this.streams(tenant)
      .flatMap(({ labels, entries }) => {
        const own = Object.fromEntries(labels.filter(([name]) => name !== '__time_shard__'));
        return entries.map((entry) => ({ ...entry, labels: own }));
      })
      .sort((a, b) => (a.timestampNs < b.timestampNs ? -1 : Number(a.timestampNs > b.timestampNs)));
  }

  /** Forgets what is stored and seen. */
  clear(): void {
    this.#tenants.clear();
    this.pushes.length = 0;
    this.requests.clear();
  }

  async #listen(port: number): Promise<void> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #now(): number {
    return this.#options.now?.() ?? Date.now();
  }

  #limits(tenant: string): LokiLimits {
    const { limits_config: all = {} } = this.#config as { limits_config?: ConfigKeys };
    return { ...limitsOf(all, this.#options.tenants?.[tenant] ?? {}), ...this.#changes };
  }

  /** @returns undefined where a header is asked for and is not there */
  #tenant(request: IncomingMessage): string | undefined {
    if (this.#config.auth_enabled !== true) return NO_TENANTS;
    return header(request, 'x-scope-orgid') || undefined;
  }

  #store(tenant: string): TenantStore {
    let store = this.#tenants.get(tenant);
    if (store === undefined) {
      store = new TenantStore(tenant);
      this.#tenants.set(tenant, store);
    }
    return store;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/loki/api/v1/push') return this.#push(request, response);
    this.requests.set(pathname, (this.requests.get(pathname) ?? 0) + 1);
    if (pathname === '/ready') return text(response, 200, 'ready\n');
    if (!this.#authorized(request)) return text(response, 401, 'Unauthorized\n');
    const tenant = this.#tenant(request);
    if (tenant === undefined) return text(response, 401, `${REFUSALS.noTenant}\n`);
    const parameters =
      request.method === 'POST' ? new URLSearchParams((await bodyOf(request)).toString()) : searchParams;
    const streams = this.streams(tenant);
    if (pathname === '/loki/api/v1/query_range') {
      const categorize = header(request, 'x-loki-response-encoding-flags').includes('categorize-labels');
      const limits = this.#limits(tenant);
      const answer = queryRange(streams, parameters, categorize, limits, this.#serverLimits, this.#now());
      return answer.status === 200 ? json(response, answer.body) : text(response, answer.status, answer.body);
    }
    if (pathname === '/loki/api/v1/query') {
      const { status, body } = queryInstant(parameters);
      return text(response, status, body);
    }
    if (pathname === '/loki/api/v1/labels') return json(response, names(labelNames(streams)));
    const [, label] = /^\/loki\/api\/v1\/label\/([^/]+)\/values$/.exec(pathname) ?? [];
    if (label !== undefined) return json(response, names(labelValues(streams, label)));
    return text(response, 404, '404 page not found\n');
  }

  async #push(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    const fault = this.#faults.next();
    const contentType = header(request, 'content-type');
    const contentEncoding = header(request, 'content-encoding');
    const tenant = this.#tenant(request);
    const seen = (result: PushResult, bytes: number): void => {
      const own = { tenant: tenant ?? '', contentType, contentEncoding, bytes };
      this.pushes.push({ ...result, ...own, ...(fault === undefined ? {} : { fault }) });
    };
    if (fault?.kind === 'reset' && fault.when === 'mid-body') {
      seen(NOTHING, 0);
      resetMidBody(request);
      return;
    }
    const body = await bodyOf(request);
    if (fault?.kind === 'stall') {
      seen(NOTHING, body.length);
      this.#stalled.add(request);
      return;
    }
    if (fault?.kind === 'answer' && fault.stored !== true) {
      seen({ ...NOTHING, status: fault.status, message: fault.body ?? '' }, body.length);
      answerWith(response, fault);
      return;
    }
    if (!this.#authorized(request)) {
      seen({ ...NOTHING, status: 401, message: 'Unauthorized' }, body.length);
      return text(response, 401, 'Unauthorized\n');
    }
    if (tenant === undefined) {
      seen({ ...NOTHING, status: 401, message: REFUSALS.noTenant }, body.length);
      return text(response, 401, `${REFUSALS.noTenant}\n`);
    }
    const pushed = { body, contentType, contentEncoding };
    const result = takePush(pushed, this.#store(tenant), this.#limits(tenant), this.#serverLimits, this.#now());
    seen(result, body.length);
    if (fault?.kind === 'reset') return reset(request);
    if (fault?.kind === 'answer') return answerWith(response, fault);
    if (result.status === 204) response.writeHead(204).end();
    else text(response, result.status, `${result.message}\n`);
  }

  #authorized(request: IncomingMessage): boolean {
    const { authorization } = this.#options;
    return authorization === undefined || header(request, 'authorization') === authorization;
  }
}

/** Of a push that Loki never saw. */
const NOTHING: PushResult = { status: 0, message: '', received: 0, stored: 0, duplicates: 0, refused: 0 };

function header(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function text(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(body);
}

function json(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(body);
}

/** Without `data` where there are none, as Loki has it. */
function names(found: readonly string[]): string {
  return JSON.stringify({ status: 'success', ...(found.length === 0 ? {} : { data: found }) });
}

function labelNames(streams: readonly StoredStream[]): string[] {
  return [...new Set(streams.flatMap(({ labels }) => labels.map(([name]) => name)))].sort();
}

function labelValues(streams: readonly StoredStream[], label: string): string[] {
  const pairs = streams.flatMap(({ labels }) => labels.filter(([name]) => name === label));
  return [...new Set(pairs.map(([, value]) => value))].sort();
}
