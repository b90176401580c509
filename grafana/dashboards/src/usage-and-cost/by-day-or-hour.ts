import { bars } from '../panels/bars.js';
import { byBar } from '../query/by-bar.js';
import { NO_PRICES } from './amounts.js';
import { half, height } from './sizes.js';

const BY_ARRIVAL =
  'A bar is a day of your time zone, over 2 days or less an hour, over 6 hours or less 10 minutes, over an hour or less one, by arrival of the records. The first may begin before the time range; the last is not over yet.';

/** How much there was in each day or hour. */
export function byDayOrHour() {
  const frame = { width: half, height, unit: 'short' } as const;
  const cost = { currency: '$currency' } as const;
  return [
    bars({
      ...frame,
      title: 'Cost by workspace ($currency)',
      description: `What each workspace cost. ${BY_ARRIVAL}`,
      queries: [byBar('model_cost_total', cost, ['workspace_id'], '{{workspace_id}}')],
    }).noValue(NO_PRICES),
    bars({
      ...frame,
      title: 'Cost by model ($currency)',
      description: `What each model cost. ${BY_ARRIVAL}`,
      queries: [byBar('model_cost_total', cost, ['model'], '{{model}}')],
    }).noValue(NO_PRICES),
    bars({
      ...frame,
      title: 'Tokens by workspace',
      description: `Input and output tokens of each workspace. ${BY_ARRIVAL}`,
      queries: [byBar('model_usage_total', { usage_type: 'total_tokens' }, ['workspace_id'], '{{workspace_id}}')],
    }),
    bars({
      ...frame,
      title: 'Calls by outcome',
      description: `Calls, by how they ended; those that failed or were given up may cost, too. ${BY_ARRIVAL}`,
      queries: [byBar('model_calls_total', {}, ['outcome'], '{{outcome}}')],
    }),
  ];
}
