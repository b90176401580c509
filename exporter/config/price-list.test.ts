import { expect, test } from 'vitest';
import { Problems } from './config-error.js';
import { readPriceList } from './price-list.js';
import { parseYaml } from './yaml-file.js';

function read(text: string) {
  const problems = new Problems();
  const list = readPriceList(parseYaml(text, 'pricing.yml', problems), problems);
  expect(problems.list).toEqual([]);
  return list;
}

test('prices come oldest first, with what is left out filled in or null', () => {
  const { models } = read(`
currency: EUR
models:
  m*:
    - {from: 2025-06-01T02:00:00+02:00, currency: CNY, input: 3, output: 4, cached_input: 0, cache_write: 5, reasoning: 6.5, batch_factor: 0.5}
    - {from: 2025-01-01, input: 1, output: 2}
`);
  expect(models.get('m*')).toEqual([
    {
      from: Date.UTC(2025, 0, 1),
      currency: 'EUR',
      input: 1,
      output: 2,
      cachedInput: null,
      cacheWrite: null,
      reasoning: null,
      batchFactor: 1,
    },
    {
      from: Date.UTC(2025, 5, 1),
      currency: 'CNY',
      input: 3,
      output: 4,
      cachedInput: 0,
      cacheWrite: 5,
      reasoning: 6.5,
      batchFactor: 0.5,
    },
  ]);
});

test.each(['', 'models:', 'currency: USD', 'models: {}'])('%j has no prices', (text) => {
  expect(read(text).models.size).toBe(0);
});

test('names are taken as written, and the currency is USD unless said', () => {
  const { models } = read('models: {3.5: [{from: 2025-01-01, input: 0, output: 0}], "*": []}');
  expect([...models.keys()]).toEqual(['3.5', '*']);
  expect(models.get('3.5')?.[0]?.currency).toBe('USD');
});
