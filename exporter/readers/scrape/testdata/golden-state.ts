import { DEFAULT_BUCKETS } from '../../../call/buckets.js';
import { MetricsProjection } from '../../../projections/metrics/projection.js';
import { callOf, usageOf } from '../../../projections/metrics/testdata/calls.js';
import { OwnMetrics } from '../../../telemetry/own-metrics.js';
import { renderExposition } from '../exposition.js';
import type { ExpositionFormat } from '../negotiate.js';

const HOLD = 35_000;
const FIRST = 1_700_000_100_000;

/** A small exporter after a handful of calls of every sort; one series is still held. */
export async function goldenExposition(format: ExpositionFormat): Promise<string> {
  return textOf(goldenProjection(), goldenOwnMetrics(), FIRST + HOLD, format);
}

/** One whole render. */
export async function textOf(
  projection: MetricsProjection,
  own: OwnMetrics | null,
  now: number,
  format: ExpositionFormat,
): Promise<string> {
  let text = '';
  const families = own === null ? [] : await own.families();
  for await (const chunk of renderExposition(projection.view(now), families, format)) text += chunk;
  return text;
}

function goldenProjection(): MetricsProjection {
  const projection = MetricsProjection.create({
    birthHoldMs: HOLD,
    buckets: DEFAULT_BUCKETS,
    series: { workspace: 1000, total: 5000, idleMs: 604_800_000 },
    quotas: [{ workspace: '*', model: 'qwen-plus', rpm: 600, tpm: 1_000_000 }],
  });
  const streamed = callOf({
    workspace: 'search',
    apikey: 'team "blue"\\red',
    protocol: 'SSE',
    durationUs: 2_345_678,
    firstTokenUs: 345_678,
    usage: usageOf({ total_tokens: 3123, input_tokens: 3019, output_tokens: 104, cache_tokens: 2048 }),
    cost: { currency: 'CNY', nano: 2_623_200 },
  });
  const plain = callOf({
    model: 'qwen3-文本\nembedding',
    inferenceType: 'batch',
    durationUs: 80_000,
    usage: usageOf({ total_tokens: 12, input_tokens: 12 }),
    unpriced: true,
  });
  const failed = callOf({ outcome: 'failure', durationUs: 60_000_000 });
  projection.apply(streamed, FIRST);
  projection.apply({ ...streamed, outcome: 'cancelled', statusCode: 499 }, FIRST);
  projection.apply(plain, FIRST);
  projection.apply({ ...plain, usage: usageOf({ duration: 1_500_000, times: 1 }), late: true }, FIRST);
  projection.apply({ ...failed, failure: 'timeout', statusCode: 504, errorCode: 'RequestTimeOut' }, FIRST);
  projection.apply({ ...failed, failure: 'rate_limited', statusCode: 429, errorCode: 'Throttling.RateQuota' }, FIRST);
  projection.apply({ ...streamed, workspace: 'sandbox', monitoring: 'basic' }, FIRST);
  projection.apply({ ...streamed, protocol: 'WS' }, FIRST + 1);
  return projection;
}

function goldenOwnMetrics(): OwnMetrics {
  const own = new OwnMetrics({ version: '0.0.0-golden', node: '20.0.0', processMetrics: false });
  own.openDoor('calls');
  own.records.inc({ door: 'calls', answer: 'accepted' }, 7);
  own.requests.inc({ door: 'calls', code: '202' }, 2);
  own.receivedBytes.inc({ door: 'calls' }, 4096);
  own.rejectedRecords.inc({ door: 'calls', field: 'model' });
  own.inFlightBytes.set(0);
  own.inFlightLimit.set(67_108_864);
  own.commitDuration.observe(0.004);
  own.commitRecords.observe(7);
  own.spoolBytes.set(5120);
  own.spoolSegments.set(1);
  own.spoolDurableSequence.set(7);
  own.spoolFreeBytes.set(1e10);
  own.spoolFreeDiskReserve.set(268_435_456);
  own.cursorLag.set({ cursor: 'snapshot' }, 3);
  own.snapshotTimestamp.set(1_700_000_099.5);
  own.snapshotDuration.set(0.012);
  own.duplicateWindow.set(86_400);
  own.duplicateWindowIds.set(7);
  own.countersEpoch.set(1);
  own.series.set(100);
  own.scrapeDuration.observe(0.02);
  own.scrapes.inc({ result: 'complete' });
  own.scrapeRenders.inc();
  own.scrapeBytes.inc(9000);
  own.eventLoopLag.observe(0.0011);
  return own;
}
