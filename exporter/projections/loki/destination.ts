import type { Credentials, TlsOptions } from './push/connection.js';
import type { Encoding } from './push/encode-push.js';

/** Where logs go, and how; a message to a thread may carry it. */
export interface Destination {
  /** Base address, http or https, without user and password. */
  readonly url: string;
  /** Tenant of all logs; empty = none is named. With `tenantPerWorkspace` each workspace is its own. */
  readonly tenant: string;
  readonly tenantPerWorkspace: boolean;
  readonly encoding: Encoding;
  readonly credentials: Credentials;
  readonly tls: TlsOptions;
  readonly deadLetterBytes: number;
}
