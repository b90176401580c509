import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotations } from './frame/annotations.js';
import { LEVEL_COLOURS, levelMapping } from './frame/colours.js';
import { dashboard } from './frame/dashboard.js';
import { dataLink, ofRow, ofSeries } from './frame/links.js';
import { currencyVariable, filterVariables, prometheusVariable, resolutionVariables } from './frame/variables.js';
import { heatMap } from './panels/heat-map.js';
import { stateTimeline } from './panels/state-timeline.js';
import { table } from './panels/table.js';
import { timeSeries } from './panels/time-series.js';
import { alertLevel } from './query/alert-series.js';
import { max, over, perMinute, ratio, sum, total } from './query/expressions.js';
import { failureRate, mean, quantile } from './query/measures.js';
import { type Query, series } from './query/query.js';
import { type Histogram, recorded, recordedPart } from './query/series.js';

const CALLS = recorded('model_calls_total');
/** What failure rates are of: a cancelled call is neither success nor failure. */
const ENDED = recorded('model_calls_total', { outcome: ['success', 'failure'] });
const TOKENS = recorded('model_usage_total', { usage_type: 'total_tokens' });
const COST = recorded('model_cost_total', { currency: '$currency' });
const ERRORS = recorded('model_call_errors_total');
const DURATION = 'model_call_duration_seconds';
const FIRST_TOKEN = 'model_first_token_duration_seconds';
const PER_TOKEN = 'model_generation_duration_per_token_seconds';
const ALL_KEYS =
  'Percentiles are of all API keys together, also where a key is chosen; with basic monitoring there is the average only.';

const BY_MODEL = ['workspace_id', 'model'] as const;
/** Those of the whole range: the worst of each moment would be others all the time. */
const WORST = `topk(8, ${max(`max_over_time(${alertLevel()}[$__range] @ end())`, BY_MODEL)})`;

const [third, half] = [8, 12];
const height = 8;

/** One model, or several together: how its level went, and security, cost, performance and errors over time. */
export function modelMonitor(): Dashboard {
  return dashboard({
    uid: 'model-monitor',
    description: 'How a model fares: errors, performance, cost and security, with the way to the calls of any moment.',
    variables: [prometheusVariable(), ...filterVariables(), currencyVariable(), ...resolutionVariables()],
    annotations: annotations(),
    sections: [
      { panels: [levels()] },
      { heading: 'Error', panels: [failureRates(), failuresByKind(), timeouts(), errors()] },
      { heading: 'Performance', panels: performance() },
      { heading: 'Cost', panels: cost() },
      { heading: 'Security', panels: security() },
    ],
  });
}

const callsOfMinute = dataLink('Calls of this minute', 'inference-logs', { time: 'minute' });
const failedCallsOfMinute = dataLink('Failed calls of this minute', 'inference-logs', {
  time: 'minute',
  set: { outcome: 'failure' },
});
const failuresOfKindOfMinute = dataLink('Calls that failed like this in this minute', 'inference-logs', {
  time: 'minute',
  set: { outcome: 'failure', failure: ofSeries('failure') },
});

function levels() {
  return stateTimeline({
    title: 'Level',
    description:
      'The highest level of the alerts of each model over time; the eight that came highest in the time range. * is a whole account or workspace.',
    width: 24,
    height: 7,
    unit: 'none',
    mappings: [levelMapping()],
    queries: [
      series(`${max(alertLevel(), BY_MODEL)} and on (workspace_id, model) ${WORST}`, '{{model}} {{workspace_id}}'),
    ],
    links: [callsOfMinute],
    nothing: 'No alert rules are loaded, or monitoring is basic',
  });
}

function failureRates() {
  return timeSeries({
    title: 'Failure rate',
    description:
      'Failures ÷ (successes + failures), and the part of it that the provider refused because calls came too fast (429).',
    width: third,
    height,
    unit: 'percentunit',
    queries: [
      series(failureRate('moment'), 'all failures'),
      series(
        ratio(sum(recorded('model_call_failures_total', { failure: 'rate_limited' })), sum(ENDED)),
        'rate limited',
      ),
    ],
    colours: { 'all failures': LEVEL_COLOURS.critical, 'rate limited': LEVEL_COLOURS.warning },
    links: [failedCallsOfMinute],
  });
}

function failuresByKind() {
  return timeSeries({
    title: 'Failures by kind',
    description: 'Failed calls a minute, by kind. Click a point for the calls.',
    width: third,
    height,
    unit: 'short',
    stacked: true,
    queries: [series(perMinute(recorded('model_call_failures_total'), ['failure']), '{{failure}}')],
    links: [failuresOfKindOfMinute],
  });
}

function timeouts() {
  return timeSeries({
    title: 'Timeouts by stage',
    description:
      'Calls a minute that timed out. first_token: nothing had come yet, so look at network and queue. generation: the call was cut while tokens came, so stream long answers or allow them more time.',
    width: third,
    height,
    unit: 'short',
    stacked: true,
    queries: [series(perMinute(recorded('model_call_timeouts_total'), ['stage']), '{{stage}}')],
    colours: { first_token: LEVEL_COLOURS.error, generation: 'blue' },
    links: [
      dataLink('Timeouts of this minute', 'inference-logs', {
        time: 'minute',
        set: { outcome: 'failure', failure: 'timeout' },
      }),
    ],
  });
}

