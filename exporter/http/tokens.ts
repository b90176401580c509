import { createHash } from 'node:crypto';
import { SCOPES, type Scope, type Settings } from '../config/settings.js';

/** Who sent a request. */
export interface Identity {
  /** The token's name, for logs; `anonymous` where no token was needed. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The one workspace it may write to and read; null = all. */
  readonly workspace: string | null;
}

const ANONYMOUS: Identity = Object.freeze({ name: 'anonymous', scopes: new Set(SCOPES), workspace: null });

/** RFC 6750, with the scheme in any case and any run of blanks, as RFC 9110 has it. */
const BEARER = /^bearer +([\x21-\x7e]+) *$/i;

/**
 * Tells who a request is from.
 *
 * - No tokens at all: everybody is anonymous with all scopes, whatever they bring. The configuration
 *   allows that on loopback, or where `auth.anonymous` says that somebody meant it.
 * - Tokens, and `auth.anonymous: true`: a request without an Authorization header is anonymous with all
 *   scopes. One that brings a token must bring a good one, so that a mistyped token does not go unseen.
 * - Tokens only: a request needs one.
 */
export class Tokens {
  /**
   * By SHA-256. Looking a hash up is not constant in time, but what it could leak is how far two hashes
   * agree, and nobody can choose a token whose hash comes a little nearer to one that they do not know.
   */
  readonly #byHash: ReadonlyMap<string, Identity>;
  /**
   * Tokens already seen to be good, so that a busy sender is not hashed with every request. Each known
   * hash has one token, so this never outgrows the configuration; an unknown token is never kept. The
   * lookup goes by the engine's string hash, seeded afresh in each process: a guess is compared with a
   * token letter by letter only if their hashes collide, which a sender cannot bring about or observe.
   */
  readonly #seen = new Map<string, Identity>();
  readonly #withoutToken: Identity | 'missing';

  constructor(auth: Settings['auth']) {
    this.#byHash = new Map(
      auth.tokens.map(({ name, scopes, workspace, sha256 }) => [
        sha256,
        Object.freeze({ name, scopes: new Set(scopes), workspace }),
      ]),
    );
    this.#withoutToken = auth.anonymous || auth.tokens.length === 0 ? ANONYMOUS : 'missing';
  }

  /**
   * @param authorization the Authorization header as received
   * @returns `missing` where a token is needed and none was brought, `unknown` where what was brought is
   *   no token of ours, or no Bearer token at all
   */
  identify(authorization: string | undefined): Identity | 'missing' | 'unknown' {
    if (this.#byHash.size === 0) return ANONYMOUS;
    if (authorization === undefined) return this.#withoutToken;
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) return 'unknown';
    const seen = this.#seen.get(token);
    if (seen !== undefined) return seen;
    const identity = this.#byHash.get(createHash('sha256').update(token).digest('hex'));
    if (identity === undefined) return 'unknown';
    this.#seen.set(token, identity);
    return identity;
  }
}
