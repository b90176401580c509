import { LineInterpolation } from '@grafana/grafana-foundation-sdk/common';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { emptyCell, thresholdsOf } from './frame/colours.js';
import { dashboard } from './frame/dashboard.js';
import { dataLink, ofSeries } from './frame/links.js';
import { filterVariables, peaksVariables, prometheusVariable, resolutionVariables } from './frame/variables.js';
import { type Column, table } from './panels/table.js';
import { LINK_COLUMNS, LINKS_OF_ROW, withEmptyCells, withoutLinkColumns } from './panels/table-links.js';
import { withThresholdLines } from './panels/threshold-lines.js';
import { timeSeries } from './panels/time-series.js';
import { withLinkLabels } from './query/alert-series.js';
import { max, over, perMinute, ratio, sum, withMost } from './query/expressions.js';
import { quantile } from './query/measures.js';
import { series } from './query/query.js';
import {
  hourPeak,
  limited,
  limitedByQuota,
  peak,
  peakShare,
  perMinuteOf,
  type QuotaLimit,
  quota,
  shareNow,
} from './query/quota-use.js';
import { recorded } from './query/series.js';

const BY_MODEL = ['workspace_id', 'model'] as const;
const MODEL = '{{model}} {{workspace_id}}';
const NAMES: Readonly<Record<QuotaLimit, string>> = { rpm: 'Requests', tpm: 'Tokens' };
const NO_QUOTAS = 'No quotas, or no realtime calls';
const [third, half] = [8, 12];
const height = 8;

/** Whether quotas suffice: peaks against them, when they come, and what happens at the limit. */
export function capacity(): Dashboard {
  return dashboard({
    uid: 'capacity',
    description:
      'Whether the quotas suffice: the busiest minutes against requests (RPM) and tokens (TPM) a minute, and what happened there.',
    from: 'now-24h',
    variables: [prometheusVariable(), ...filterVariables(), ...resolutionVariables(), ...peaksVariables()],
    sections: [
      { panels: [quotas()] },
      { heading: 'Use of quotas', panels: [use('rpm'), use('tpm')] },
      { heading: 'Load', panels: [load('rpm'), load('tpm'), peaks('rpm'), peaks('tpm')] },
      { heading: 'At the limit', panels: atTheLimit() },
    ],
  });
}

function quotas() {
  const shares = (['rpm', 'tpm'] as const).map(
    (limit) => `label_replace(${peakShare(limit)}, "limit", "${limit}", "", "")`,
  );
  const refused = ratio(
    sum(over(recorded('model_call_failures_total', { failure: 'rate_limited' }), 'range'), BY_MODEL),
    sum(over(recorded('model_calls_total', { outcome: ['success', 'failure'] }), 'range'), BY_MODEL),
  );
  const panel = table({
    title: 'Quotas and peaks',
    description:
      'The busiest minute of each model in the time range against its quotas, the fullest first; models without a quota show their peaks. Workspace * is the quota of the account, against all its workspaces and keys together, whichever are chosen. Of realtime calls, which quotas are of; a minute is the mean of two. Over more than 2 days without the last 10 minutes. Negative: above the quota.',
    width: 24,
    height: 11,
    sortedBy: ['Most used'],
    columns: [
      { title: 'Model', of: { label: 'model' }, links: LINKS_OF_ROW },
      { title: 'Workspace', of: { label: 'workspace_id' }, width: 110 },
      share('Most used', max(`${shares.join(' or ')}`, BY_MODEL), 95),
      number('Peak RPM', peak('rpm')),
      number('RPM quota', quota('rpm')),
      number('RPM to spare', `${quota('rpm')} - on (workspace_id, model) ${peak('rpm')}`, 105),
      number('Peak TPM', peak('tpm')),
      number('TPM quota', quota('tpm')),
      number('TPM to spare', `${quota('tpm')} - on (workspace_id, model) ${peak('tpm')}`, 105),
      {
        title: 'Rate limited',
        of: { expr: withLinkLabels(refused) },
        width: 100,
        unit: 'percentunit',
        decimals: 1,
        coloured: true,
        thresholds: thresholdsOf('rate-limiting'),
      },
      ...LINK_COLUMNS,
    ],
  });
  return withoutLinkColumns(withEmptyCells(panel));
}

