import { healthThresholds } from '../frame/health-thresholds.js';
import { withThresholdLines } from '../panels/threshold-lines.js';
import { timeSeries } from '../panels/time-series.js';
import { foreign } from '../query/exporter-series.js';
import { series } from '../query/query.js';
import { half, height } from './sizes.js';

/** What Alertmanager sends, to the exporter and elsewhere. */
export function notifications() {
  return [
    timeSeries({
      title: 'Notifications to the exporter',
      description:
        'What Alertmanager sent in the quarter of an hour before, for the history of alerts and for DingTalk, by what became of it. refused and unavailable are sent again; invalid is lost.',
      width: half,
      height,
      unit: 'short',
      stacked: true,
      queries: [
        series(
          `sum by (channel, answer) (increase(${foreign('model_observation_notifications_total')}[15m])) > 0`,
          '{{channel}}: {{answer}}',
        ),
      ],
    }).noValue('Alertmanager has sent none'),
    withThresholdLines(
      timeSeries({
        title: 'Notifications that Alertmanager cannot deliver',
        description:
          'Attempts that failed in the quarter of an hour before, by the way they went. Needs Prometheus to scrape Alertmanager.',
        width: half,
        height,
        unit: 'short',
        // Alertmanager is another instance than the exporter.
        queries: [
          series(
            'sum by (integration) (increase(alertmanager_notifications_failed_total[15m])) > 0',
            '{{integration}}',
          ),
        ],
      }).noValue('None failed, or Prometheus does not scrape Alertmanager'),
      healthThresholds('notifications-failing'),
    ),
  ];
}
