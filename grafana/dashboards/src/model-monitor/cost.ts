import { timeSeries } from '../panels/time-series.js';
import { over, perMinute, ratio, sum } from '../query/expressions.js';
import { series } from '../query/query.js';
import { recorded } from '../query/series.js';
import { CALLS } from './calls.js';
import { height, third } from './sizes.js';

const TOKENS = recorded('model_usage_total', { usage_type: 'total_tokens' });
const COST = recorded('model_cost_total', { currency: '$currency' });

/** What calls used and cost. */
export function cost() {
  return [
    timeSeries({
      title: 'Usage by type',
      description:
        'What calls used a minute, beside input and output tokens: other tokens, pieces, seconds (duration), characters and times. Some are parts of others.',
      width: third,
      height,
      unit: 'short',
      queries: [
        series(
          `${perMinute(recorded('model_usage_total'), ['usage_type'])} > 0 unless on (usage_type) ${sum(recorded('model_usage_total', { usage_type: ['total_tokens', 'input_tokens', 'output_tokens'] }), ['usage_type'])}`,
          '{{usage_type}}',
        ),
      ],
    }),
    timeSeries({
      title: 'Average usage of a call',
      description: 'Tokens of a call on average, whatever its outcome.',
      width: third,
      height,
      unit: 'short',
      queries: [
        series(ratio(sum(over(TOKENS, 'moment')), sum(CALLS)), 'all tokens'),
        series(ratio(sum(recorded('model_usage_total', { usage_type: 'output_tokens' })), sum(CALLS)), 'output tokens'),
      ],
    }),
    timeSeries({
      title: 'Cost an hour ($currency)',
      description:
        'What calls cost by the price list, as it would add up over an hour at the speed of each moment, by model.',
      width: third,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(`${sum(COST, ['model'])} * 3600`, '{{model}}')],
    }),
  ];
}
