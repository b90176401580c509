import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { QueryVariableBuilder, VariableRefresh, VariableSort } from '@grafana/grafana-foundation-sdk/dashboard';
import { LEVEL_COLOURS, levelMapping, levelThresholds } from './frame/colours.js';
import { dashboard } from './frame/dashboard.js';
import { PROMETHEUS } from './frame/datasources.js';
import { healthNumbers, healthThresholds } from './frame/health-thresholds.js';
import { prometheusVariable } from './frame/variables.js';
import { stat } from './panels/stat.js';
import { stateTimeline } from './panels/state-timeline.js';
import { withThresholdLines } from './panels/threshold-lines.js';
import { timeSeries } from './panels/time-series.js';
import { EXPORTER_ALERTS, firingLevels, rulesAreLoaded } from './query/alert-levels.js';
import {
  exporterGauge,
  exporterIncrease,
  exporterQuantile,
  exporterRate,
  exporterRatePart,
  foreign,
  INSTANCE,
} from './query/exporter-series.js';
import { count, max, ratio, sum } from './query/expressions.js';
import { instant, series } from './query/query.js';

const [third, half] = [8, 12];
const height = 7;
/** Kept by the configuration of Prometheus that comes with the exporter. */
const JOB = { job: 'model-observation' };

/** Whether the exporter is well, and where it is not. */
export function exporterHealth(): Dashboard {
  return dashboard({
    uid: 'exporter-health',
    description:
      'Whether the exporter is well: what comes in, its disk, its metrics, its logs. Lines and colours are where its own alerts begin.',
    variables: [prometheusVariable(), instanceVariable()],
    sections: [
      { panels: [...isWell()] },
      { heading: 'Records', panels: records() },
      { heading: 'Disk', panels: disk() },
      { heading: 'Metrics', panels: metrics() },
      { heading: 'Logs', panels: logs() },
      { heading: 'Notifications', panels: notifications() },
      { heading: 'Process', panels: process() },
    ],
  });
}

function instanceVariable() {
  const query = `label_values(model_observation_build_info, ${INSTANCE})`;
  return new QueryVariableBuilder(INSTANCE)
    .label('Exporter')
    .datasource(PROMETHEUS)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: 'All', value: '$__all' });
}

function isWell() {
  // Alerts about the exporter are of the whole installation: some of them know no instance.
  const alerts = `max by (rule) ${firingLevels(EXPORTER_ALERTS)}`;
  const well = `label_replace(${rulesAreLoaded()}, "rule", "no alert about the exporter", "", "")`;
  const tile = { width: 6, height: 4, unit: 'none', look: 'tile' } as const;
  return [
    stat({
      ...tile,
      title: 'Exporters',
      description: 'How many exporters answer Prometheus, and how many do not.',
      thresholds: levelThresholds(new Map([])),
      nothing: 'none is known',
      queries: [
        instant(`${count(`${foreign('up', JOB)} == 1`)}`, 'up'),
        instant(`${count(`${foreign('up', JOB)} == 0`)}`, 'down'),
      ],
    }).overrideByQuery('B', [{ id: 'thresholds', value: healthThresholds('records-refused') }]),
    stat({
      ...tile,
      title: 'Alerts about the exporter now',
      description:
        'Those that fire at the end of the time range, by their level; the runbook of each is named like it.',
      width: 12,
      nothing: 'No alert rules are loaded',
      thresholds: levelThresholds(new Map([])),
      queries: [instant(`sort_desc(${alerts} or on () ${well})`, '{{rule}}')],
    }).mappings([levelMapping()]),
    stat({
      ...tile,
      title: 'Refused',
      description:
        'Records of the last 5 minutes that were answered 503, because they could not be stored. Senders that try again lose nothing.',
      unit: 'short',
      look: 'value',
      thresholds: healthThresholds('records-refused'),
      queries: [
        series(sum(exporterIncrease('model_observation_records_total', { answer: 'unavailable' }, '5m')), 'refused'),
      ],
    }),
    stateTimeline({
      title: 'Alerts about the exporter over time',
      description: 'Each alert about the exporter that fired in the time range, by its level.',
      width: 24,
      height: 5,
      unit: 'none',
      mappings: [levelMapping()],
      queries: [series(`${alerts} or on () ${well}`, '{{rule}}')],
      nothing: 'No alert rules are loaded',
    }),
  ];
}

function records() {
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

function disk() {
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

function metrics() {
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

function logs() {
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
      queries: [
        series(
          `${sum(exporterIncrease('model_observation_loki_skipped_records_total', {}, '1h'), ['reason'])} > 0`,
          '{{reason}}',
        ),
      ],
    }).noValue('None was skipped'),
    timeSeries({
      title: 'Contents withheld',
      description: 'Contents in the hour before that could not be masked for certain and were dropped, by why.',
      width: 6,
      height,
      unit: 'short',
      stacked: true,
      queries: [
        series(
          `${sum(exporterIncrease('model_observation_contents_withheld_total', {}, '1h'), ['reason'])} > 0`,
          '{{reason}}',
        ),
      ],
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

function notifications() {
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
          `sum by (channel, answer) (increase(${foreign('model_observation_notifications_total')}[15m]))`,
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
          series('sum by (integration) (increase(alertmanager_notifications_failed_total[15m]))', '{{integration}}'),
        ],
      }).noValue('Prometheus has no metrics of Alertmanager'),
      healthThresholds('notifications-failing'),
    ),
  ];
}

function process() {
  return [
    timeSeries({
      title: 'Event loop',
      description: 'How much later than asked for a timer ran: what every request waits for besides its own work.',
      width: third,
      height,
      unit: 's',
      queries: [
        series(exporterQuantile('model_observation_event_loop_lag_seconds', 0.5), 'p50'),
        series(exporterQuantile('model_observation_event_loop_lag_seconds', 0.99), 'p99'),
      ],
      colours: { p50: 'green', p99: 'red' },
    }),
    timeSeries({
      title: 'Memory',
      description: 'Memory that the process has of the machine, and what of it is in use on the heap of Node.js.',
      width: third,
      height,
      unit: 'bytes',
      queries: [
        series(foreign('process_resident_memory_bytes', JOB), 'resident {{instance}}'),
        series(foreign('nodejs_heap_size_used_bytes', JOB), 'heap {{instance}}'),
      ],
    }),
    timeSeries({
      title: 'CPU',
      description: 'CPU cores that the process uses, its worker for the logs included.',
      width: third,
      height,
      unit: 'short',
      queries: [series(`rate(${foreign('process_cpu_seconds_total', JOB)}[$__rate_interval])`, '{{instance}}')],
    }),
    stat({
      title: 'Running since',
      description: 'How long each exporter has run, with its version and that of Node.js.',
      width: 24,
      height: 4,
      unit: 's',
      decimals: 0,
      look: 'tile',
      queries: [
        instant(
          `(time() - ${foreign('process_start_time_seconds', JOB)}) * on (instance) group_left (version, node) ${exporterGauge('model_observation_build_info')}`,
          '{{instance}} · {{version}} · Node {{node}}',
        ),
      ],
    }),
  ];
}
