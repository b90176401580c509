import { DEFAULT_BUCKETS } from '../../exporter/call/buckets.js';
import { RECORDED_LEVELS } from '../../exporter/recording/levels.js';
import type { PrometheusProcess } from '../harness/prometheus-process.js';
import { recordedHistory } from '../recorded-history.js';
import { ExporterSamples } from './exporter-samples.js';
import { madeByPrometheus } from './made-by-prometheus.js';
import { INSTANCES, MODELS, sampleTraffic } from './sample-traffic.js';

const MINUTE = 60_000;
/** The range that is looked at, as long a one before it, and the warming up of the recorded series. */
const MINUTES = 75;

/** A real Prometheus that holds somewhat more than an hour of the sample traffic; `end` is its last moment in epoch seconds. */
export async function samplePrometheus(): Promise<{ server: PrometheusProcess; end: number }> {
  const end = Math.floor(Date.now() / MINUTE) * MINUTE;
  const start = end - MINUTES * MINUTE;
  const exporters = INSTANCES.map((instance, index) => ({ instance, phaseMs: 2_300 + index * 7_000 }));
  const samples = new Map(INSTANCES.map((instance) => [instance as string, new ExporterSamples()]));
  const server = await recordedHistory({
    start,
    end,
    exporters,
    arrivals: sampleTraffic(start + MINUTE, end),
    ruleFiles: RECORDED_LEVELS.map(({ name }) => `prometheus/rules/recording-${name}.yml`),
    metrics: {
      birthHoldMs: 35_000,
      buckets: DEFAULT_BUCKETS,
      series: { workspace: 100_000, total: 500_000, idleMs: 7 * 86_400_000 },
      quotas: ['checkout', 'search', 'archive', '*'].flatMap((workspace) =>
        MODELS.map((model) => ({ workspace, model, rpm: 100, tpm: 100_000 })),
      ),
    },
    own: (instance, at) => samples.get(instance)!.at(at),
    made: madeByPrometheus,
  });
  return { server, end: end / 1000 };
}
