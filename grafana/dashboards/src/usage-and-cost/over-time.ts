import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import { USAGE_TYPES, type UsageType } from '../../../../exporter/call/call.js';
import { stat } from '../panels/stat.js';
import { timeSeries } from '../panels/time-series.js';
import { perMinute, sum, total, withMost } from '../query/expressions.js';
import { instant, type Query, series } from '../query/query.js';
import { recorded } from '../query/series.js';
import { BY_KEY, COST, NO_PRICES } from './amounts.js';
import { half, height } from './sizes.js';

/** Tokens of text, without their total. */
const TEXT = USAGE_TYPES.slice(1, USAGE_TYPES.indexOf('image_tokens'));
const OTHER = USAGE_TYPES.slice(USAGE_TYPES.indexOf('image_tokens'));

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
      queries: [perMinuteByType(TEXT)],
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
      queries: [perMinuteByType(OTHER)],
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

function perMinuteByType(types: readonly UsageType[]): Query {
  return series(
    `${perMinute(recorded('model_usage_total', { usage_type: types }), ['usage_type'])} > 0`,
    '{{usage_type}}',
  );
}
