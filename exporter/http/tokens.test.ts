import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SCOPES, type Scope, type TokenSettings } from '../config/settings.js';
import { Tokens } from './tokens.js';

const GOOD = 'a-good-token-of-28-characters';
const OTHER = 'another-token-for-prometheus';

function token(name: string, text: string, scopes: Scope[], workspace: string | null = null): TokenSettings {
  return { name, scopes, workspace, sha256: createHash('sha256').update(text).digest('hex') };
}

const list = [token('shop', GOOD, ['ingest', 'read'], 'shop'), token('prometheus', OTHER, ['scrape'])];
const SHOP = { name: 'shop', scopes: new Set(['ingest', 'read']), workspace: 'shop' };
const ANYBODY = { name: 'anonymous', scopes: new Set(SCOPES), workspace: null };

test('a token has its own name, scopes and workspace, the second time too', () => {
  const tokens = new Tokens({ anonymous: false, tokens: list });
  for (let time = 0; time < 3; time++) {
    expect(tokens.identify(`Bearer ${GOOD}`)).toEqual(SHOP);
    expect(tokens.identify(`Bearer ${OTHER}`)).toEqual({
      name: 'prometheus',
      scopes: new Set(['scrape']),
      workspace: null,
    });
  }
});

test.each([`bearer ${GOOD}`, `BEARER ${GOOD}`, `Bearer   ${GOOD}`, `Bearer ${GOOD} `])('%j is understood', (header) => {
  expect(new Tokens({ anonymous: false, tokens: list }).identify(header)).toEqual(SHOP);
});

test.each(['', 'Bearer', 'Bearer ', GOOD, `Basic ${GOOD}`, `Bearer${GOOD}`, `Bearer x${GOOD}`, `Bearer ${GOOD} x`])(
  '%j is unknown, with and without auth.anonymous',
  (header) => {
    expect(new Tokens({ anonymous: false, tokens: list }).identify(header)).toBe('unknown');
    expect(new Tokens({ anonymous: true, tokens: list }).identify(header)).toBe('unknown');
  },
);

test('the hash of a token is not a token', () => {
  expect(new Tokens({ anonymous: false, tokens: list }).identify(`Bearer ${list[0]!.sha256}`)).toBe('unknown');
});

test('without a header: missing, or anonymous where that was meant', () => {
  expect(new Tokens({ anonymous: false, tokens: list }).identify(undefined)).toBe('missing');
  expect(new Tokens({ anonymous: true, tokens: list }).identify(undefined)).toEqual(ANYBODY);
});

test('without tokens everybody is anonymous, whatever they bring', () => {
  for (const anonymous of [true, false]) {
    const tokens = new Tokens({ anonymous, tokens: [] });
    expect(tokens.identify(undefined)).toEqual(ANYBODY);
    expect(tokens.identify('Bearer anything')).toEqual(ANYBODY);
    expect(tokens.identify('Basic YTpi')).toEqual(ANYBODY);
  }
});

test('no other text is ever taken for a token', () => {
  const tokens = new Tokens({ anonymous: false, tokens: list });
  tokens.identify(`Bearer ${GOOD}`);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), (text) => {
      fc.pre(text.trim() !== GOOD && text.trim() !== OTHER);
      expect(tokens.identify(`Bearer ${text}`)).toBe('unknown');
    }),
  );
});
