import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CATALOGUE } from './catalogue.js';
import { Problems } from './config-error.js';
import { defaultOf, readEntry } from './entry.js';
import { parseYaml } from './yaml-file.js';

test('what stands commented out in the shipped file is good, and its single values are the defaults', () => {
  const shipped = readFileSync(new URL('../../config/model-observation.yml', import.meta.url), 'utf8');
  // A commented key or list item; prose has no colon behind its first word.
  const active = shipped.replaceAll(/^( *)# ( *(?:- )?[a-z0-9_-]+:( .*)?)$/gm, '$1$2');
  expect(active).toMatch(/^listen: /m);
  const problems = new Problems();
  const tree = parseYaml(active, 'shipped', problems);
  if (tree?.type !== 'map') throw new Error('not a mapping');
  const config = readEntry(CATALOGUE, tree, '', problems);
  expect(problems.list).toEqual([]);
  for (const [path, field] of Object.entries(CATALOGUE)) {
    // What has no default stands there as an example.
    if (field.kind.fromText === undefined || field.presence !== 'default') continue;
    expect(config?.values[path as keyof typeof CATALOGUE], path).toEqual(defaultOf(field, path));
  }
  expect(config?.values['auth.tokens'].map((token) => token.values.name)).toEqual(['checkout-team', 'prometheus']);
  expect(config?.values.quotas).toHaveLength(2);
});
