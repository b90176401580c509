import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a test makes of a push instead of Loki's own answer. */
export type Fault =
  /** Answers so, as a proxy before Loki may. With `stored` the entries are taken first, and the answer hides it. */
  | { kind: 'answer'; status: number; body?: string; headers?: Readonly<Record<string, string>>; stored?: boolean }
  /** Cuts the connection: when the body begins to come, or when Loki has stored it and is about to say so. */
  | { kind: 'reset'; when: 'mid-body' | 'after storing' }
  /** Takes the request and never answers, until the double is stopped or told to `recover`. */
  | { kind: 'stall' };

/** What Loki and what stands before it say when they are not well. */
export const FAULTS = {
  shuttingDown: { kind: 'answer', status: 500, body: 'Ingester is shutting down' },
  badGateway: { kind: 'answer', status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' },
  unavailable: { kind: 'answer', status: 503, body: 'no available server', headers: { 'retry-after': '1' } },
  gatewayTimeout: { kind: 'answer', status: 504, body: 'stream timeout' },
  tooManyRequests: { kind: 'answer', status: 429, body: 'Too Many Requests', headers: { 'retry-after': '1' } },
  resetMidBody: { kind: 'reset', when: 'mid-body' },
  answerLost: { kind: 'reset', when: 'after storing' },
  stall: { kind: 'stall' },
} as const satisfies Readonly<Record<string, Fault>>;

/** A fault for each push, in the order in which they come. */
export type FaultPlan = (pushNumber: number) => Fault | undefined;

/** Which fault comes next: those for a number of pushes first, then the plan. */
export class Faults {
  #queue: Fault[] = [];
  #plan: FaultPlan | undefined;
  #pushes = 0;

  /** @param times how many pushes it is for; for all that come when left out */
  add(fault: Fault, times?: number): void {
    if (times === undefined) this.#plan = () => fault;
    else this.#queue.push(...Array.from({ length: times }, () => fault));
  }

  plan(plan: FaultPlan): void {
    this.#plan = plan;
  }

  clear(): void {
    this.#queue = [];
    this.#plan = undefined;
  }

  next(): Fault | undefined {
    this.#pushes += 1;
    return this.#queue.shift() ?? this.#plan?.(this.#pushes);
  }
}

/** Cuts a connection as a crash would: with a reset, not with an end. */
export function reset(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

/** Cuts it as soon as something of the body has come. */
export function resetMidBody(request: IncomingMessage): void {
  request.once('data', () => reset(request));
  request.once('end', () => reset(request));
}

export function answerWith(response: ServerResponse, fault: Extract<Fault, { kind: 'answer' }>): void {
  response.writeHead(fault.status, { 'content-type': 'text/plain; charset=utf-8', ...fault.headers });
  response.end(fault.body ?? '');
}
