import { DEFAULT_BUCKETS } from '../exporter/call/buckets.js';
import { RecordProblem, readRecord } from '../exporter/call/record.js';
import { MetricsProjection } from '../exporter/projections/metrics/projection.js';
import { renderExposition } from '../exporter/readers/scrape/exposition.js';
import { CallRecords } from './call-records.js';
import { PromClientBaseline } from './prom-client-baseline.js';
import { SCALE_LIMITS, seriesIn } from './series-scale.js';

/**
 * How much memory the series of so many records take, after a scrape and a garbage collection: what the heap
 * and the array buffers outside of it hold more than before. To be run with --expose-gc, in a process each.
 * Arguments: whose series (`exporter`, `prom-client`), records, API keys a workspace.
 */
const [whose = 'exporter', births = '250000', keys = '5'] = process.argv.slice(2);
const now = Date.now();
const WARM_UP = 20_000;

interface Holder {
  count(record: Record<string, unknown>): void;
  /** The text of a scrape, so that what is made for the first one and kept is there. */
  scrape(): Promise<number>;
}

function exporter(): Holder {
  const series = { ...SCALE_LIMITS, idleMs: 7 * 86_400_000 };
  const projection = MetricsProjection.create({ birthHoldMs: 0, buckets: DEFAULT_BUCKETS, series });
  return {
    count(record) {
      const call = readRecord(record, now);
      if (call instanceof RecordProblem) throw new Error(`${call.field} ${call.message}`);
      projection.apply({ ...call, monitoring: 'advanced' }, now);
    },
    async scrape() {
      let lines = 0;
      for await (const text of renderExposition(projection.view(now), [], 'text')) lines += seriesIn(text);
      return lines;
    },
  };
}

function promClient(): Holder {
  const metrics = new PromClientBaseline();
  return {
    count: (record) => metrics.count(record as unknown as Parameters<typeof metrics.count>[0]),
    async scrape() {
      await metrics.complete();
      return seriesIn(await metrics.registry.metrics());
    },
  };
}

/** Bytes; `external` holds the array buffers already. */
async function used(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('run this with --expose-gc');
  // What finalizers let go of is free only after another turn and another collection.
  for (let i = 0; i < 3; i += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** As they come through a door: strings of their own, none shared with another record. */
function countAll(holder: Holder, count: number): void {
  const records = new CallRecords('memory', Number(keys));
  for (let i = 0; i < count; i += 1) holder.count(JSON.parse(JSON.stringify(records.next(now))));
}

const create = whose === 'exporter' ? exporter : promClient;

/** What the code itself takes once it runs is no memory of a series. */
async function warmUp(): Promise<void> {
  const holder = create();
  countAll(holder, WARM_UP);
  await holder.scrape();
}

await warmUp();
const before = await used();
const holder = create();
countAll(holder, Number(births));
const lines = await holder.scrape();
const bytes = (await used()) - before;
// Asked once more, so that nothing of it was collected already.
if ((await holder.scrape()) < lines) throw new Error('series are gone');
console.log(JSON.stringify({ bytes, lines }));
