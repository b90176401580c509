import type { Cost, InferenceType, Usage } from './call.js';

/** What a model costs from a moment on. Prices are per million tokens. */
export interface Price {
  /** Epoch ms from which the price holds, inclusive. */
  readonly from: number;
  /** ISO 4217 code. */
  readonly currency: string;
  readonly input: number;
  readonly output: number;
  /** null = as `input`. */
  readonly cachedInput: number | null;
  /** null = as `input`. */
  readonly cacheWrite: number | null;
  /** null = as `output`. */
  readonly reasoning: number | null;
  /** What a batch call costs of the real-time price, 0 to 1. */
  readonly batchFactor: number;
}

export interface PriceList {
  /** Model name, or a prefix ending in `*`, → its prices. */
  readonly models: ReadonlyMap<string, readonly Price[]>;
}

/** A price with its rates in nano-units per token, every one of them filled in. */
interface Rates {
  from: number;
  currency: string;
  input: number;
  cachedInput: number;
  cacheWrite: number;
  output: number;
  reasoning: number;
  batchFactor: number;
}

/** One unit is 1e9 nano-units, a price is for 1e6 tokens. */
const NANO_PER_TOKEN = 1e9 / 1e6;
const MAX_CACHED_MODELS = 4096;

/** Says what calls cost, from a price list that knows its own history. */
export class Pricing {
  readonly #exact = new Map<string, readonly Rates[]>();
  /** Longest first. */
  readonly #prefixes: { prefix: string; rates: readonly Rates[] }[] = [];
  readonly #byPrefix = new Map<string, readonly Rates[] | null>();

  /** @param list prices of a model in any order; of two with the same `from` the one listed later holds */
  constructor(list: PriceList) {
    for (const [name, prices] of list.models) {
      const rates = prices.map(toRates).sort((a, b) => a.from - b.from);
      if (name.endsWith('*')) this.#prefixes.push({ prefix: name.slice(0, -1), rates });
      else this.#exact.set(name, rates);
    }
    this.#prefixes.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /**
   * What a call cost, by the price that held at the call's own time (epoch ms): an exact model name goes
   * before a prefix, a longer prefix before a shorter one.
   *
   * Charged are input without cached tokens and cache writes, each of these, output without reasoning,
   * and reasoning, each at its own rate; a batch call at `batchFactor` of the sum. Only the sum is rounded,
   * to whole nano-units: before that it is off by a few parts in 2^53, so the result is the exact price or
   * its neighbour, and always the same for the same call. It is held below 2^53 nano-units (nine million
   * currency units a call), where every whole number is exact, and it is never negative.
   *
   * @returns null where no price holds (no such model, or the call was before its first price) and where
   * the call used things that have no price, such as images, and no tokens. Beside tokens such things cost
   * nothing here, and {@link isUnpriced} tells of them. A call of a priced model that used nothing costs 0.
   */
  cost(model: string, time: number, inferenceType: InferenceType, usage: Usage): Cost | null {
    const rates = this.#ratesAt(model, time);
    if (rates === null || (!usesTokens(usage) && (usesMediaTokens(usage) || usesThings(usage)))) return null;
    const { cache_tokens: cached, cache_write_tokens: cacheWrite, reasoning_tokens: reasoning } = usage;
    const realtime =
      Math.max(usage.input_tokens - cached - cacheWrite, 0) * rates.input +
      cached * rates.cachedInput +
      cacheWrite * rates.cacheWrite +
      Math.max(usage.output_tokens - reasoning, 0) * rates.output +
      reasoning * rates.reasoning;
    const charged = inferenceType === 'batch' ? realtime * rates.batchFactor : realtime;
    return { currency: rates.currency, nano: Math.min(Math.max(Math.round(charged), 0), Number.MAX_SAFE_INTEGER) };
  }

  #ratesAt(model: string, time: number): Rates | null {
    const history = this.#exact.get(model) ?? this.#ratesByPrefix(model);
    if (history === null) return null;
    // Most calls are recent, and so is the price that holds.
    for (let i = history.length - 1; i >= 0; i--) {
      const rates = history[i]!;
      if (rates.from <= time) return rates;
    }
    return null;
  }

  #ratesByPrefix(model: string): readonly Rates[] | null {
    if (this.#prefixes.length === 0) return null;
    const cached = this.#byPrefix.get(model);
    if (cached !== undefined) return cached;
    const found = this.#prefixes.find(({ prefix }) => model.startsWith(prefix))?.rates ?? null;
    // Clients choose the model names, so the cache must not grow with them.
    if (this.#byPrefix.size >= MAX_CACHED_MODELS) this.#byPrefix.clear();
    this.#byPrefix.set(model, found);
    return found;
  }
}

/**
 * Whether a call used something that no price covers: anything, where it has no cost, and where it has one
 * the things that stand beside its tokens: images, audio, video, seconds, characters, times. Tokens of media
 * are part of the input tokens, and are covered by their price.
 * @param cost what {@link Pricing.cost} said of this usage; null also for a call without usage
 */
export function isUnpriced(cost: Cost | null, usage: Usage | null): boolean {
  if (usage === null) return false;
  return usesThings(usage) || (cost === null && (usesTokens(usage) || usesMediaTokens(usage)));
}

function usesTokens(usage: Usage): boolean {
  return usage.total_tokens > 0 || usage.input_tokens > 0 || usage.output_tokens > 0;
}

function usesMediaTokens(usage: Usage): boolean {
  return usage.image_tokens > 0 || usage.audio_tokens > 0 || usage.video_tokens > 0;
}

/** What a price list has no price for. */
function usesThings(usage: Usage): boolean {
  return (
    usage.image_count > 0 ||
    usage.audio_count > 0 ||
    usage.video_count > 0 ||
    usage.duration > 0 ||
    usage.characters > 0 ||
    usage.times > 0
  );
}

function toRates(price: Price): Rates {
  return {
    from: price.from,
    currency: price.currency,
    input: price.input * NANO_PER_TOKEN,
    cachedInput: (price.cachedInput ?? price.input) * NANO_PER_TOKEN,
    cacheWrite: (price.cacheWrite ?? price.input) * NANO_PER_TOKEN,
    output: price.output * NANO_PER_TOKEN,
    reasoning: (price.reasoning ?? price.output) * NANO_PER_TOKEN,
    batchFactor: price.batchFactor,
  };
}
