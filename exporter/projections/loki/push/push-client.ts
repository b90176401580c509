import type { Destination } from '../destination.js';
import type { LogEntry } from '../entry.js';
import { BATCH_BYTES } from '../sizes.js';
import { type Clock, systemClock } from './clock.js';
import { Connection, type ConnectionOptions } from './connection.js';
import type { DeadLetterSink } from './dead-letter-sink.js';
import { Delivery, type PushOutcome } from './delivery.js';
import { type Encoding, encodePush } from './encode-push.js';
import type { PushObserver } from './observer.js';

export interface PushClientOptions
  extends Pick<ConnectionOptions, 'credentials' | 'tls' | 'connectTimeoutMs' | 'answerTimeoutMs' | 'userAgent'> {
  /** Loki's address, with or without `/loki/api/v1/push`. */
  readonly url: string;
  readonly encoding: Encoding;
  /** Streams that are pushed at the same time, each over a connection of its own. */
  readonly connections: number;
  /** Most bytes of a request before compression; a larger entry goes alone. */
  readonly requestBytes: number;
  readonly deadLetters: DeadLetterSink;
  readonly observer: PushObserver;
  readonly clock?: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/**
 * What goes well when nothing is said: requests of 1 MiB, as Loki's own clients send them, which leaves room below its 4 MiB for a
 * message between its parts.
 */
export const PUSH_DEFAULTS = {
  encoding: 'protobuf',
  connections: 4,
  requestBytes: BATCH_BYTES,
  connectTimeoutMs: 10_000,
  answerTimeoutMs: 30_000,
} as const satisfies Partial<PushClientOptions>;

const PUSH_PATH = '/loki/api/v1/push';
/** https://grafana.com/docs/loki/latest/operations/multi-tenancy/ */
const TENANT = /^(?!\.{1,2}$)[A-Za-z0-9!_.*'()-]{1,150}$/;

/** Pushes log entries to Loki until each is stored, or refused for good and kept as a dead letter. */
export class PushClient {
  readonly #connection: Connection;
  readonly #delivery: Delivery;

  /** One that pushes to a destination of the configuration, with the defaults. */
  static to(
    { url, encoding, credentials, tls }: Destination,
    others: Pick<PushClientOptions, 'userAgent' | 'deadLetters' | 'observer'>,
  ): PushClient {
    return new PushClient({ ...PUSH_DEFAULTS, url, encoding, credentials, tls, ...others });
  }

  /** @throws TypeError for an address that is none */
  constructor(options: PushClientOptions) {
    const url = pushUrl(options.url);
    this.#connection = new Connection({ ...options, url });
    this.#delivery = new Delivery({
      encode: (entries) => encodePush(entries, options.encoding),
      post: (tenant, push, signal) => this.#connection.post(tenant, push, signal),
      where: `Loki at ${url.origin}${url.pathname}`,
      deadLetters: options.deadLetters,
      observer: options.observer,
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      lanes: options.connections,
      requestBytes: options.requestBytes,
    });
  }

  /**
   * Brings a batch to Loki, in order within each stream, for as long as that takes: days, if Loki is away for days. Never rejects
   * for what Loki or the network do.
   * @param tenant empty = none is named; see {@link isTenant}
   * @throws RangeError for a tenant that Loki would not know
   */
  async push(tenant: string, batch: readonly LogEntry[], signal: AbortSignal): Promise<PushOutcome> {
    if (tenant !== '' && !isTenant(tenant)) throw new RangeError('Loki has no tenants of that name');
    return this.#delivery.deliver(tenant, batch, signal);
  }

  /** Ends the connections. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** Whether Loki takes this as the name of a tenant: 1 to 150 letters, digits and `!-_.*'()`, but not `.` or `..`. */
export function isTenant(name: string): boolean {
  return TENANT.test(name);
}

/**
 * Where pushes go.
 * @throws TypeError with what to do
 */
export function pushUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError('The address of Loki is no URL: give it as http://loki:3100');
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('The address of Loki has a user or password in it: give them in settings of their own');
  }
  url.hash = '';
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith(PUSH_PATH) ? path : path + PUSH_PATH;
  return url;
}
