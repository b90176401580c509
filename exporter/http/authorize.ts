import type { IncomingMessage } from 'node:http';
import type { Scope } from '../config/settings.js';
import { HttpProblem } from './problems.js';
import type { Identity, Tokens } from './tokens.js';

/**
 * Who may do this.
 * @throws HttpProblem 401 without a good token, 403 when the token lacks the scope
 */
export function authorize(tokens: Tokens, request: IncomingMessage, scope: Scope): Identity {
  const identity = tokens.identify(request.headers.authorization);
  if (identity === 'missing') {
    throw new HttpProblem('unauthorized', `Send Authorization: Bearer with a token that has the scope ${scope}.`);
  }
  if (identity === 'unknown') throw new HttpProblem('unauthorized', 'The token is not known here.');
  if (!identity.scopes.has(scope)) {
    throw new HttpProblem('forbidden', `The token ${identity.name} lacks the scope ${scope}.`);
  }
  return identity;
}
