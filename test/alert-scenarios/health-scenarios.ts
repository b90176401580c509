/** The exporter's own alerts: each quiet, then firing, then over. Labels that a test needs stand in its series. */
import type { InputSeries } from './input-series.js';

export interface HealthScenario {
  /** Two values of it: what is well, and what is not. 30 min each, in this order: well, ill, well. */
  readonly series: readonly InputSeries[];
  /** Levels that fire in the ill half hour. */
  readonly levels: readonly string[];
  /** Minutes until the alert has ended, from when all is well again. */
  readonly ends: number;
}

const TARGET = 'instance="a:9490",job="model-observation"';
/** Samples of 30 min, one a minute. */
const THEN = 'x29';

/** A gauge: well, ill, well. */
function gauge(name: string, well: number, ill: number, labels = ''): InputSeries {
  return {
    series: `${name}{${TARGET}${labels}}`,
    values: `${well}+0${THEN} ${ill}+0${THEN} ${well}+0x149`,
  };
}

/** A counter that rises only in the ill half hour. */
function counter(name: string, perMinute: number, labels = ''): InputSeries {
  const total = 29 * perMinute;
  return { series: `${name}{${TARGET}${labels}}`, values: `0+0${THEN} 0+${perMinute}${THEN} ${total}+0x149` };
}

/** A counter that rises all the time. */
function always(name: string, perMinute: number, labels = ''): InputSeries {
  return { series: `${name}{${TARGET}${labels}}`, values: `0+${perMinute}x210` };
}

const MODEL = ',workspace_id="search",model="qwen-plus"';

export const HEALTH_SCENARIOS: Readonly<Record<string, HealthScenario>> = {
  'exporter-down': { series: [gauge('up', 1, 0)], levels: ['critical'], ends: 2 },
  'records-refused': {
    series: [counter('model_observation_records_total', 30, ',door="calls",answer="unavailable"')],
    levels: ['critical'],
    ends: 7,
  },
  'counters-began-again': {
    series: [gauge('model_observation_counters_epoch', 3, 4)],
    levels: ['warning'],
    // It changes back, too.
    ends: 62,
  },
  'spool-filling': {
    series: [
      gauge('model_observation_spool_free_bytes', 50e9, 1.1e9),
      gauge('model_observation_spool_free_disk_reserve_bytes', 1e9, 1e9),
    ],
    levels: ['critical', 'warning'],
    // The trend of an hour sees the fall and the rise.
    ends: 62,
  },
  'spool-damaged': { series: [gauge('model_observation_spool_set_aside_total', 0, 1)], levels: ['error'], ends: 2 },
  'commits-failing': { series: [counter('model_observation_commit_failures_total', 1)], levels: ['error'], ends: 17 },
  'snapshots-failing': {
    series: [counter('model_observation_snapshot_failures_total', 1)],
    levels: ['warning'],
    ends: 62,
  },
  'logs-waiting': {
    series: [gauge('model_observation_loki_backlog_age_seconds', 600, 7 * 3600)],
    levels: ['error', 'warning'],
    ends: 2,
  },
  'logs-skipped': {
    series: [counter('model_observation_loki_skipped_records_total', 5, ',reason="age"')],
    levels: ['error'],
    ends: 62,
  },
  'dead-letters': { series: [gauge('model_observation_loki_dead_letters', 0, 3)], levels: ['warning'], ends: 2 },
  'contents-withheld': {
    series: [counter('model_observation_contents_withheld_total', 1, ',reason="timeout"')],
    levels: ['warning'],
    ends: 62,
  },
  'series-overflow': {
    series: [counter('model_observation_overflow_calls_total', 4, ',workspace_id="search",dimension="model"')],
    levels: ['warning'],
    ends: 17,
  },
  'unpriced-calls': {
    series: [
      counter('model_observation_unpriced_calls_total', 2, MODEL),
      always('model_cost_total', 1, `${MODEL},currency="USD"`),
    ],
    levels: ['normal'],
    ends: 62,
  },
  'late-records': {
    series: [
      counter('model_observation_late_calls_total', 10, MODEL),
      always('model_calls_total', 20, `${MODEL},outcome="success"`),
    ],
    levels: ['warning'],
    ends: 17,
  },
  'scrape-slow': { series: [gauge('scrape_duration_seconds', 0.1, 7)], levels: ['warning'], ends: 2 },
  'notifications-failing': {
    series: [counter('alertmanager_notifications_failed_total', 2, ',integration="email"')],
    levels: ['error'],
    ends: 17,
  },
};
