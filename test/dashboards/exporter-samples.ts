import { EXPORTER_BUCKETS, EXPORTER_FAMILIES } from '../../exporter/projections/metrics/exporter-families.js';
import type { LabelName } from '../../exporter/projections/metrics/family.js';
import { type ExposedFamily, OwnMetrics } from '../../exporter/telemetry/own-metrics.js';

/** Values of the labels of the exporter's own families, some of each. */
const VALUES: Readonly<Partial<Record<LabelName, readonly string[]>>> = {
  door: ['calls'],
  code: ['202', '400', '503'],
  field: ['model', 'time'],
  cursor: ['metrics', 'duplicates', 'loki'],
  stage: ['before', 'after'],
  detector: ['email', 'phone'],
  channel: ['history', 'dingtalk'],
  robot: ['oncall'],
};
/** Labels whose values differ by family. */
const VALUES_OF_FAMILY: Readonly<Record<string, readonly string[]>> = {
  model_observation_records_total: ['accepted', 'duplicate', 'rejected', 'unavailable'],
  model_observation_loki_pushes_total: ['stored', 'rate_limited', 'unavailable'],
  model_observation_loki_entries_total: ['stored', 'dead'],
  model_observation_loki_skipped_records_total: ['bytes', 'age'],
  model_observation_contents_withheld_total: ['redaction_failed', 'too_large'],
  model_observation_dingtalk_failures_total: ['busy', 'unreachable'],
  model_observation_notifications_total: ['delivered', 'repeated', 'refused', 'unavailable'],
  model_observation_scrapes_total: ['complete', 'aborted', 'failed', 'refused'],
};

/** An exporter's own metrics, in which every family moves from one scrape to the next. */
export class ExporterSamples {
  readonly #own = new OwnMetrics({ version: '0.1.0', node: '20.19.0' });
  #scrapes = 0;

  /** @param at ms since the epoch */
  async at(at: number): Promise<readonly ExposedFamily[]> {
    this.#scrapes += 1;
    for (const family of EXPORTER_FAMILIES) if (!('format' in family)) this.#move(family.name, at);
    return this.#own.families();
  }

  #move(name: (typeof EXPORTER_FAMILIES)[number]['name'], at: number): void {
    const { type, labels } = EXPORTER_FAMILIES.find((family) => family.name === name)!;
    if (name === 'model_observation_build_info' || name === 'model_observation_format_version') return;
    // prom-client knows its metrics by name alone, so what they are is told here.
    const metric = this.#own.registry.getSingleMetric(name) as unknown as Moved;
    for (const [index, values] of combinations(name, labels).entries()) {
      const amount = (index + 1) * (1 + (this.#scrapes % 7));
      if (type === 'counter') metric.inc(values, this.#scrapes === 1 ? 0 : amount);
      else if (type === 'histogram') metric.observe(values, bucketValue(name, this.#scrapes));
      else metric.set(values, gaugeValue(name, at, amount));
    }
  }
}

interface Moved {
  inc(labels: Record<string, string>, amount: number): void;
  set(labels: Record<string, string>, value: number): void;
  observe(labels: Record<string, string>, value: number): void;
}

function combinations(name: string, labels: readonly LabelName[]): Record<string, string>[] {
  return labels.reduce<Record<string, string>[]>(
    (sets, label) => {
      const values =
        VALUES_OF_FAMILY[name] !== undefined && VALUES[label] === undefined ? VALUES_OF_FAMILY[name] : VALUES[label];
      if (values === undefined) throw new Error(`the sample traffic knows no values for ${label} of ${name}`);
      return sets.flatMap((set) => values.map((value) => ({ ...set, [label]: value })));
    },
    [{}],
  );
}

function gaugeValue(name: string, at: number, amount: number): number {
  if (name.endsWith('_timestamp_seconds')) return at / 1000 - 30;
  if (name.endsWith('_epoch')) return 1_790_000_000;
  return name.endsWith('_bytes') ? amount * 1_000_000_000 : amount;
}

function bucketValue(name: string, scrape: number): number {
  const bounds: readonly number[] = EXPORTER_BUCKETS[name as keyof typeof EXPORTER_BUCKETS];
  return bounds[scrape % (bounds.length - 1)]!;
}
