import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestApp } from '../doors/calls/testdata/test-app.js';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.remove());

test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s /v1/calls: 405 that names POST', async (method) => {
  const answer = await app.fetch('/v1/calls', { method });
  expect(answer).toMatchObject({ status: 405, problem: 'method-not-allowed', json: { detail: 'Use POST here.' } });
  expect(answer.headers.get('allow')).toBe('POST');
});

test('POST /metrics: 405', async () => {
  const answer = await app.fetch('/metrics', { method: 'POST', body: 'x' });
  expect(answer).toMatchObject({ status: 405 });
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
});

test.each(['/v1', '/v1/call', '/favicon.ico', '/%', '/%E0%A4%A', '/v1/calls/x?y=z', '//v1/calls'])(
  '%s: 404',
  async (path) => {
    expect(await app.fetch(path)).toMatchObject({ status: 404, problem: 'not-found' });
  },
);

test('HEAD: the headers of GET and no body; where there is no GET, 405', async () => {
  for (const path of ['/', '/metrics', '/-/healthy', '/-/ready']) {
    expect(await app.fetch(path, { method: 'HEAD' })).toMatchObject({ status: 200 });
  }
  const answer = await fetch(`${app.url}/v1/calls`, { method: 'HEAD' });
  expect(answer.status).toBe(405);
  expect(answer.headers.get('allow')).toBe('POST');
  expect(await answer.text()).toBe('');
});
