import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import { stat } from '../panels/stat.js';
import { timeSeries } from '../panels/time-series.js';
import { perMinute, sum, total, withMost } from '../query/expressions.js';
import { instant, series } from '../query/query.js';
import { recorded } from '../query/series.js';
import { BY_KEY, COST, NO_PRICES } from './amounts.js';
import { half, height } from './sizes.js';

/** Speeds of use and cost. */
export function overTime() {
  return [
    timeSeries({
      title: 'Tokens a minute by type',
      description:
        'Tokens a minute. Cached tokens are part of the input, reasoning tokens of the output: the lines do not add up.',
      width: half,
      height,
      unit: 'short',
      queries: [
        series(
          `${perMinute(
            recorded('model_usage_total', {
              usage_type: ['input_tokens', 'output_tokens', 'cache_tokens', 'cache_write_tokens', 'reasoning_tokens'],
            }),
            ['usage_type'],
          )} > 0`,
          '{{usage_type}}',
        ),
      ],
    }),
    timeSeries({
      title: 'Cost an hour by API key ($currency)',
      description: 'What it would cost to go on for an hour as at each moment, by API key; the 10 dearest.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(withMost(10, `${sum(COST, BY_KEY)} * 3600`, COST, BY_KEY), '{{apikey_id}} {{workspace_id}}')],
    }).noValue(NO_PRICES),
    timeSeries({
      title: 'Other usage a minute',
      description:
        'What calls used beside text: tokens and pieces of images, audio and video, seconds (duration), characters and times.',
      width: half,
      height,
      unit: 'short',
      queries: [
        series(
          `${perMinute(
            recorded('model_usage_total', {
              usage_type: [
                'image_tokens',
                'audio_tokens',
                'video_tokens',
                'image_count',
                'audio_count',
                'video_count',
                'duration',
                'characters',
                'times',
              ],
            }),
            ['usage_type'],
          )} > 0`,
          '{{usage_type}}',
        ),
      ],
    }).noValue('Nothing but text was used'),
    stat({
      title: 'Cost by currency',
      description: 'What the time range cost in each currency of the price list: amounts in several cannot be added.',
      width: half,
      height,
      unit: 'short',
      nothing: NO_PRICES,
      queries: [instant(total(recorded('model_cost_total'), ['currency']), '{{currency}}')],
    }).textMode(BigValueTextMode.ValueAndName),
  ];
}
