import { LEVEL_COLOURS } from '../frame/colours.js';
import { healthThresholds } from '../frame/health-thresholds.js';
import { withThresholdLines } from '../panels/threshold-lines.js';
import { timeSeries } from '../panels/time-series.js';
import { exporterGauge, exporterIncrease, exporterQuantile, exporterRate, foreign } from '../query/exporter-series.js';
import { max, ratio, sum } from '../query/expressions.js';
import { series } from '../query/query.js';
import { JOB } from './job.js';
import { half, height, third } from './sizes.js';

/** Series, their budgets, and scrapes. */
export function metrics() {
  const limit = (scope: string) => max(exporterGauge('model_observation_series_limit', { scope }));
  return [
    timeSeries({
      title: 'Series',
      description: 'Series that the call metrics expose, against the budget for all of them.',
      width: third,
      height,
      unit: 'short',
      queries: [series(exporterGauge('model_observation_series'), '{{instance}}'), series(limit('all'), 'budget')],
      colours: { budget: LEVEL_COLOURS.critical },
    }),
    timeSeries({
      title: 'Budget of each workspace',
      description:
        'The share of its budget of series that each workspace uses, the 10 highest. From 70 % on new values are folded into __overflow__.',
      width: third,
      height,
      unit: 'percentunit',
      queries: [
        series(
          `topk(10, ${max(exporterGauge('model_observation_workspace_series'), ['workspace_id'])} / on () group_left () ${limit('workspace')})`,
          '{{workspace_id}}',
        ),
      ],
    }),
    timeSeries({
      title: 'Calls in __overflow__',
      description:
        'Calls a second that are not told apart because a budget of series is nearly used up, by what was folded. Totals stay right.',
      width: third,
      height,
      unit: 'cps',
      stacked: true,
      queries: [
        series(
          `${sum(exporterRate('model_observation_overflow_calls_total'), ['workspace_id', 'dimension'])} > 0`,
          '{{workspace_id}}: {{dimension}}',
        ),
      ],
    }).noValue('None: all budgets suffice'),
    withThresholdLines(
      timeSeries({
        title: 'Scrape time',
        description:
          'How long Prometheus waits for the metrics, and what the exporter took of it. After 10 s Prometheus gives up.',
        width: third,
        height,
        unit: 's',
        queries: [
          series(foreign('scrape_duration_seconds', JOB), 'Prometheus {{instance}}'),
          series(exporterQuantile('model_observation_scrape_duration_seconds', 0.99), 'exporter, p99'),
        ],
      }),
      healthThresholds('scrape-slow'),
    ),
    timeSeries({
      title: 'Scrapes',
      description: 'Scrapes a minute, by how they ended.',
      width: third,
      height,
      unit: 'cpm',
      stacked: true,
      queries: [series(`${sum(exporterRate('model_observation_scrapes_total'), ['result'])} * 60 > 0`, '{{result}}')],
      colours: { complete: 'green', aborted: 'yellow', failed: 'red', refused: 'orange' },
    }),
    timeSeries({
      title: 'Size of a scrape',
      description: 'Bytes of an answer to a scrape on average, as sent: compressed.',
      width: third,
      height,
      unit: 'bytes',
      queries: [
        series(
          ratio(
            sum(exporterRate('model_observation_scrape_bytes_total')),
            sum(exporterRate('model_observation_scrapes_total')),
          ),
          'bytes',
        ),
      ],
    }),
    timeSeries({
      title: 'Calls without a price',
      description:
        'Calls in the hour before that no price covers, or that used something beside tokens which has none; the 10 models with most. Alerted on only where there is a price list.',
      width: half,
      height,
      unit: 'short',
      queries: [
        series(
          `topk(10, ${sum(exporterIncrease('model_observation_unpriced_calls_total', {}, '1h'), ['workspace_id', 'model'])} > 0)`,
          '{{model}} {{workspace_id}}',
        ),
      ],
    }).noValue('Every call has a price'),
    timeSeries({
      title: 'Counters began again',
      description:
        'New epochs of the call counters in the hour before: they could not be carried on exactly, and began again at zero. The log of the exporter says why.',
      width: half,
      height,
      unit: 'short',
      queries: [series(`changes(${exporterGauge('model_observation_counters_epoch')}[1h])`, '{{instance}}')],
    }),
  ];
}
