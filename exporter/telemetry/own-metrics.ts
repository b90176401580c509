import { Counter, collectDefaultMetrics, Gauge, Histogram, type MetricObjectWithValues, Registry } from 'prom-client';
import { type Family, type FamilyName, familyOf } from '../projections/metrics/catalogue.js';
import { EXPORTER_BUCKETS, type EXPORTER_FAMILIES } from '../projections/metrics/exporter-families.js';
import { boundText, labelText } from '../projections/metrics/labels.js';
import { SNAPSHOT_VERSION } from '../projections/metrics/snapshot.js';
import { SEGMENT_VERSION } from '../spool/segment.js';
import { SNAPSHOT_FILE_VERSION } from '../spool/snapshots.js';

type ExporterFamily = (typeof EXPORTER_FAMILIES)[number];
type Named<Name> = Extract<ExporterFamily, { name: Name }>;
type NameOf<Type> = Extract<ExporterFamily, { type: Type }>['name'];
type LabelsOf<Name> = Named<Name>['labels'][number];

/** What becomes of a record at a door. */
export const ANSWERS = ['accepted', 'duplicate', 'rejected', 'unavailable'] as const;
export type Answer = (typeof ANSWERS)[number];

/** How a scrape ends. */
export const SCRAPE_RESULTS = ['complete', 'aborted', 'failed', 'refused'] as const;
export type ScrapeResult = (typeof SCRAPE_RESULTS)[number];

/** What a door answers, as far as a client can do something about it. */
const DOOR_CODES = [202, 400, 401, 403, 408, 413, 415, 499, 500, 503] as const;

export interface OwnMetricsOptions {
  /** Of Model Observation. */
  readonly version: string;
  /** Of Node.js; default: the one that runs. */
  readonly node?: string;
  /** Add prom-client's process and Node.js metrics; default true. */
  readonly processMetrics?: boolean;
}

/** A family as it stands now, ready to be written in any format. */
export interface ExposedFamily extends Pick<Family, 'name' | 'type' | 'help' | 'unit'> {
  readonly samples: readonly { readonly name: string; readonly labels: string; readonly value: number }[];
}

/**
 * The exporter's own health, one typed handle a family; names, labels and help come from the catalogue.
 * Counters without labels are there from the start, gauges once they are set, so that an unset time or
 * size cannot pass for 0.
 */
export class OwnMetrics {
  /** Never ask it for OpenMetrics text: prom-client then takes `_total` off its names for good. */
  readonly registry = new Registry();

  readonly records = this.counter('model_observation_records_total');
  readonly requests = this.counter('model_observation_requests_total');
  readonly receivedBytes = this.counter('model_observation_received_bytes_total');
  readonly rejectedRecords = this.counter('model_observation_rejected_records_total');
  readonly inFlightBytes = this.gauge('model_observation_in_flight_bytes');
  readonly inFlightLimit = this.gauge('model_observation_in_flight_limit_bytes');
  /** In seconds. */
  readonly commitDuration = this.histogram('model_observation_commit_duration_seconds');
  readonly commitRecords = this.histogram('model_observation_commit_records');
  readonly commitFailures = this.counter('model_observation_commit_failures_total');
  readonly spoolBytes = this.gauge('model_observation_spool_bytes');
  readonly spoolSegments = this.gauge('model_observation_spool_segments');
  readonly spoolDurableSequence = this.gauge('model_observation_spool_durable_sequence');
  readonly spoolFreeBytes = this.gauge('model_observation_spool_free_bytes');
  readonly spoolFreeDiskReserve = this.gauge('model_observation_spool_free_disk_reserve_bytes');
  readonly cursorLag = this.gauge('model_observation_cursor_lag_records');
  readonly spoolSetAside = this.counter('model_observation_spool_set_aside_total');
  readonly spoolSetAsideBytes = this.counter('model_observation_spool_set_aside_bytes_total');
  /** In seconds since the epoch. */
  readonly snapshotTimestamp = this.gauge('model_observation_snapshot_timestamp_seconds');
  /** In seconds. */
  readonly snapshotDuration = this.gauge('model_observation_snapshot_duration_seconds');
  readonly snapshotFailures = this.counter('model_observation_snapshot_failures_total');
  /** In seconds. */
  readonly duplicateWindow = this.gauge('model_observation_duplicate_window_seconds');
  readonly duplicateWindowIds = this.gauge('model_observation_duplicate_window_ids');
  /** Records, despite the name: each makes an entry or more. */
  readonly lokiBacklogEntries = this.gauge('model_observation_loki_backlog_entries');
  readonly lokiBacklogBytes = this.gauge('model_observation_loki_backlog_bytes');
  /** In seconds. */
  readonly lokiBacklogAge = this.gauge('model_observation_loki_backlog_age_seconds');
  readonly lokiPushes = this.counter('model_observation_loki_pushes_total');
  /** In seconds. */
  readonly lokiPushDuration = this.histogram('model_observation_loki_push_duration_seconds');
  readonly lokiPushBytes = this.counter('model_observation_loki_push_bytes_total');
  readonly lokiEntries = this.counter('model_observation_loki_entries_total');
  readonly lokiRetries = this.counter('model_observation_loki_retries_total');
  readonly lokiSkippedRecords = this.counter('model_observation_loki_skipped_records_total');
  readonly lokiDeadLetters = this.gauge('model_observation_loki_dead_letters');
  readonly contentsWithheld = this.counter('model_observation_contents_withheld_total');
  readonly redactions = this.counter('model_observation_redactions_total');
  readonly notifications = this.counter('model_observation_notifications_total');
  readonly alertsRecorded = this.counter('model_observation_alerts_recorded_total');
  readonly dingtalkFailures = this.counter('model_observation_dingtalk_failures_total');
  /** In seconds since the epoch. */
  readonly dingtalkLastSuccess = this.gauge('model_observation_dingtalk_last_success_timestamp_seconds');
  readonly countersEpoch = this.gauge('model_observation_counters_epoch');
  readonly series = this.gauge('model_observation_series');
  /** In seconds. */
  readonly scrapeDuration = this.histogram('model_observation_scrape_duration_seconds');
  readonly scrapes = this.counter('model_observation_scrapes_total');
  readonly scrapeRenders = this.counter('model_observation_scrape_renders_total');
  readonly scrapeBytes = this.counter('model_observation_scrape_bytes_total');
  /** In seconds. */
  readonly eventLoopLag = this.histogram('model_observation_event_loop_lag_seconds');
  readonly buildInfo = this.gauge('model_observation_build_info');
  readonly formatVersion = this.gauge('model_observation_format_version');

