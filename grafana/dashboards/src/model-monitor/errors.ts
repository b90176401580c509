import { LEVEL_COLOURS } from '../frame/colours.js';
import { dataLink, ofRow, ofSeries } from '../frame/links.js';
import { table } from '../panels/table.js';
import { timeSeries } from '../panels/time-series.js';
import { perMinute, ratio, rounded, sum, total } from '../query/expressions.js';
import { failureRate } from '../query/measures.js';
import { series } from '../query/query.js';
import { recorded } from '../query/series.js';
import { ENDED, failedCallsAround } from './calls.js';
import { height, third } from './sizes.js';

const ERRORS = recorded('model_call_errors_total');

const failuresOfKindAround = dataLink('Calls that failed like this around this moment', 'inference-logs', {
  time: 'moment',
  set: { outcome: 'failure', failure: ofSeries('failure') },
});

/** Which calls failed, and why. */
export function errors() {
  return [failureRates(), failuresByKind(), timeouts(), byCode()];
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
    links: [failedCallsAround],
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
    links: [failuresOfKindAround],
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
      dataLink('Timeouts around this moment', 'inference-logs', {
        time: 'moment',
        set: { outcome: 'failure', failure: 'timeout' },
      }),
    ],
  });
}

function byCode() {
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
      { title: 'Failures', of: { expr: linked(`${rounded(errors)} > 0`) }, width: 140 },
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
