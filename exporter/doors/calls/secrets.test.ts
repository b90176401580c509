import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApp } from './testdata/test-app.js';

const GOOD = { model: 'good' };

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.remove());

const secret = 'sk-9f8e7d6c5b4a39281706f5e4d3c2b1a0';

test('a secret as the id of a key is taken and hidden: no answer, log line, metric or file has it', async () => {
  const answer = await app.post([
    { ...GOOD, apikey_id: secret },
    { ...GOOD, apikey_id: `Bearer ${secret}` },
    { model: '', apikey_id: secret },
    { model: 'bad', apikey_id: secret, duration_ms: -1 },
    { model: 'bad', apikey_id: `${secret}\ud800` },
  ]);
  expect(answer.json).toMatchObject({ accepted: 2, rejected: [{ index: 2 }, { index: 3 }, { index: 4 }] });
  expect(await app.calls('good')).toBe(2);
  const metrics = await app.metrics();
  expect(metrics).toMatch(/apikey_id="key-[0-9a-f]{16}"/);
  const part = secret.slice(3, 13);
  for (const text of [JSON.stringify(answer.json), app.log.join(''), metrics]) expect(text).not.toContain(part);
  expect(app.filesText()).not.toContain(part);
  expect(app.filesText()).toContain('"apikey_id":"key-');
});
