import { LEVEL_COLOURS } from '../frame/colours.js';
import { healthNumbers } from '../frame/health-thresholds.js';
import { timeSeries } from '../panels/time-series.js';
import { exporterGauge, exporterIncrease, exporterQuantile, exporterRatePart } from '../query/exporter-series.js';
import { max, ratio, sum } from '../query/expressions.js';
import { series } from '../query/query.js';
import { half, height, third } from './sizes.js';

/** The spool and the disk beneath it. */
export function disk() {
  const reserve = exporterGauge('model_observation_spool_free_disk_reserve_bytes');
  const commits = 'model_observation_commit_duration_seconds';
  return [
    timeSeries({
      title: 'Free disk',
      description:
        'Bytes free on the disk of the spool, and where the alerts on it begin: multiples of the reserve for snapshots. Below the reserve records are refused.',
      width: half,
      height,
      unit: 'bytes',
      queries: [
        series(exporterGauge('model_observation_spool_free_bytes'), 'free {{instance}}'),
        ...[...healthNumbers('spool-filling')].map(([level, times]) => series(`${times} * ${max(reserve)}`, level)),
      ],
      colours: { ...LEVEL_COLOURS },
    }),
    timeSeries({
      title: 'Spool',
      description:
        'Bytes of all segments on disk. A segment goes when metrics and logs have passed it and the older snapshot covers it.',
      width: half,
      height,
      unit: 'bytes',
      queries: [series(exporterGauge('model_observation_spool_bytes'), '{{instance}}')],
    }),
    timeSeries({
      title: 'Commit time',
      description: 'How long commits to the spool took, fdatasync included: every sender waits for one.',
      width: third,
      height,
      unit: 's',
      queries: [series(exporterQuantile(commits, 0.5), 'p50'), series(exporterQuantile(commits, 0.99), 'p99')],
      colours: { p50: 'green', p99: 'red' },
    }),
    timeSeries({
      title: 'Records of a commit',
      description: 'How many records shared one fdatasync, on average: more under load.',
      width: third,
      height,
      unit: 'short',
      queries: [
        series(
          ratio(
            sum(exporterRatePart('model_observation_commit_records', 'sum')),
            sum(exporterRatePart('model_observation_commit_records', 'count')),
          ),
          'records',
        ),
      ],
    }),
    timeSeries({
      title: 'Disk errors',
      description:
        'Commits and snapshots that failed, and damaged ranges of the spool that were set aside, in the quarter of an hour before.',
      width: third,
      height,
      unit: 'short',
      queries: [
        series(sum(exporterIncrease('model_observation_commit_failures_total', {}, '15m')), 'commits'),
        series(sum(exporterIncrease('model_observation_snapshot_failures_total', {}, '15m')), 'snapshots'),
        series(sum(exporterIncrease('model_observation_spool_set_aside_total', {}, '15m')), 'ranges set aside'),
      ],
      colours: { commits: 'red', snapshots: 'yellow', 'ranges set aside': 'orange' },
    }),
    timeSeries({
      title: 'Records not passed yet',
      description:
        'Durable records that a reader of the spool has still to pass. snapshot rises and falls with each snapshot: one that only rises says that snapshots fail.',
      width: third,
      height,
      unit: 'short',
      queries: [series(max(exporterGauge('model_observation_cursor_lag_records'), ['cursor']), '{{cursor}}')],
    }),
    timeSeries({
      title: 'Age of the last snapshot',
      description: 'What came since is read back from the spool at the next start.',
      width: third,
      height,
      unit: 's',
      queries: [series(`time() - ${exporterGauge('model_observation_snapshot_timestamp_seconds')}`, '{{instance}}')],
    }).noValue('No snapshot yet'),
    timeSeries({
      title: 'Duplicate window',
      description:
        'How far back a record that is sent again is recognised: 24 hours, or less when the bound of ids was reached first.',
      width: third,
      height,
      unit: 's',
      queries: [series(exporterGauge('model_observation_duplicate_window_seconds'), '{{instance}}')],
    }),
  ];
}
