import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApp } from '../../doors/calls/testdata/test-app.js';

const FOLDER = new URL('../../../docs/runbooks/', import.meta.url);
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.md'))
  .map((name) => name.slice(0, -3))
  .toSorted();

let app: TestApp;
beforeAll(async () => {
  // Public: a token is asked for everywhere else.
  app = await TestApp.start({
    config: { auth: { tokens: [{ name: 'x', scopes: ['ingest'], token_sha256: 'a'.repeat(64) }] } },
  });
});
afterAll(() => app.remove());

test('the list links to every page, and each page is served as it is written', async () => {
  expect(NAMES.length).toBeGreaterThan(0);
  const list = await (await fetch(`${app.url}/runbooks/`)).text();
  const links = [...list.matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
  expect(links).toEqual(NAMES.map((name) => `/runbooks/${name}`));
  for (const name of NAMES) {
    const response = await fetch(`${app.url}/runbooks/${name}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('inline');
    expect(await response.text()).toBe(readFileSync(new URL(`${name}.md`, FOLDER), 'utf8'));
  }
});

describe('a path that is no name of a page: 404', () => {
  test.each([
    ...[
      'no-such-page',
      '..%2f..%2fpackage',
      '..%2Fguides%2Flogs',
      '%2e%2e%2fguides',
      'UPPER',
      'a.md',
      'x%00',
      '%',
      'a'.repeat(5000),
    ],
    ...['%2fetc%2fpasswd', '..%5c..%5cpackage', '__proto__'],
  ])('%s', async (name) => {
    // Raw: fetch would mend the path.
    const said = await app.raw(`GET /runbooks/${name} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(said).toMatch(/^HTTP\/1\.1 404 /);
    expect(said).toContain('problem:not-found');
  });
});

test('POST: 405', async () => {
  expect(await app.fetch('/runbooks/', { method: 'POST' })).toMatchObject({ status: 405 });
  expect(await app.fetch('/runbooks/x', { method: 'POST' })).toMatchObject({ status: 405 });
});
