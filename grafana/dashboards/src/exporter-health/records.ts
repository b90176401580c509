import { LEVEL_COLOURS } from '../frame/colours.js';
import { healthThresholds } from '../frame/health-thresholds.js';
import { withThresholdLines } from '../panels/threshold-lines.js';
import { timeSeries } from '../panels/time-series.js';
import { exporterGauge, exporterIncrease, exporterRate } from '../query/exporter-series.js';
import { max, ratio, sum } from '../query/expressions.js';
import { series } from '../query/query.js';
import { height, third } from './sizes.js';

/** What comes in, and what is refused. */
export function records() {
  return [
    timeSeries({
      title: 'Records by answer',
      description:
        'Call records a second, by what became of them. unavailable: they could not be stored, and the sender was told to try again.',
      width: third,
      height,
      unit: 'cps',
      stacked: true,
      // Nothing where there is none: its line would lie on the others.
      queries: [series(`${sum(exporterRate('model_observation_records_total'), ['answer'])} > 0`, '{{answer}}')],
      colours: { accepted: 'green', duplicate: 'blue', rejected: LEVEL_COLOURS.warning, unavailable: 'red' },
    }),
    timeSeries({
      title: 'Requests by status',
      description: 'Requests to the doors a second, by the status of their answer: 202 is well.',
      width: third,
      height,
      unit: 'reqps',
      stacked: true,
      queries: [series(`${sum(exporterRate('model_observation_requests_total'), ['code'])} > 0`, '{{code}}')],
      colours: { 202: 'green', 503: 'red' },
    }),
    timeSeries({
      title: 'Refused records by field',
      description: 'Records a second that said something wrong, by the field that was wrong; each answer says what.',
      width: third,
      height,
      unit: 'cps',
      stacked: true,
      queries: [series(`${sum(exporterRate('model_observation_rejected_records_total'), ['field'])} > 0`, '{{field}}')],
    }).noValue('None was refused'),
    timeSeries({
      title: 'Bytes received',
      description: 'Bytes of request bodies a second, compressed or not, by door.',
      width: third,
      height,
      unit: 'Bps',
      queries: [series(sum(exporterRate('model_observation_received_bytes_total'), ['door']), '{{door}}')],
    }),
    timeSeries({
      title: 'Bytes in flight',
      description: 'Bytes of request bodies that are held in memory, against their limit: beyond it requests get 503.',
      width: third,
      height,
      unit: 'bytes',
      queries: [
        series(exporterGauge('model_observation_in_flight_bytes'), '{{instance}}'),
        series(max(exporterGauge('model_observation_in_flight_limit_bytes')), 'limit'),
      ],
      colours: { limit: LEVEL_COLOURS.critical },
    }),
    withThresholdLines(
      timeSeries({
        title: 'Late records',
        description:
          'The share of records of each model that came long after their call; the 10 highest. Above the line no alert looks at the model.',
        width: third,
        height,
        unit: 'percentunit',
        queries: [series(`topk(10, ${lateShare()} > 0)`, '{{model}} {{workspace_id}}')],
      }).noValue('None was late'),
      healthThresholds('late-records'),
    ),
  ];
}

function lateShare(): string {
  const by = ['workspace_id', 'model'] as const;
  return ratio(
    sum(exporterIncrease('model_observation_late_calls_total', {}, '15m'), by),
    sum(exporterIncrease('model_calls_total', {}, '15m'), by),
  );
}
