import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATALOGUE, QUOTA_KEYS, TOKEN_KEYS } from './catalogue.js';
import { variableOf } from './environment.js';
import { PRICE_LIST } from './price-list.js';
import { configurationReference } from './reference.js';

const page = configurationReference();

test('the committed page is up to date (npm run generate writes it)', () => {
  const committed = readFileSync(new URL('../../docs/reference/configuration.md', import.meta.url), 'utf8');
  expect(committed).toBe(page);
});

test('the page has every key and no other, with the variable of each single value', () => {
  const headings = [...page.matchAll(/^### `(.+)`$/gm)].map((match) => match[1]);
  expect(headings.toSorted()).toEqual([...Object.keys(CATALOGUE), ...Object.keys(PRICE_LIST)].toSorted());
  for (const name of [...Object.keys(TOKEN_KEYS), ...Object.keys(QUOTA_KEYS)])
    expect(page).toContain(`| \`${name}\` |`);
  for (const [path, field] of Object.entries(CATALOGUE)) {
    expect(page.includes(`\`${variableOf(path)}\``), path).toBe(field.kind.fromText !== undefined);
  }
});

test('the README leads to headings of the page that are there', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const anchors = [...readme.matchAll(/docs\/reference\/configuration\.md#([\w-]+)/g)].map((match) => match[1]);
  const headings = [...page.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(anchors.length).toBeGreaterThan(0);
  for (const anchor of anchors) expect(headings).toContain(anchor);
});
