import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApp } from './testdata/test-app.js';

const GOOD = { model: 'good' };
const tokens = {
  shop: 'a-token-of-the-shop-workspace-000001',
  any: 'a-token-of-no-workspace-000000000002',
  scrape: 'a-token-that-only-scrapes-0000000003',
};
const entry = (name: keyof typeof tokens, scopes: string[], workspace?: string): object => ({
  name,
  scopes,
  ...(workspace === undefined ? {} : { workspace }),
  token_sha256: createHash('sha256').update(tokens[name]).digest('hex'),
});
const bearer = (name: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[name]}` });
let guarded: TestApp;

beforeAll(async () => {
  guarded = await TestApp.start({
    config: {
      auth: { tokens: [entry('shop', ['ingest'], 'shop'), entry('any', ['ingest']), entry('scrape', ['scrape'])] },
    },
  });
});
afterAll(() => guarded.remove());

test('a foreign workspace under a token: that record alone is refused', async () => {
  const answer = await guarded.post(
    [
      { ...GOOD, workspace_id: 'shop' },
      { ...GOOD, workspace_id: 'other', id: 'x' },
      GOOD,
      { ...GOOD, workspace_id: '' },
    ],
    bearer('shop'),
  );
  expect(answer).toMatchObject({ status: 202, json: { accepted: 3 } });
  expect(answer.json.rejected).toEqual([
    { index: 1, id: 'x', field: 'workspace_id', message: 'is not the workspace of this token' },
  ]);
  const metrics = await guarded.metrics(bearer('scrape'));
  expect(metrics).toContain('workspace_id="shop"');
  expect(metrics).not.toContain('workspace_id="other"');
  expect(metrics).not.toContain('workspace_id="default"');
});

test('a token without a workspace writes to any', async () => {
  const answer = await guarded.post([{ ...GOOD, workspace_id: 'a' }, GOOD], bearer('any'));
  expect(answer.json).toMatchObject({ accepted: 2, rejected: [] });
});

test.each<[string, Record<string, string>, number, string, string]>([
  ['no token', {}, 401, 'unauthorized', 'Send Authorization: Bearer with a token that has the scope ingest.'],
  ['an unknown token', { authorization: 'Bearer nope' }, 401, 'unauthorized', 'The token is not known here.'],
  ['another scheme', { authorization: 'Basic eDp5' }, 401, 'unauthorized', 'The token is not known here.'],
  ['the wrong scope', bearer('scrape'), 403, 'forbidden', 'The token scrape lacks the scope ingest.'],
])('%s', async (_name, headers, status, problem, detail) => {
  const answer = await guarded.post(GOOD, headers);
  expect(answer).toMatchObject({ status, problem, json: { detail } });
  expect(answer.headers.get('www-authenticate')).toBe(status === 401 ? 'Bearer' : null);
});

test('metrics need the scope to scrape; health needs no token', async () => {
  expect(await guarded.fetch('/metrics')).toMatchObject({ status: 401, problem: 'unauthorized' });
  expect(await guarded.fetch('/metrics', { headers: bearer('any') })).toMatchObject({ status: 403 });
  expect(await guarded.fetch('/-/healthy')).toMatchObject({ status: 200 });
  expect(await guarded.fetch('/-/ready')).toMatchObject({ status: 200, json: { status: 'ready' } });
  expect(await guarded.fetch('/')).toMatchObject({ status: 200 });
});
