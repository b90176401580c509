import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { TestApp } from './testdata/test-app.js';

/** The bodies of a page's `curl … /v1/calls … -d '…'` commands. */
function bodiesIn(page: string): string[] {
  const text = readFileSync(new URL(`../../../${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/\bcurl [^\n]*\/v1\/calls [^\n]*-d '([^']*)'/g)].map(([, body]) => body!);
}

test.each(['README.md', 'docs/guides/first-call-record.md'])(
  'what %s tells a newcomer to send is taken whole',
  async (page) => {
    const bodies = bodiesIn(page);
    expect(bodies.length).toBeGreaterThan(0);
    const app = await TestApp.start();
    try {
      for (const body of bodies) {
        const { status, json } = await app.post(body);
        expect({ status, json }).toEqual({
          status: 202,
          json: { accepted: 1, duplicates: 0, late: 0, rejected: [] },
        });
      }
    } finally {
      await app.remove();
    }
  },
);
