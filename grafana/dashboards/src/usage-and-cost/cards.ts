import { card } from '../panels/card.js';
import { over, perMinute, ratio, type Span, sum, total } from '../query/expressions.js';
import { COST, part, UNPRICED, usage } from './amounts.js';

/** What the range cost, and what of. */
export function cards() {
  const [width, size] = [8, 5];
  return [
    card({
      title: 'Cost ($currency)',
      description: 'What the calls of the time range cost by the price list, in the chosen currency.',
      width,
      height: size,
      unit: 'short',
      now: total(COST),
      before: total(COST, [], 'range before'),
      trend: `${sum(COST)} * 3600`,
      bad: 'more',
    }),
    card({
      title: 'Tokens',
      description: 'Input and output tokens of the time range.',
      width,
      height: size,
      unit: 'short',
      now: total(usage('total_tokens')),
      before: total(usage('total_tokens'), [], 'range before'),
      trend: perMinute(usage('total_tokens')),
      bad: 'neither',
    }),
    card({
      title: 'Cost of 1M tokens',
      description:
        'The cost of a million tokens on average, over all chosen models. Lower with cheaper models and more input from caches.',
      width,
      height: size,
      unit: 'short',
      now: perMillion('range'),
      before: perMillion('range before'),
      trend: perMillion('moment'),
      bad: 'more',
    }),
    card({
      title: 'Input from caches',
      description: 'Input tokens that came from a cache, as a share of all input tokens: they cost less.',
      width,
      height: size,
      unit: 'percentunit',
      now: part('cache_tokens', 'input_tokens', 'range'),
      before: part('cache_tokens', 'input_tokens', 'range before'),
      trend: part('cache_tokens', 'input_tokens', 'moment'),
      bad: 'less',
    }),
    card({
      title: 'Reasoning',
      description: 'Reasoning tokens as a share of all output tokens: paid for, and never seen.',
      width,
      height: size,
      unit: 'percentunit',
      now: part('reasoning_tokens', 'output_tokens', 'range'),
      before: part('reasoning_tokens', 'output_tokens', 'range before'),
      trend: part('reasoning_tokens', 'output_tokens', 'moment'),
      bad: 'neither',
    }),
    card({
      title: 'Calls without a price',
      description:
        'Calls that no price covers, or that used something beside tokens which has none: cost says too little by them. Of all keys and inference types.',
      width,
      height: size,
      unit: 'short',
      now: total(UNPRICED),
      before: total(UNPRICED, [], 'range before'),
      trend: perMinute(UNPRICED),
      bad: 'more',
    }),
  ];
}

function perMillion(span: Span): string {
  return `1e6 * ${ratio(sum(over(COST, span)), sum(over(usage('total_tokens'), span)))}`;
}
