import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { emptyCell, levelMapping, levelThresholds, thresholdsOf } from './frame/colours.js';
import { dashboard } from './frame/dashboard.js';
import { dataLink, ofRow, ofSeries } from './frame/links.js';
import { currencyVariable, filterVariables, prometheusVariable, resolutionVariables } from './frame/variables.js';
import { card } from './panels/card.js';
import { stat } from './panels/stat.js';
import { type Column, table } from './panels/table.js';
import { timeSeries } from './panels/time-series.js';
import { alertLevel, alertLevelOfModels, withLinkLabels } from './query/alert-series.js';
import { count, max, over, perMinute, rounded, sum, total, withMost } from './query/expressions.js';
import { failureRate, mean, quantile } from './query/measures.js';
import { instant, series } from './query/query.js';
import { gauge, type Histogram, recorded } from './query/series.js';

const BY_MODEL = ['workspace_id', 'model'] as const;
const CALLS = recorded('model_calls_total');
const FAILURES = recorded('model_calls_total', { outcome: 'failure' });
const DURATION = 'model_call_duration_seconds';
const FIRST_TOKEN = 'model_first_token_duration_seconds';

/** Which models had calls, or at least could have been seen to: their counters were there. */
const CALLED = `(${sum(over(CALLS, 'range'), BY_MODEL)} or ${sum(CALLS, BY_MODEL)})`;

/** What a cell of a percentile says where monitoring is basic: there are averages and no percentiles. */
const BASIC = -1;

/** Whether all is well, where it is not, and the way there: cards, what stands out, the list of models. */
export function home(): Dashboard {
  return dashboard({
    uid: 'model-observation',
    description: 'Whether all is well, and if not, which model of which workspace to look at.',
    variables: [prometheusVariable(), ...filterVariables(), currencyVariable(), ...resolutionVariables()],
    sections: [{ panels: [attention(), ...cards()] }, { panels: [list(), callsTrend(), failuresTrend()] }],
  });
}

/** More would be too narrow to be read. */
const MOST_TILES = 8;

function attention() {
  const levels = max(alertLevel(), BY_MODEL);
  const firing = withLinkLabels(`topk(${MOST_TILES}, ${levels} >= 2)`);
  const named = `label_replace(label_replace(${firing}, "workspace_id", "all workspaces", "workspace_id", "\\\\*"), "model", "all models", "model", "\\\\*")`;
  const watched = `label_replace(0 * ${count(alertLevelOfModels())}, "model", "all models", "", "")`;
  return stat({
    title: 'Needs attention now',
    description: `Each model with an alert of level warning, error or critical at the end of the time range, worst first; up to ${MOST_TILES}. Click one to see what is wrong with it. Of all API keys and inference types; workspaces with basic monitoring are not watched.`,
    width: 24,
    height: 4,
    unit: 'none',
    look: 'tile',
    nothing: 'No alert rule watches these models',
    thresholds: levelThresholds(new Map([])),
    queries: [instant(`sort_desc(${named} or on () ${watched})`, '{{model}} {{workspace_id}}')],
  })
    .mappings([levelMapping()])
    .dataLinks([
      dataLink('Monitor', 'model-monitor', {
        set: {
          workspace: ofSeries('link_workspace'),
          model: ofSeries('link_model'),
          // Alerts are of all keys, and of the types that their rules name.
          apikey: '$__all',
          inference_type: '$__all',
        },
      }),
    ]);
}

function cards() {
  const [width, height] = [8, 5];
  return [
    card({
      title: 'Models',
      description:
        'Models that were called in the time range. With an API key or an inference type chosen: those of its models that anybody called.',
      width,
      height,
      unit: 'short',
      decimals: 0,
      now: modelsCalled(''),
      before: modelsCalled(' offset $__range'),
      trend: count(`${sum(CALLS, ['model'])} > 0`),
      bad: 'neither',
    }),
    card({
      title: 'Calls',
      description:
        'All calls of the time range, however they ended, and against as long a time before it. The last three minutes are still coming in.',
      width,
      height,
      unit: 'short',
      now: rounded(total(CALLS)),
      before: rounded(total(CALLS, [], 'range before')),
      trend: perMinute(CALLS),
      bad: 'neither',
    }),
    card({
      title: 'Failures',
      description: 'Failed calls of the time range. A call that its client gave up is not a failure.',
      width,
      height,
      unit: 'short',
      now: rounded(total(FAILURES)),
      before: rounded(total(FAILURES, [], 'range before')),
      trend: perMinute(FAILURES),
      bad: 'more',
    }),
    card({
      title: 'Failure rate',
      description: 'Failures ÷ (successes + failures). Its colour is that of the official alert on failure rates.',
      width,
      height,
      unit: 'percentunit',
      now: failureRate('range'),
      before: failureRate('range before'),
      trend: failureRate('moment'),
      bad: 'more',
      thresholds: thresholdsOf('failure-rate'),
    }),
    card({
      title: 'Average call duration',
      description: 'How long successful calls took as a whole. Its colour is that of the official alert on durations.',
      width,
      height,
      unit: 's',
      now: mean(DURATION, 'range'),
      before: mean(DURATION, 'range before'),
      trend: mean(DURATION, 'moment'),
      bad: 'more',
      thresholds: thresholdsOf('call-duration'),
    }),
    card({
      title: 'Average time to first token',
      description:
        'How long successful streamed calls took to their first token. Coloured as the official alert on it.',
      width,
      height,
      unit: 's',
      now: mean(FIRST_TOKEN, 'range'),
      before: mean(FIRST_TOKEN, 'range before'),
      trend: mean(FIRST_TOKEN, 'moment'),
      bad: 'more',
      thresholds: thresholdsOf('first-token-latency'),
    }),
  ];
}

