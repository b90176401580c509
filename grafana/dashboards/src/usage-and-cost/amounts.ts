import { over, ratio, type Span, sum } from '../query/expressions.js';
import { recorded } from '../query/series.js';

export const BY_KEY = ['workspace_id', 'apikey_id'] as const;
export const BY_MODEL = ['workspace_id', 'model'] as const;

export const CALLS = recorded('model_calls_total');
export const COST = recorded('model_cost_total', { currency: '$currency' });
export const UNPRICED = recorded('model_observation_unpriced_calls_total');

/** What panels of money say that have none. */
export const NO_PRICES = 'No cost in this range, or no price list';

type UsageType = 'total_tokens' | 'input_tokens' | 'output_tokens' | 'cache_tokens' | 'reasoning_tokens';

/** Tokens of one type. */
export function usage(type: UsageType): string {
  return recorded('model_usage_total', { usage_type: type });
}

/** The part of one type of tokens in another. */
export function part(of: UsageType, whole: UsageType, span: Span, by: Parameters<typeof sum>[1] = []): string {
  return ratio(sum(over(usage(of), span), by), sum(over(usage(whole), span), by));
}
