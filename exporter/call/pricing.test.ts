import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PricingSettings } from '../config/settings.js';
import type { Usage } from './call.js';
import { isUnpriced, type Price, Pricing } from './pricing.js';
import { MAX_USAGE, readUsage } from './usage.js';

const JANUARY = Date.UTC(2026, 0, 1);
const JUNE = Date.UTC(2026, 5, 1);
const NOW = Date.UTC(2026, 8, 1);

const price = (changes: Partial<Price> = {}): Price => ({
  from: JANUARY,
  currency: 'USD',
  input: 2,
  output: 8,
  cachedInput: null,
  cacheWrite: null,
  reasoning: null,
  batchFactor: 1,
  ...changes,
});
const pricing = (models: Record<string, Price[]>): Pricing => new Pricing({ models: new Map(Object.entries(models)) });
const usage = (sent: object): Usage => readUsage(sent) as Usage;
const MILLION = 1_000_000;
const UNIT = 1e9;

const CHARGES: { scenario: string; price: Price; usage: object; batch?: boolean; nano: number }[] = [
  {
    scenario: 'input and output',
    price: price(),
    usage: { prompt_tokens: MILLION, completion_tokens: MILLION },
    nano: 10 * UNIT,
  },
  {
    scenario: 'cached tokens at their own rate, once',
    price: price({ cachedInput: 0.5 }),
    usage: { prompt_tokens: 3019, completion_tokens: 104, prompt_tokens_details: { cached_tokens: 2048 } },
    nano: 971 * 2000 + 2048 * 500 + 104 * 8000,
  },
  {
    scenario: 'cached tokens as input where they have no price',
    price: price(),
    usage: { prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 60 } },
    nano: 100 * 2000,
  },
  {
    scenario: 'cached tokens for nothing',
    price: price({ cachedInput: 0 }),
    usage: { prompt_tokens: 100, prompt_tokens_details: { cached_tokens: 60 } },
    nano: 40 * 2000,
  },
  {
    scenario: 'Anthropic: read, written and fresh input',
    price: price({ input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 }),
    usage: { input_tokens: 50, cache_read_input_tokens: 100_000, cache_creation_input_tokens: 248, output_tokens: 503 },
    nano: 50 * 3000 + 100_000 * 300 + 248 * 3750 + 503 * 15_000,
  },
  {
    scenario: 'a write as input where it has no price',
    price: price({ cachedInput: 0.5 }),
    usage: { input_tokens: 100, output_tokens: 0, cache_tokens: 20, cache_write_tokens: 30 },
    nano: 80 * 2000 + 20 * 500,
  },
  {
    scenario: 'reasoning at its own rate, not also as output',
    price: price({ reasoning: 20 }),
    usage: { prompt_tokens: 10, completion_tokens: 100, completion_tokens_details: { reasoning_tokens: 70 } },
    nano: 10 * 2000 + 30 * 8000 + 70 * 20_000,
  },
  {
    scenario: 'reasoning as output where it has no price',
    price: price(),
    usage: { prompt_tokens: 0, completion_tokens: 100, completion_tokens_details: { reasoning_tokens: 70 } },
    nano: 100 * 8000,
  },
  {
    scenario: 'xAI: reasoning outside of output is charged',
    price: price({ input: 1.25, cachedInput: 0.2, output: 2.5 }),
    usage: {
      prompt_tokens: 10_120,
      completion_tokens: 1499,
      total_tokens: 14_428,
      prompt_tokens_details: { cached_tokens: 128 },
      completion_tokens_details: { reasoning_tokens: 2809 },
    },
    nano: 23_285_600,
  },
  {
    scenario: 'a batch call at half the price',
    price: price({ batchFactor: 0.5 }),
    batch: true,
    usage: { prompt_tokens: 3 },
    nano: 3000,
  },
  {
    scenario: 'a real-time call at the whole price',
    price: price({ batchFactor: 0.5 }),
    usage: { prompt_tokens: 3 },
    nano: 6000,
  },
  { scenario: 'nothing used', price: price(), usage: { prompt_tokens: 0, completion_tokens: 0 }, nano: 0 },
  { scenario: 'a free model', price: price({ input: 0, output: 0 }), usage: { prompt_tokens: 9 }, nano: 0 },
  { scenario: 'tokens of media as input', price: price(), usage: { input_tokens: 5, image_tokens: 4 }, nano: 10_000 },
  { scenario: 'less than half a nano-unit', price: price({ input: 0.0001 }), usage: { prompt_tokens: 4 }, nano: 0 },
  {
    scenario: 'rounded once, not by part',
    price: price({ input: 0.0004, output: 0.0004 }),
    usage: { prompt_tokens: 1, completion_tokens: 1 },
    nano: 1,
  },
  {
    scenario: 'a price that is no binary fraction',
    price: price({ input: 0.1 }),
    usage: { prompt_tokens: 3 * MILLION },
    nano: 0.3 * UNIT,
  },
];