  private readonly collectors: (() => void)[] = [];

  constructor(options: OwnMetricsOptions) {
    this.buildInfo.set({ version: options.version, node: options.node ?? process.versions.node }, 1);
    this.formatVersion.set({ format: 'segment' }, SEGMENT_VERSION);
    this.formatVersion.set({ format: 'snapshot' }, SNAPSHOT_FILE_VERSION);
    this.formatVersion.set({ format: 'series' }, SNAPSHOT_VERSION);
    for (const result of SCRAPE_RESULTS) this.scrapes.inc({ result }, 0);
    if (options.processMetrics ?? true) this.addProcessMetrics();
  }

  /** Begins a door's counters at 0, so that the first record and request of each answer are seen as an increase. */
  openDoor(door: string): void {
    for (const answer of ANSWERS) this.records.inc({ door, answer }, 0);
    for (const code of DOOR_CODES) this.requests.inc({ door, code }, 0);
    this.receivedBytes.inc({ door }, 0);
  }

  /** Runs before each scrape: for gauges that cost something to keep up, such as free disk space. */
  onCollect(collect: () => void): void {
    this.collectors.push(collect);
  }

  /** Every family as it stands now, the exporter's own first. */
  async families(): Promise<readonly ExposedFamily[]> {
    for (const collect of this.collectors) collect();
    const families = await this.registry.getMetricsAsJSON();
    return families.map(exposed);
  }

  private addProcessMetrics(): void {
    collectDefaultMetrics({ register: this.registry });
    // Gauges by the name of a counter, which the linter of promtool and OpenMetrics both refuse.
    this.registry.removeSingleMetric('nodejs_active_handles_total');
    this.registry.removeSingleMetric('nodejs_active_requests_total');
    this.registry.removeSingleMetric('nodejs_active_resources_total');
  }

  private counter<Name extends NameOf<'counter'>>(name: Name): Counter<LabelsOf<Name>> {
    return new Counter(this.definition(name));
  }

  private gauge<Name extends NameOf<'gauge'>>(name: Name): Gauge<LabelsOf<Name>> {
    const gauge = new Gauge(this.definition(name));
    // prom-client begins a gauge without labels at 0.
    if (familyOf(name).labels.length === 0) gauge.remove();
    return gauge;
  }

  private histogram<Name extends NameOf<'histogram'>>(name: Name): Histogram<LabelsOf<Name>> {
    return new Histogram({ ...this.definition(name), buckets: [...EXPORTER_BUCKETS[name]] });
  }

  private definition<Name extends ExporterFamily['name']>(name: Name) {
    const { help, labels } = familyOf(name);
    return { name, help, labelNames: labels as readonly LabelsOf<Name>[], registers: [this.registry] };
  }
}

function exposed(family: MetricObjectWithValues<PromValue>): ExposedFamily {
  const { name, help } = family;
  return {
    name,
    type: String(family.type) as Family['type'],
    help,
    unit: unitOf(name),
    samples: family.values.map((value) => ({
      name: value.metricName ?? name,
      labels: labelsOf(value.labels),
      value: value.value,
    })),
  };
}

interface PromValue {
  value: number;
  metricName?: string;
  labels: Partial<Record<string, string | number>>;
}

/** prom-client knows no units; its names follow the same rule as ours. */
function unitOf(name: string): Family['unit'] {
  const own: Family | undefined = familyOf(name as FamilyName);
  return own?.unit ?? (/_(seconds|bytes)(?:_total)?$/.exec(name)?.[1] as Family['unit'] | undefined) ?? '';
}

/** `le` goes last and in its canonical form, as in the call families. */
function labelsOf({ le, ...labels }: PromValue['labels']): string {
  const texts = Object.entries(labels).map(([name, value]) => labelText(name, String(value)));
  if (le !== undefined) texts.push(labelText('le', boundText(le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le))));
  return texts.join(',');
}