function errors() {
  const errors = total(ERRORS, ['status_code', 'error_code']);
  return table({
    title: 'Failures by status and error code',
    description:
      'Failed calls of the time range, by the status and the error code of the provider, with their share of all failures; over more than 2 days without the last half-hour. Not of workspaces with basic monitoring.',
    width: 24,
    height: 8,
    sortedBy: ['Failures'],
    nothing: 'No failures, or monitoring is basic',
    columns: [
      { title: 'Status', of: { label: 'status_code' }, width: 90 },
      { title: 'Error code', of: { label: 'error_code' } },
      { title: 'Failures', of: { expr: linked(`${errors} > 0.5`) }, width: 140, decimals: 0 },
      {
        title: 'Share of failures',
        of: { expr: `${errors} / on () group_left () (${total(ERRORS)} > 0.5) > 0` },
        width: 160,
        unit: 'percentunit',
        decimals: 1,
      },
      {
        title: 'Log',
        of: { label: 'log' },
        width: 80,
        links: [
          dataLink('Log', 'inference-logs', {
            set: { outcome: 'failure', status_code: ofRow('status_code'), error_code: ofRow('error_code') },
          }),
        ],
      },
    ],
  });
}

function linked(expression: string): string {
  return `label_replace(${expression}, "log", "Log", "", "")`;
}

function performance() {
  return [
    timeSeries({
      title: 'Requests a minute (RPM)',
      description: 'Calls a minute, by how they ended.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(perMinute(CALLS, ['outcome']), '{{outcome}}')],
      links: [
        dataLink('Calls of this minute', 'inference-logs', { time: 'minute', set: { outcome: ofSeries('outcome') } }),
      ],
    }),
    timeSeries({
      title: 'Tokens a minute (TPM)',
      description:
        'Input and output tokens a minute. Output tokens contain those of reasoning, input tokens those from the cache.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [
        series(
          perMinute(recorded('model_usage_total', { usage_type: ['input_tokens', 'output_tokens'] }), ['usage_type']),
          '{{usage_type}}',
        ),
      ],
      links: [callsOfMinute],
    }),
    latency('Call duration', 'How long successful calls took as a whole.', DURATION),
    spread('Call duration, spread', 'How many calls a second took how long.', DURATION),
    latency('Time to first token', 'How long successful streamed calls took to their first token.', FIRST_TOKEN),
    spread('Time to first token, spread', 'How many streamed calls a second waited how long.', FIRST_TOKEN),
    latency(
      'Time per token after the first',
      'How long each further token of a successful streamed call took.',
      PER_TOKEN,
    ),
    timeSeries({
      title: 'Tokens a second of one call',
      description:
        'How fast a call gives its tokens after the first: 1 ÷ the average and the median of the time per token. The median is of all API keys.',
      width: half,
      height,
      unit: 'short',
      queries: [
        series(`1 / (${mean(PER_TOKEN, 'moment')} > 0)`, 'average'),
        series(`1 / (${quantile(PER_TOKEN, 0.5, 'moment')} > 0)`, 'p50'),
      ],
      links: [callsOfMinute],
    }),
  ];
}

function latency(title: string, what: string, histogram: Histogram) {
  return timeSeries({
    title,
    description: `${what} ${ALL_KEYS}`,
    width: half,
    height,
    unit: 's',
    queries: percentiles(histogram),
    colours: { average: 'blue', p50: 'green', p95: 'orange', p99: 'red' },
    links: [callsOfMinute],
  });
}

function percentiles(histogram: Histogram): Query[] {
  return [
    series(mean(histogram, 'moment'), 'average'),
    series(quantile(histogram, 0.5, 'moment'), 'p50'),
    series(quantile(histogram, 0.95, 'moment'), 'p95'),
    series(quantile(histogram, 0.99, 'moment'), 'p99'),
  ];
}

function spread(title: string, what: string, histogram: Histogram) {
  return heatMap({
    title,
    description: `${what} Of all API keys together; not of workspaces with basic monitoring.`,
    width: half,
    height,
    unit: 's',
    expr: sum(recordedPart(histogram, 'bucket'), ['le']),
    links: [callsOfMinute],
  });
}

function cost() {
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

function security() {
  const moderated = recorded('model_call_failures_total', { failure: 'content_moderation' });
  const links = [
    dataLink('Moderated calls of this minute', 'inference-logs', {
      time: 'minute',
      set: { outcome: 'failure', failure: 'content_moderation' },
    }),
  ];
  return [
    timeSeries({
      title: 'Refused by content moderation, by model',
      description: 'Calls a minute whose request or answer content moderation refused.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(perMinute(moderated, ['model']), '{{model}}')],
      links,
    }),
    timeSeries({
      title: 'Share of calls refused by content moderation',
      description: 'Of all calls that ended in success or failure.',
      width: half,
      height,
      unit: 'percentunit',
      queries: [series(ratio(sum(moderated), sum(ENDED)), 'share')],
      colours: { share: 'purple' },
      links,
    }),
  ];
}