describe('cost', () => {
  it.each(CHARGES)('charges $scenario', ({ price, usage: sent, batch, nano }) => {
    const used = usage(sent);
    const cost = pricing({ m: [price] }).cost('m', NOW, batch ? 'batch' : 'realtime', used);
    expect(cost).toEqual({ currency: 'USD', nano });
    expect(isUnpriced(cost, used)).toBe(false);
  });

  it('takes the price that held when the call was made', () => {
    const list = pricing({ m: [price(), price({ from: JUNE, currency: 'EUR', input: 1 })] });
    const one = usage({ prompt_tokens: 1 });
    expect(list.cost('m', JANUARY, 'realtime', one)).toEqual({ currency: 'USD', nano: 2000 });
    expect(list.cost('m', JUNE - 1, 'realtime', one)).toEqual({ currency: 'USD', nano: 2000 });
    expect(list.cost('m', JUNE, 'realtime', one)).toEqual({ currency: 'EUR', nano: 1000 });
    expect(list.cost('m', JANUARY - 1, 'realtime', one)).toBeNull();
  });

  it('does not depend on the order of the list', () => {
    const list = pricing({ m: [price({ from: JUNE, input: 1 }), price()] });
    expect(list.cost('m', NOW, 'realtime', usage({ prompt_tokens: 1 }))?.nano).toBe(1000);
  });

  it.each([
    ['qwen-max', 1],
    ['qwen-max-2025-01-25', 2],
    ['qwen-plus', 3],
    ['qwen', 4],
    ['gpt-5', 4],
    ['', 4],
  ])('finds %j by its exact name, else by its longest prefix', (model, input) => {
    const list = pricing({
      '*': [price({ input: 4 })],
      'qwen-*': [price({ input: 3 })],
      'qwen-max*': [price({ input: 2 })],
      'qwen-max': [price({ input: 1 })],
    });
    const used = usage({ prompt_tokens: 1 });
    expect(list.cost(model, NOW, 'realtime', used)?.nano).toBe(input * 1000);
    expect(list.cost(model, NOW, 'realtime', used)?.nano).toBe(input * 1000);
  });

  it('stays right when clients send more models than are remembered', () => {
    const list = pricing({ 'qwen-*': [price()] });
    const used = usage({ prompt_tokens: 1 });
    for (let i = 0; i < 10_000; i++) expect(list.cost(`junk-${i}`, NOW, 'realtime', used)).toBeNull();
    expect(list.cost('qwen-plus', NOW, 'realtime', used)?.nano).toBe(2000);
  });

  it('reads the settings as they are', () => {
    const settings: PricingSettings = { models: new Map([['m', [price()]]]) };
    expect(new Pricing(settings).cost('m', NOW, 'realtime', usage({ prompt_tokens: 1 }))?.nano).toBe(2000);
  });

  it('is never negative, also for counts that contradict each other', () => {
    const impossible: Usage = { ...usage({ prompt_tokens: 1 }), cache_tokens: 50, reasoning_tokens: 70 };
    const list = pricing({ m: [price({ cachedInput: 0, reasoning: 0 })] });
    expect(list.cost('m', NOW, 'realtime', impossible)?.nano).toBe(0);
  });

  it('is held below 2^53 nano-units', () => {
    const cost = pricing({ m: [price()] }).cost('m', NOW, 'realtime', usage({ prompt_tokens: MAX_USAGE }));
    expect(cost?.nano).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('is the exact price, to one nano-unit', () => {
    const micro = fc.integer({ min: 0, max: 200_000_000 }); // price in millionths
    const tokens = fc.nat(10_000_000);
    fc.assert(
      fc.property(micro, micro, micro, tokens, tokens, tokens, (input, cached, output, fresh, read, written) => {
        const list = pricing({ m: [price({ input: input / 1e6, cachedInput: cached / 1e6, output: output / 1e6 })] });
        const used = usage({
          prompt_tokens: fresh + read,
          completion_tokens: written,
          prompt_tokens_details: { cached_tokens: read },
        });
        // Millionths of a unit per million tokens are thousandths of a nano-unit per token.
        const thousandths =
          BigInt(fresh) * BigInt(input) + BigInt(read) * BigInt(cached) + BigInt(written) * BigInt(output);
        const exact = Number((thousandths + 500n) / 1000n);
        const charged = list.cost('m', NOW, 'realtime', used)!.nano;
        expect(Number.isSafeInteger(charged)).toBe(true);
        expect(Math.abs(charged - exact)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('isUnpriced', () => {
  const list = pricing({ m: [price()] });
  it.each([
    ['a model without a price', 'x', NOW, { prompt_tokens: 1 }, true],
    ['a call before the first price', 'm', JANUARY - 1, { prompt_tokens: 1 }, true],
    ['images alone', 'm', NOW, { image_count: 2 }, true],
    ['seconds of media alone', 'm', NOW, { duration: 2.5 }, true],
    ['characters alone', 'm', NOW, { characters: 20 }, true],
    ['nothing used of a priced model', 'm', NOW, { prompt_tokens: 0 }, false],
    ['nothing used of a model without a price', 'x', NOW, { prompt_tokens: 0 }, false],
    ['no usage at all', 'x', NOW, null, false],
  ])('%s', (_, model, time, sent, unpriced) => {
    const used = sent === null ? null : usage(sent);
    const cost = used === null ? null : list.cost(model, time, 'realtime', used);
    expect(isUnpriced(cost, used)).toBe(unpriced);
    if (unpriced) expect(cost).toBeNull();
  });

  it.each(['image_count', 'audio_count', 'video_count', 'duration', 'characters', 'times'])(
    'tells of %s beside tokens, which are charged all the same',
    (thing) => {
      const used = { ...usage({ prompt_tokens: 5 }), [thing]: 1 };
      const cost = list.cost('m', NOW, 'realtime', used);
      expect(cost?.nano).toBe(10_000);
      expect(isUnpriced(cost, used)).toBe(true);
    },
  );
});
