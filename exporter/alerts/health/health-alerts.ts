import type { AlertLevel } from '../model/levels.js';

/** An alert about the exporter and what stands around it. */
export interface HealthAlert {
  /** Kebab name: its label `rule`, and its page in `docs/runbooks/`. Its alert is `ModelObservation…`. */
  readonly name: string;
  readonly level: AlertLevel;
  readonly expr: string;
  /** As Prometheus writes durations. */
  readonly for: string;
  /** A fixed sentence. */
  readonly summary: string;
  /** A template of Prometheus. */
  readonly description: string;
  /** The value, as a template of Prometheus. */
  readonly value: string;
  /** What the value is compared with. */
  readonly threshold: string;
}

const EXPORTER = '{job="model-observation"}';

/** Levels of one name are apart: the higher mutes the lower, as everywhere. */
export const HEALTH_ALERTS: readonly HealthAlert[] = [
  {
    name: 'exporter-down',
    level: 'critical',
    expr: `up${EXPORTER} == 0 or absent(up${EXPORTER})`,
    for: '2m',
    summary: 'Prometheus does not get metrics from the exporter.',
    description:
      'The exporter{{ if $labels.instance }} at {{ $labels.instance }}{{ end }} has not answered for 2 minutes: no metrics, and no alert about any model.',
    value: 'down',
    threshold: 'up',
  },
  {
    name: 'records-refused',
    level: 'critical',
    expr: 'sum without (door) (increase(model_observation_records_total{answer="unavailable"}[5m])) > 0',
    for: '1m',
    summary: 'The exporter cannot take call records.',
    description:
      '{{ printf "%.0f" $value }} records were answered 503 within 5 minutes. Senders that try again lose nothing; those that do not, do.',
    value: '{{ printf "%.0f" $value }} records',
    threshold: 'none in 5m',
  },
  {
    name: 'counters-began-again',
    level: 'warning',
    expr: 'changes(model_observation_counters_epoch[1h]) > 0',
    for: '0s',
    summary: 'The call counters began again at zero.',
    description:
      'The counters of {{ $labels.instance }} have a new epoch: what was counted before could not be carried on exactly. The log of the exporter says why.',
    value: '{{ printf "%.0f" $value }} new epochs',
    threshold: 'none in 1h',
  },
  {
    name: 'spool-filling',
    level: 'warning',
    expr: 'model_observation_spool_free_bytes < 2 * model_observation_spool_free_disk_reserve_bytes\nor model_observation_spool_free_bytes and model_observation_spool_free_bytes offset 45m and predict_linear(model_observation_spool_free_bytes[1h], 4 * 3600) < model_observation_spool_free_disk_reserve_bytes',
    for: '10m',
    summary: 'The disk of the spool fills up.',
    description:
      'At this pace the disk of {{ $labels.instance }} reaches its reserve within 4 hours, or is near it; then records are refused.',
    value: '{{ $value | humanize1024 }}B free',
    threshold: 'twice the reserve',
  },
  {
    name: 'spool-filling',
    level: 'critical',
    expr: 'model_observation_spool_free_bytes < 1.2 * model_observation_spool_free_disk_reserve_bytes',
    for: '1m',
    summary: 'The disk of the spool is nearly full.',
    description: 'The disk of {{ $labels.instance }} is at its reserve: records are refused, or soon will be.',
    value: '{{ $value | humanize1024 }}B free',
    threshold: '1.2 times the reserve',
  },
  {
    name: 'spool-damaged',
    level: 'error',
    expr: 'model_observation_spool_set_aside_total > 0',
    for: '0s',
    summary: 'A damaged part of the spool was set aside.',
    description: 'The exporter found {{ printf "%.0f" $value }} damaged ranges since it started. Look at the disk.',
    value: '{{ printf "%.0f" $value }} ranges',
    threshold: 'none',
  },
  {
    name: 'commits-failing',
    level: 'error',
    expr: 'increase(model_observation_commit_failures_total[15m]) > 0',
    for: '0s',
    summary: 'Writing to the spool fails.',
    description: '{{ printf "%.0f" $value }} commits failed within 15 minutes; their senders were told to try again.',
    value: '{{ printf "%.0f" $value }} commits',
    threshold: 'none in 15m',
  },
  {
    name: 'snapshots-failing',
    level: 'warning',
    expr: 'increase(model_observation_snapshot_failures_total[1h]) > 0',
    for: '0s',
    summary: 'Snapshots of the counters fail.',
    description: 'No snapshot: segments stay, and the next start takes longer. The log of the exporter says why.',
    value: '{{ printf "%.0f" $value }} snapshots',
    threshold: 'none in 1h',
  },
  {
    name: 'logs-waiting',
    level: 'warning',
    expr: 'model_observation_loki_backlog_age_seconds > 900',
    for: '5m',
    summary: 'Logs wait for Loki.',
    description:
      'The oldest record that is not in Loki yet is {{ $value | humanizeDuration }} old. Nothing is lost until the budget of the backlog is used up.',
    value: '{{ $value | humanizeDuration }}',
    threshold: '15m',
  },
  {
    name: 'logs-waiting',
    level: 'error',
    expr: 'model_observation_loki_backlog_age_seconds > 6 * 3600',
    for: '5m',
    summary: 'Logs have waited for Loki for hours.',
    description: 'The oldest record that is not in Loki yet is {{ $value | humanizeDuration }} old.',
    value: '{{ $value | humanizeDuration }}',
    threshold: '6h',
  },
  {
    name: 'logs-skipped',
    level: 'error',
    expr: 'sum without (reason) (increase(model_observation_loki_skipped_records_total[1h])) > 0',
    for: '0s',
    summary: 'Records will not be in the logs.',
    description:
      '{{ printf "%.0f" $value }} records were skipped within an hour, because the backlog outgrew its budget. Metrics have them.',
    value: '{{ printf "%.0f" $value }} records',
    threshold: 'none in 1h',
  },
  {
    name: 'dead-letters',
    level: 'warning',
    expr: 'model_observation_loki_dead_letters > 0',
    for: '5m',
    summary: 'Loki refused log entries for good.',
    description: '{{ printf "%.0f" $value }} entries are kept as dead letters. See why, mend it, and send them again.',
    value: '{{ printf "%.0f" $value }} entries',
    threshold: 'none',
  },
  {
    name: 'contents-withheld',
    level: 'warning',
    expr: 'sum without (reason) (increase(model_observation_contents_withheld_total[1h])) > 0',
    for: '0s',
    summary: 'Contents were withheld from the inference log.',
    description:
      '{{ printf "%.0f" $value }} contents could not be redacted safely within an hour, so they were left out.',
    value: '{{ printf "%.0f" $value }} contents',
    threshold: 'none in 1h',
  },
  {
    name: 'series-overflow',
    level: 'warning',
    expr: 'sum by (workspace_id) (increase(model_observation_overflow_calls_total[15m])) > 0',
    for: '0s',
    summary: 'A workspace has more series than its budget.',
    description:
      'Calls of workspace {{ $labels.workspace_id }} are counted under __overflow__: a key, model or error code too many. Totals are right.',
    value: '{{ printf "%.0f" $value }} calls',
    threshold: 'none in 15m',
  },
  {
    name: 'unpriced-calls',
    level: 'normal',
    expr: '(sum by (workspace_id, model) (increase(model_observation_unpriced_calls_total[1h])) > 0)\nand on () (count(model_cost_total) > 0)',
    for: '15m',
    summary: 'No price covers the calls of a model.',
    description:
      'Calls of {{ $labels.model }} in workspace {{ $labels.workspace_id }} have no cost: add the model to config/pricing.yml.',
    value: '{{ printf "%.0f" $value }} calls',
    threshold: 'none in 1h',
  },
  {
    name: 'late-records',
    level: 'warning',
    expr: 'sum by (workspace_id, model) (rate(model_observation_late_calls_total[15m]))\n/ on (workspace_id, model) (sum by (workspace_id, model) (rate(model_calls_total[15m])) > 0) > 0.2',
    for: '15m',
    summary: 'Records of a model arrive late, and its alerts look away.',
    description:
      '{{ $value | humanizePercentage }} of the records of {{ $labels.model }} in workspace {{ $labels.workspace_id }} arrive long after the call. Until that ends no alert looks at the model.',
    value: '{{ $value | humanizePercentage }}',
    threshold: '20%',
  },
  {
    name: 'scrape-slow',
    level: 'warning',
    expr: `scrape_duration_seconds${EXPORTER} > 5`,
    for: '10m',
    summary: 'Scrapes of the exporter take long.',
    description:
      'A scrape of {{ $labels.instance }} takes {{ $value | humanizeDuration }}; after 10 s Prometheus gives up.',
    value: '{{ $value | humanizeDuration }}',
    threshold: '5s',
  },
  {
    name: 'notifications-failing',
    level: 'error',
    expr: `sum by (integration) (increase(alertmanager_notifications_failed_total[15m])) > 0\nunless on () (min(min_over_time(up${EXPORTER}[15m])) == 0)`,
    for: '5m',
    summary: 'Alertmanager cannot deliver notifications.',
    description: 'Notifications by {{ $labels.integration }} fail; the log of Alertmanager says why.',
    value: '{{ printf "%.0f" $value }} attempts',
    threshold: 'none in 15m',
  },
];
