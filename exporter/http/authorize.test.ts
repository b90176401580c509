import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { authorize } from './authorize.js';
import { HttpProblem } from './problems.js';
import { Tokens } from './tokens.js';

const TEXT = 'a-good-token-of-28-characters';
const tokens = new Tokens({
  anonymous: false,
  tokens: [
    { name: 'shop', scopes: ['ingest'], workspace: 'shop', sha256: createHash('sha256').update(TEXT).digest('hex') },
  ],
});

function withHeader(authorization?: string): IncomingMessage {
  return { headers: authorization === undefined ? {} : { authorization } } as IncomingMessage;
}

function problemOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    if (error instanceof HttpProblem) return { problem: error.problem, detail: error.detail };
    throw error;
  }
  return null;
}

test('a token with the scope: who it is', () => {
  expect(authorize(tokens, withHeader(`Bearer ${TEXT}`), 'ingest')).toMatchObject({ name: 'shop', workspace: 'shop' });
});

test('no token: 401 that names the scope', () => {
  expect(problemOf(() => authorize(tokens, withHeader(), 'scrape'))).toEqual({
    problem: 'unauthorized',
    detail: 'Send Authorization: Bearer with a token that has the scope scrape.',
  });
});

test('an unknown token: 401 that does not repeat it', () => {
  expect(problemOf(() => authorize(tokens, withHeader('Bearer mistyped-token'), 'ingest'))).toEqual({
    problem: 'unauthorized',
    detail: 'The token is not known here.',
  });
});

test('a token without the scope: 403 that names both', () => {
  expect(problemOf(() => authorize(tokens, withHeader(`Bearer ${TEXT}`), 'scrape'))).toEqual({
    problem: 'forbidden',
    detail: 'The token shop lacks the scope scrape.',
  });
});
