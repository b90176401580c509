import { BigValueTextMode } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { levelMapping } from './frame/colours.js';
import { dashboard } from './frame/dashboard.js';
import { dataLink, ofRow } from './frame/links.js';
import {
  barVariable,
  currencyVariable,
  filterVariables,
  prometheusVariable,
  resolutionVariables,
} from './frame/variables.js';
import { bars } from './panels/bars.js';
import { card } from './panels/card.js';
import { stat } from './panels/stat.js';
import { stateTimeline } from './panels/state-timeline.js';
import { type Column, table } from './panels/table.js';
import { withEmptyCells } from './panels/table-links.js';
import { timeSeries } from './panels/time-series.js';
import { BUDGET_ALERTS, firingLevels, NO_RULES, rulesAreLoaded } from './query/alert-levels.js';
import { byBar } from './query/by-bar.js';
import { max, over, perMinute, ratio, rounded, type Span, sum, total, withMost } from './query/expressions.js';
import { instant, series } from './query/query.js';
import { recorded } from './query/series.js';

const BY_KEY = ['workspace_id', 'apikey_id'] as const;
const BY_MODEL = ['workspace_id', 'model'] as const;
const CALLS = recorded('model_calls_total');
const COST = recorded('model_cost_total', { currency: '$currency' });
const UNPRICED = recorded('model_observation_unpriced_calls_total');
const BY_ARRIVAL =
  'A bar is a day of your time zone, over 2 days or less an hour, over 6 hours or less 10 minutes, by arrival of the records. The last is not over yet.';
const NO_PRICES = 'No cost in this range, or no price list';
const half = 12;
const height = 8;

/** What was used and what it cost, by whom. */
export function usageAndCost(): Dashboard {
  return dashboard({
    uid: 'usage-and-cost',
    description:
      'What was used and what it cost: by workspace, API key, model and day, and against budgets. Totals over more than 2 days lack the last half-hour.',
    from: 'now-7d',
    variables: [
      prometheusVariable(),
      ...filterVariables(),
      currencyVariable(),
      ...resolutionVariables(),
      barVariable(),
    ],
    sections: [
      { panels: cards() },
      { heading: 'By day or hour', panels: days() },
      { heading: 'By whom', panels: [keys(), models()] },
      { heading: 'Over time', panels: overTime() },
      { heading: 'Budgets', panels: budgets() },
    ],
  });
}

type UsageType = 'total_tokens' | 'input_tokens' | 'output_tokens' | 'cache_tokens' | 'reasoning_tokens';

function usage(type: UsageType): string {
  return recorded('model_usage_total', { usage_type: type });
}

/** The part of one type of tokens in another. */
function part(of: UsageType, whole: UsageType, span: Span, by: Parameters<typeof sum>[1] = []): string {
  return ratio(sum(over(usage(of), span), by), sum(over(usage(whole), span), by));
}

function perMillion(span: Span): string {
  return `1e6 * ${ratio(sum(over(COST, span)), sum(over(usage('total_tokens'), span)))}`;
}

function cards() {
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

function days() {
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

function keys() {
  return withEmptyCells(
    table({
      title: 'By API key',
      description:
        'Each API key of each workspace over the time range, dearest first; cost in the chosen currency. others: the record named none. Click a key for its calls or its course.',
      width: 24,
      height: 10,
      sortedBy: ['Cost', 'Tokens'],
      columns: [
        { title: 'API key', of: { label: 'apikey_id' }, links: linksOf('apikey') },
        { title: 'Workspace', of: { label: 'workspace_id' }, width: 130 },
        ...numbers(BY_KEY),
      ],
    }),
  );
}

function models() {
  const unpriced: Column = {
    title: 'Without a price',
    of: { expr: `${total(UNPRICED, BY_MODEL)} > 0.5` },
    width: 120,
    unit: 'short',
    decimals: 0,
  };
  return withEmptyCells(
    table({
      title: 'By model',
      description:
        'Each model of each workspace over the time range, dearest first; cost in the chosen currency. Click a model for its calls or its course.',
      width: 24,
      height: 10,
      sortedBy: ['Cost', 'Tokens'],
      columns: [
        { title: 'Model', of: { label: 'model' }, links: linksOf('model') },
        { title: 'Workspace', of: { label: 'workspace_id' }, width: 130 },
        ...numbers(BY_MODEL),
        unpriced,
      ],
    }),
  );
}

function numbers(by: typeof BY_KEY | typeof BY_MODEL): Column[] {
  const amount = (title: string, expr: string): Column => ({ title, of: { expr }, width: 90, unit: 'short' });
  const percent = (title: string, expr: string): Column => ({
    title,
    of: { expr },
    width: 100,
    unit: 'percentunit',
    decimals: 1,
  });
  const cost: Column[] = [
    { title: 'Cost', of: { expr: total(COST, by) }, width: 110, unit: 'short' },
    percent('Share of cost', `${sum(over(COST, 'range'), by)} / on () group_left () (${sum(over(COST, 'range'))} > 0)`),
  ];
  return [
    ...cost,
    amount('Calls', rounded(total(CALLS, by))),
    amount('Tokens', total(usage('total_tokens'), by)),
    amount('Input', total(usage('input_tokens'), by)),
    amount('Output', total(usage('output_tokens'), by)),
    percent('From caches', part('cache_tokens', 'input_tokens', 'range', by)),
    percent('Reasoning', part('reasoning_tokens', 'output_tokens', 'range', by)),
  ];
}

function linksOf(variable: 'apikey' | 'model') {
  const set = {
    workspace: ofRow('workspace_id'),
    [variable]: ofRow(variable === 'apikey' ? 'apikey_id' : 'model'),
  };
  return [dataLink('Log', 'inference-logs', { set }), dataLink('Monitor', 'model-monitor', { set })];
}

function overTime() {
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

/** Recorded where a rule on budgets is set, and nowhere else. */
const SPENT =
  'workspace_model:alert_cost:sum_1d{inference_type="all", workspace_id=~"$workspace", currency=~"$currency"}';
const NO_BUDGET = 'No rule has a budget: see daily-budget in config/alerts.yml';

function budgets() {
  const fired = max(firingLevels(BUDGET_ALERTS), ['workspace_id', 'rule']);
  const none = `label_replace(${rulesAreLoaded()}, "rule", "no budget alert", "", "")`;
  return [
    timeSeries({
      title: 'Spent in 24 hours ($currency)',
      description:
        'What each workspace spent in the 24 hours before each moment: what alerts on budgets look at. Of all models and keys.',
      width: half,
      height,
      unit: 'short',
      queries: [series(sum(SPENT, ['workspace_id']), '{{workspace_id}}')],
    }).noValue(NO_BUDGET),
    stateTimeline({
      title: 'Alerts on budgets',
      description: 'The level of the alert on the daily budget of each workspace over time, where one fired.',
      width: half,
      height,
      unit: 'none',
      mappings: [levelMapping()],
      queries: [series(`${fired} or on () ${none}`, '{{rule}} {{workspace_id}}')],
      nothing: NO_RULES,
    }),
  ];
}