function number(title: string, expr: string, width = 90): Column {
  return { title, of: { expr: withLinkLabels(expr) }, width, unit: 'short' };
}

function share(title: string, expr: string, width: number): Column {
  return {
    title,
    of: { expr: withLinkLabels(expr) },
    width,
    unit: 'percentunit',
    decimals: 0,
    coloured: true,
    thresholds: thresholdsOf('rpm-quota'),
    // No quota is not a quota of which nothing is used.
    mappings: [emptyCell('–')],
  };
}

function use(limit: QuotaLimit) {
  return withThresholdLines(
    timeSeries({
      title: `${NAMES[limit]}: share of quota`,
      description: `${NAMES[limit]} a minute of realtime calls as a share of the quota of each model, * of the account, on average over each step. The lines are those of the official alert.`,
      width: half,
      height,
      unit: 'percentunit',
      queries: [series(withLinkLabels(shareNow(limit)), MODEL)],
      links: toModel(),
    })
      .noValue(NO_QUOTAS)
      // So that the line of the whole quota is in sight.
      .axisSoftMax(1.1),
    thresholdsOf(`${limit}-quota`),
  );
}

function load(limit: QuotaLimit) {
  const [what, name] =
    limit === 'rpm' ? ['Calls', 'Requests a minute'] : ['Input and output tokens', 'Tokens a minute'];
  const now = perMinuteOf(limit);
  return timeSeries({
    title: name,
    description: `${what} a minute of each model, on average over each step; the 10 with most.`,
    width: half,
    height,
    unit: 'short',
    stacked: true,
    queries: [series(withLinkLabels(withMost(10, now, limited(limit), BY_MODEL)), MODEL)],
    links: toModel(),
  });
}

function peaks(limit: QuotaLimit) {
  return timeSeries({
    title: `Busiest minute of each hour (${limit.toUpperCase()})`,
    description: `The most ${NAMES[limit].toLowerCase()} a minute that each model had in each hour, from the start of the hour on, of realtime calls; the 10 with most. Over more than 2 days to within half an hour.`,
    width: half,
    height,
    unit: 'short',
    queries: [series(withLinkLabels(withMost(10, hourPeak(limit), limitedByQuota(limit), BY_MODEL)), MODEL)],
    links: toModel(),
  })
    .interval('1h')
    .lineInterpolation(LineInterpolation.StepAfter)
    .spanNulls(false);
}

function atTheLimit() {
  const failures = (failure: 'rate_limited' | 'timeout') =>
    `${perMinute(recorded('model_call_failures_total', { failure }), BY_MODEL)} > 0`;
  const toFailures = (failure: 'rate_limited' | 'timeout') => [
    dataLink('Calls that failed like this', 'inference-logs', {
      time: 'moment',
      set: {
        workspace: ofSeries('link_workspace'),
        model: ofSeries('link_model'),
        outcome: 'failure',
        failure,
      },
    }),
  ];
  return [
    timeSeries({
      title: 'Rate limited',
      description: 'Calls a minute that the provider refused because they came too fast (429).',
      width: third,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(withLinkLabels(failures('rate_limited')), MODEL)],
      links: toFailures('rate_limited'),
    }).noValue('None was rate limited'),
    timeSeries({
      title: 'Timed out',
      description: 'Calls a minute that timed out: long before a quota is reached queues may.',
      width: third,
      height,
      unit: 'short',
      stacked: true,
      queries: [series(withLinkLabels(failures('timeout')), MODEL)],
      links: toFailures('timeout'),
    }).noValue('None timed out'),
    timeSeries({
      title: 'Time to first token, p95',
      description:
        'How long streamed calls wait under this load, of all API keys together; the 10 slowest of each moment. Not with basic monitoring.',
      width: third,
      height,
      unit: 's',
      queries: [
        series(
          withLinkLabels(`topk(10, ${quantile('model_first_token_duration_seconds', 0.95, 'moment', BY_MODEL)})`),
          MODEL,
        ),
      ],
      links: toModel(),
    }),
  ];
}

function toModel() {
  const set = { workspace: ofSeries('link_workspace'), model: ofSeries('link_model') };
  return [
    dataLink('Calls around this moment', 'inference-logs', { time: 'moment', set }),
    dataLink('Monitor', 'model-monitor', { set }),
  ];
}
