import { healthThresholds } from '../frame/health-thresholds.js';
import { stat } from '../panels/stat.js';
import { withThresholdLines } from '../panels/threshold-lines.js';
import { timeSeries } from '../panels/time-series.js';
import { exporterGauge, exporterIncrease, exporterQuantile, exporterRate } from '../query/exporter-series.js';
import { sum } from '../query/expressions.js';
import { type Query, series } from '../query/query.js';
import { height, third } from './sizes.js';

/** What is on its way to Loki, and what did not get there. */
export function logs() {
  const push = 'model_observation_loki_push_duration_seconds';
  return [
    withThresholdLines(
      timeSeries({
        title: 'Age of the backlog',
        description:
          'How long ago the oldest record arrived that is not in Loki yet. Nothing is lost until its budget is used up.',
        width: third,
        height,
        unit: 's',
        queries: [series(exporterGauge('model_observation_loki_backlog_age_seconds'), '{{instance}}')],
      }).noValue('There is no Loki'),
      healthThresholds('logs-waiting'),
    ),
    timeSeries({
      title: 'Backlog',
      description: 'Bytes of the spool that are not in Loki yet.',
      width: third,
      height,
      unit: 'bytes',
      queries: [series(exporterGauge('model_observation_loki_backlog_bytes'), '{{instance}}')],
    }).noValue('There is no Loki'),
    timeSeries({
      title: 'Pushes by answer',
      description:
        'Requests to Loki a second, by what came of them. unauthorized, misconfigured and blocked need somebody; rate_limited and too_many_streams are limits of Loki.',
      width: third,
      height,
      unit: 'reqps',
      stacked: true,
      queries: [series(`${sum(exporterRate('model_observation_loki_pushes_total'), ['answer'])} > 0`, '{{answer}}')],
      colours: { stored: 'green' },
    }).noValue('There is no Loki, or nothing to send'),
    timeSeries({
      title: 'Push time',
      description: 'How long requests to Loki took to be answered, or to fail.',
      width: third,
      height,
      unit: 's',
      queries: [series(exporterQuantile(push, 0.5), 'p50'), series(exporterQuantile(push, 0.99), 'p99')],
      colours: { p50: 'green', p99: 'red' },
    }).noValue('There is no Loki, or nothing to send'),
    timeSeries({
      title: 'Bytes pushed',
      description: "Bytes of requests to Loki a second. before compression is about what Loki's limits count.",
      width: third,
      height,
      unit: 'Bps',
      queries: [
        series(sum(exporterRate('model_observation_loki_push_bytes_total'), ['stage']), '{{stage}} compression'),
      ],
    }).noValue('There is no Loki'),
    timeSeries({
      title: 'Entries and retries',
      description:
        'Log entries a second that are stored, or dead because Loki refuses them for good; and requests that repeat what was sent in vain.',
      width: third,
      height,
      unit: 'cps',
      queries: [
        series(sum(exporterRate('model_observation_loki_entries_total'), ['result']), '{{result}}'),
        series(sum(exporterRate('model_observation_loki_retries_total')), 'retries'),
      ],
      colours: { stored: 'green', dead: 'red', retries: 'yellow' },
    }).noValue('There is no Loki'),
    stat({
      title: 'Dead letters',
      description: 'Entries that Loki refused for good. List, mend and send them again: docs/guides/logs.md.',
      width: 6,
      height,
      unit: 'short',
      thresholds: healthThresholds('dead-letters'),
      nothing: 'There is no Loki',
      queries: [series(sum(exporterGauge('model_observation_loki_dead_letters')), 'dead letters')],
    }),
    timeSeries({
      title: 'Skipped records',
      description:
        'Records of the hour before that will never be in the logs, by why: the backlog outgrew its budget (bytes, age), the disk was nearly full (disk), or the spool was damaged (missing, unreadable).',
      width: 6,
      height,
      unit: 'short',
      stacked: true,
      queries: [ofHourByReason('model_observation_loki_skipped_records_total')],
    }).noValue('None was skipped'),
    timeSeries({
      title: 'Contents withheld',
      description: 'Contents in the hour before that could not be masked for certain and were dropped, by why.',
      width: 6,
      height,
      unit: 'short',
      stacked: true,
      queries: [ofHourByReason('model_observation_contents_withheld_total')],
    }).noValue('None was withheld'),
    timeSeries({
      title: 'Masked by detector',
      description: 'What was masked a minute in contents and texts, by what it looked like.',
      width: 6,
      height,
      unit: 'cpm',
      stacked: true,
      queries: [
        series(`${sum(exporterRate('model_observation_redactions_total'), ['detector'])} * 60 > 0`, '{{detector}}'),
      ],
    }).noValue('Nothing was masked'),
  ];
}

function ofHourByReason(
  name: 'model_observation_loki_skipped_records_total' | 'model_observation_contents_withheld_total',
): Query {
  return series(`${sum(exporterIncrease(name, {}, '1h'), ['reason'])} > 0`, '{{reason}}');
}
