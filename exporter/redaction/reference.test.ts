import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DETECTORS, MEDIA } from './catalogue.js';
import { redactionReference } from './reference.js';
import { WITHHELD_REASONS } from './work.js';

const page = redactionReference();

test('the committed page is up to date (npm run generate writes it)', () => {
  expect(readFileSync(new URL('../../docs/reference/redaction.md', import.meta.url), 'utf8')).toBe(page);
});

test('the page has every detector and no other, and every reason to withhold', () => {
  const headings = [...page.matchAll(/^## `(.+)`$/gm)].map(([, name]) => name);
  expect(headings).toEqual([...DETECTORS.map(({ name }) => name), MEDIA]);
  for (const reason of Object.values(WITHHELD_REASONS)) expect(page).toContain(`- ${reason}\n`);
});

test('the page has no example that a scanner would take for a leak', () => {
  for (const { example } of DETECTORS) expect(page).not.toContain(example);
});