/** Models whose last call is in the range, as seen from its end or from that of the range before. */
function modelsCalled(offset: '' | ' offset $__range'): string {
  const start = offset === '' ? 'time() - $__range_s' : 'time() - 2 * $__range_s';
  const last = `${gauge('model_last_call_timestamp_seconds')}${offset} >= ${start}`;
  return count(`count by (model) (${last} and on (workspace_id, model) ${CALLS}${offset})`);
}

function list() {
  return table({
    title: 'Models and workspaces',
    description:
      'One row for each model of each workspace, over the time range. The last three minutes are still coming in; over more than 2 days the last half-hour. Percentiles are of all API keys together, also where a key is chosen; of workspaces with basic monitoring there are averages only. The level is that of now; normal is the lowest of the alerts.',
    width: 24,
    height: 16,
    sortedBy: ['Level', 'Calls'],
    columns: [
      {
        title: 'Level',
        of: {
          expr: `${max(alertLevelOfModels(), BY_MODEL)} and on (workspace_id, model) ${CALLED}`,
        },
        width: 100,
        coloured: true,
        mappings: [levelMapping(), emptyCell('not watched')],
      },
      { title: 'Model', of: { label: 'model' } },
      { title: 'Workspace', of: { label: 'workspace_id' }, width: 130 },
      // Not at the end: on a narrow screen it is out of sight.
      link('Monitor', 'model-monitor'),
      link('Log', 'inference-logs'),
      // It alone has a row for every model, so the links stand in it.
      {
        title: 'Calls',
        of: { expr: withLinks(`(${rounded(total(CALLS, BY_MODEL))} or 0 * ${sum(CALLS, BY_MODEL)})`) },
        width: 80,
        unit: 'short',
      },
      { title: 'Failures', of: { expr: rounded(total(FAILURES, BY_MODEL)) }, width: 80, unit: 'short' },
      {
        title: 'Failure rate',
        of: { expr: failureRate('range', BY_MODEL) },
        width: 100,
        unit: 'percentunit',
        decimals: 1,
        coloured: true,
        thresholds: thresholdsOf('failure-rate'),
      },
      average('Duration', DURATION),
      percentile('Duration p95', DURATION, 'call-duration'),
      average('First token', FIRST_TOKEN),
      percentile('First token p95', FIRST_TOKEN, 'first-token-latency'),
      {
        title: 'Tokens',
        of: { expr: total(recorded('model_usage_total', { usage_type: 'total_tokens' }), BY_MODEL) },
        width: 80,
        unit: 'short',
      },
      {
        title: 'Cost',
        of: { expr: total(recorded('model_cost_total', { currency: '$currency' }), BY_MODEL) },
        width: 90,
        unit: 'short',
      },
    ],
  });
}

function withLinks(expression: string): string {
  return `label_replace(label_replace(${expression}, "monitor", "Monitor", "", ""), "log", "Log", "", "")`;
}

function link(title: 'Monitor' | 'Log', uid: 'model-monitor' | 'inference-logs'): Column {
  return {
    title,
    of: { label: title.toLowerCase() },
    width: title === 'Log' ? 50 : 75,
    links: [dataLink(title, uid, { set: { workspace: ofRow('workspace_id'), model: ofRow('model') } })],
  };
}

function average(title: string, histogram: Histogram): Column {
  return { title, of: { expr: mean(histogram, 'range', BY_MODEL) }, width: 90, unit: 's' };
}

function percentile(title: string, histogram: Histogram, template: string): Column {
  const known = max(gauge('model_last_call_timestamp_seconds'), BY_MODEL);
  const watched = max(gauge('model_workspace_info', { monitoring: 'basic' }), ['workspace_id']);
  const basic = `0 * ${known} - on (workspace_id) group_left () ${watched}`;
  return {
    title,
    of: {
      expr: `(${quantile(histogram, 0.95, 'range', BY_MODEL)} or on (workspace_id, model) (${basic})) and on (workspace_id, model) ${CALLED}`,
    },
    width: 120,
    unit: 's',
    coloured: true,
    thresholds: thresholdsOf(template),
    mappings: [{ type: 'value', options: { [BASIC]: { text: 'basic', color: 'transparent' } } } as never],
  };
}

function callsTrend() {
  return timeSeries({
    title: 'Calls by model',
    description: 'Calls a minute of each model, over all chosen workspaces; the 10 with most calls.',
    width: 12,
    height: 8,
    unit: 'short',
    stacked: true,
    queries: [series(withMost(10, perMinute(CALLS, ['model']), CALLS, ['model']), '{{model}}')],
  });
}

function failuresTrend() {
  return timeSeries({
    title: 'Failures by model',
    description:
      'Failures a minute of each model, over all chosen workspaces. Click a point for the failed calls around it.',
    width: 12,
    height: 8,
    unit: 'short',
    stacked: true,
    queries: [series(`${perMinute(FAILURES, ['model'])} > 0`, '{{model}}')],
    links: [
      dataLink('Failed calls around this moment', 'inference-logs', {
        time: 'moment',
        set: { model: ofSeries('model'), outcome: 'failure' },
      }),
    ],
  }).noValue('No failures');
}
