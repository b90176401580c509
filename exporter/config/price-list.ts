import { listOfMappings, mapOf } from './collection-kinds.js';
import type { Problems } from './config-error.js';
import { readEntry } from './entry.js';
import { type Entry, key, optional, required } from './kind.js';
import { moment } from './moment.js';
import { number, text } from './scalar-kinds.js';
import type { PriceSettings, PricingSettings } from './settings.js';
import { describe, type Tree } from './tree.js';

const price = number({ min: 0, max: 1e9 });
const currency = text({ max: 3, pattern: /^[A-Z]{3}$/, allowed: 'three capital letters, such as USD' });

const PRICE_KEYS = {
  from: required(moment, 'When the price begins to hold; a date begins at midnight UTC.'),
  currency: optional(currency, 'The currency of this price, where it is not that of the whole list.'),
  input: required(price, 'Input tokens, cached ones excepted.'),
  output: required(price, 'Output tokens; reasoning ones too where `reasoning` is left out.'),
  cached_input: optional(price, 'Input tokens read from a cache; without it, as `input`.'),
  cache_write: optional(price, 'Input tokens written to a cache; without it, as `input`.'),
  reasoning: optional(price, 'Reasoning tokens; without it, as `output`.'),
  batch_factor: key(number({ min: 0, max: 1 }), 1, 'What a batch call costs of the price above: 0.5 is half.'),
};

const MODEL_NAMES = {
  allowed: 'model names of 1 to 256 characters, or a prefix that ends in *',
  good: (name: string) => name.length <= 256 && /^[^*\p{Cc}]*\*?$/u.test(name) && name !== '',
  hidden: false,
};

/** Every key of the price list. */
export const PRICE_LIST = {
  currency: key(currency, 'USD', 'The currency of every price that names no other.'),
  models: key(
    mapOf(MODEL_NAMES, listOfMappings(PRICE_KEYS)),
    null,
    'Model, or a prefix that ends in `*`, to its prices per million tokens. A name wins over a prefix, a longer prefix ' +
      'over a shorter one.',
  ),
};

/** A price list without prices, for when there is no file. */
export const NO_PRICES: PricingSettings = { models: new Map() };

/** The prices that a file holds, oldest first. Where something is wrong, `problems` is told. */
export function readPriceList(tree: Tree | null, problems: Problems): PricingSettings {
  if (tree === null) return NO_PRICES;
  if (tree.type !== 'map') {
    problems.add(tree.place, '', describe(tree), `a mapping with the keys ${Object.keys(PRICE_LIST).join(', ')}`);
    return NO_PRICES;
  }
  const list = readEntry(PRICE_LIST, tree, '', problems);
  if (list === undefined) return NO_PRICES;
  const models = new Map<string, readonly PriceSettings[]>();
  for (const [model, entries] of list.values.models) {
    models.set(model, pricesOf(entries, list.values.currency, problems));
  }
  return { models };
}

function pricesOf(
  entries: readonly Entry<typeof PRICE_KEYS>[],
  listCurrency: string,
  problems: Problems,
): PriceSettings[] {
  const starts = new Map<number, Entry<typeof PRICE_KEYS>>();
  const prices = entries.map((entry): PriceSettings => {
    const { values } = entry;
    const first = starts.get(values.from);
    if (first === undefined) {
      starts.set(values.from, entry);
    } else {
      const found = `the same moment as ${first.key}.from on line ${first.place.line}`;
      problems.add(
        entry.places.get('from') ?? entry.place,
        `${entry.key}.from`,
        found,
        null,
        'Keep one price of them.',
      );
    }
    return {
      from: values.from,
      currency: values.currency ?? listCurrency,
      input: values.input,
      output: values.output,
      cachedInput: values.cached_input,
      cacheWrite: values.cache_write,
      reasoning: values.reasoning,
      batchFactor: values.batch_factor,
    };
  });
  return prices.sort((a, b) => a.from - b.from);
}
