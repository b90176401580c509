// Two real Prometheus servers that scrape at moments of their own must read exactly what was sent, in both formats, and
// increase() must see all of it: the first records of a series too.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallRecords, RECENTLY_MS, seededRandom, type TrueCall } from './call-records.js';
import { until } from './harness/condition.js';
import { ExporterProcess } from './harness/exporter-process.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { PrometheusProcess, scraping } from './harness/prometheus-process.js';
import { BOUNDS, NaiveCounters } from './naive-counters.js';
import { priceFile } from './price-file.js';
import { sendInBatches } from './sending.js';
import { callSeries, differences, parseExposition, type SeriesValues, seriesKey } from './series.js';
import { TextOnlyProxy } from './text-only-proxy.js';

/**
 * Two scrapes of each server fit into it several times over, as two scrapes of 15 s fit into the 35 s of the default:
 * each server sees every series at 0 before it sees it at its value.
 */
const BIRTH_HOLD = '5s';
const INTERVALS = ['500ms', '730ms'];
const PATIENCE = { timeoutMs: 60_000 };

/** What Prometheus sends when it is not told otherwise. */
const OPENMETRICS_FIRST =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

/** One target as one server sees it. */
interface View {
  name: string;
  server: PrometheusProcess;
  instance: string;
}

let exporter: ExporterProcess;
let proxy: TextOnlyProxy;
let views: View[];
const records = new CallRecords({ seed: 20_260_801, prefix: 'exact', start: Date.now() - RECENTLY_MS });
const first = records.take(3000);
const second = records.take(1200);

describe.runIf(hasPrograms('prometheus'))('two Prometheus servers that scrape at different moments', () => {
  beforeAll(async () => {
    exporter = await ExporterProcess.start({
      config: { pricing_file: await priceFile(), metrics: { birth_hold: BIRTH_HOLD } },
    });
    proxy = await TextOnlyProxy.start(exporter.url);
    const targets = [exporter.url, proxy.url];
    views = [];
    for (const interval of INTERVALS) {
      const server = await PrometheusProcess.start({ config: scraping(targets, { interval }) });
      for (const target of targets) {
        const format = target === proxy.url ? 'text' : 'OpenMetrics';
        views.push({ name: `every ${interval}, ${format}`, server, instance: target.replace('http://', '') });
      }
    }
    for (const view of views) await until(`${view.name}: up`, () => isUp(view), PATIENCE);
  });

  afterAll(() => proxy?.stop());

  it('read every series exactly, and see the first increments in increase()', async () => {
    const receipt = await sendInBatches(exporter.url, first, 97);
    expect(receipt).toMatchObject({ accepted: first.length, duplicates: 0 });
    const expected = new NaiveCounters(first);
    for (const view of views) await untilStored(view, expected);

    for (const view of views) {
      await expectTotals(view, expected);
      // The window ends on a sample, so that nothing is extrapolated beyond it; on its left stands the 0 that each
      // series was born with, at which Prometheus stops extrapolating.
      const end = await lastScrape(view);
      const begin = end - 60;
      expect(differs(await increases(view, begin, end), expected.values, 0.01), view.name).toEqual([]);
    }
  });

  it('see nothing change when the same records come again', async () => {
    const shuffled = shuffle([...first]);
    const receipt = await sendInBatches(exporter.url, shuffled, 211);
    expect(receipt).toMatchObject({ accepted: 0, duplicates: first.length });
    const expected = new NaiveCounters(first);
    const now = Date.now() / 1000;
    for (const view of views) {
      await until(`${view.name}: a later scrape`, async () => (await lastScrape(view)) > now, PATIENCE);
      expect(differences(await storedSeries(view), expected.values), view.name).toEqual([]);
    }
  });

  it('see in increase() just what came within the window, long after the births', async () => {
    // Every view's window begins with a scrape before the second lot and ends with one after it. Both ends lie on
    // samples (one ms is added, because Prometheus 3 leaves out a sample on the left edge), and nothing moves near
    // them, so that no extrapolation changes the sum.
    const begins = new Map<View, number>();
    for (const view of views) begins.set(view, await lastScrape(view));
    await sendInBatches(exporter.url, second, 150);
    const before = new NaiveCounters(first);
    const after = new NaiveCounters([...first, ...second]);
    for (const view of views) await untilStored(view, after);

    for (const view of views) {
      const end = await lastScrape(view);
      const found = await increases(view, (begins.get(view) as number) - 0.001, end);
      expect(differs(found, grown(before.values, after.values), 0.01), view.name).toEqual([]);
    }
  });

  it('give quantiles that lie in the bucket of the call they stand for', async () => {
    const calls = [...first, ...second].filter((call) => call.outcome === 'success');
    const durations = sorted(calls.map((call) => call.durationUs));
    const firstTokens = sorted(calls.map((call) => call.firstTokenUs));
    for (const view of views) {
      for (const quantile of [0.5, 0.9, 0.99]) {
        await expectQuantile(view, 'model_call_duration_seconds', durations, quantile);
        await expectQuantile(view, 'model_first_token_duration_seconds', firstTokens, quantile);
      }
    }
  });

  it('scrape without an error, as many samples in one format as in the other', async () => {
    const answer = await exporter.fetch('/metrics', { headers: { accept: OPENMETRICS_FIRST } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/openmetrics-text; ?version=1\.0\.0/);
    await answer.arrayBuffer();
    expect([...proxy.contentTypes]).toEqual([expect.stringMatching(/^text\/plain; ?version=0\.0\.4/)]);

    for (const view of views) {
      await until(`${view.name}: up`, () => isUp(view), PATIENCE);
      await until(
        `${view.name}: as many samples as the exposition has`,
        async () => {
          const scraped = await view.server.value(`scrape_samples_scraped{instance="${view.instance}"}`);
          return scraped === (await exposition()).size || scraped;
        },
        PATIENCE,
      );
      const targets = await view.server.targets();
      expect(targets.map(({ health, lastError }) => [health, lastError])).toEqual([
        ['up', ''],
        ['up', ''],
      ]);
    }
  });
});

async function exposition(): Promise<SeriesValues> {
  const answer = await exporter.fetch('/metrics', { headers: { accept: 'text/plain' } });
  return parseExposition(await answer.text());
}

async function isUp({ server, instance }: View): Promise<boolean> {
  const target = (await server.targets()).find(({ labels }) => labels.instance === instance);
  return target?.health === 'up' && (await server.value(`up{instance="${instance}"}`)) === 1;
}

/** Epoch seconds of the last scrape; the time of all its samples. */
async function lastScrape({ name, server, instance }: View): Promise<number> {
  let at: number | undefined;
  await until(
    `${name}: a scrape that went well`,
    async () => {
      // Not of `up`, which has a sample of a scrape that failed, too; a window that ends there ends on nothing.
      at = await server.value(`timestamp(model_observation_build_info{instance="${instance}"})`);
      return at !== undefined;
    },
    PATIENCE,
  );
  return at as number;
}

/** Waits until the holds of the last births are over, and every series reads what it should. */
async function untilStored(view: View, expected: NaiveCounters): Promise<void> {
  const { values } = expected;
  await expect
    .poll(async () => differences(await storedSeries(view), values), {
      timeout: 60_000,
      interval: 200,
      message: view.name,
    })
    .toEqual([]);
}

/** Every call series as the server has it now. */
async function storedSeries({ server, instance }: View): Promise<SeriesValues> {
  const samples = await server.query(`{__name__=~"model_.+", instance="${instance}"}`);
  return callSeries(toValues(samples));
}

/** The increase of every call counter from one moment to another. */
async function increases({ server, instance }: View, begin: number, end: number): Promise<SeriesValues> {
  const window = `${Math.round((end - begin) * 1000)}ms`;
  const found: SeriesValues = new Map();
  // increase() takes the name off, so each family is asked for by itself.
  for (const name of await counterNames({ server, instance } as View)) {
    const samples = await server.query(`increase(${name}{instance="${instance}"}[${window}])`, end);
    for (const { metric, value } of samples) found.set(seriesKey(name, withoutTarget(metric)), value);
  }
  return found;
}

async function counterNames({ server, instance }: View): Promise<string[]> {
  const samples = await server.query(`count by (__name__) ({__name__=~"model_.+", instance="${instance}"})`);
  const names = samples.map(({ metric }) => metric.__name__ as string);
  return names.filter((name) => isCounter(seriesKey(name, {})) && callSeries(new Map([[`${name}{}`, 0]])).size > 0);
}

function isCounter(key: string): boolean {
  return /^\w+(_total|_bucket|_sum|_count)\{/.test(key);
}

function toValues(samples: { metric: Record<string, string>; value: number }[]): SeriesValues {
  return new Map(
    samples.map(({ metric: { __name__ = '', ...labels }, value }) => [
      seriesKey(__name__, withoutTarget(labels)),
      value,
    ]),
  );
}

function withoutTarget({ instance: _instance, job: _job, ...labels }: Record<string, string>): Record<string, string> {
  return labels;
}

/** The sums that a user looks at first. */
async function expectTotals({ name, server, instance }: View, expected: NaiveCounters): Promise<void> {
  const sums: [string, Record<string, string>][] = [
    ['model_calls_total', {}],
    ['model_calls_total', { outcome: 'failure' }],
    ['model_call_failures_total', {}],
    ['model_usage_total', { usage_type: 'input_tokens' }],
    ['model_usage_total', { usage_type: 'output_tokens' }],
  ];
  for (const [family, labels] of sums) {
    const matchers = Object.entries({ ...labels, instance }).map(([label, value]) => `${label}="${value}"`);
    const query = `sum(${family}{${matchers.join(', ')}})`;
    expect(await server.value(query), `${name}: ${query}`).toBe(expected.total(family, labels));
  }
  for (const currency of ['USD', 'CNY']) {
    const sum = await server.value(`sum(model_cost_total{currency="${currency}", instance="${instance}"})`);
    // Prometheus adds up fractions in an order of its own.
    expect(sum).toBeCloseTo(expected.total('model_cost_total', { currency }), 9);
  }
}

/** What is off by more than a share of what is expected, in words. */
function differs(found: SeriesValues, expected: SeriesValues, share: number): string[] {
  const near: SeriesValues = new Map();
  for (const [key, value] of found) {
    const wanted = expected.get(key);
    near.set(key, wanted !== undefined && Math.abs(value - wanted) <= wanted * share ? wanted : value);
  }
  return differences(near, new Map([...expected].filter(([key]) => isCounter(key))));
}

function grown(before: SeriesValues, after: SeriesValues): SeriesValues {
  return new Map([...after].map(([key, value]) => [key, value - (before.get(key) ?? 0)]));
}

async function expectQuantile(view: View, family: keyof typeof BOUNDS, us: number[], quantile: number): Promise<void> {
  const buckets = `sum by (le) (${family}_bucket{instance="${view.instance}"})`;
  const seconds = await view.server.value(`histogram_quantile(${quantile}, ${buckets})`);
  const truth = (us[Math.ceil(quantile * us.length) - 1] as number) / 1e6;
  const bounds = BOUNDS[family].split(' ').map((le) => Number(le.replace('+Inf', 'Infinity')));
  const upper = bounds.findIndex((bound) => truth <= bound);
  expect(seconds, `${view.name}: ${family} ${quantile}`).toBeGreaterThanOrEqual(bounds[upper - 1] ?? 0);
  expect(seconds, `${view.name}: ${family} ${quantile}`).toBeLessThanOrEqual(bounds[upper] as number);
}

function sorted(values: (number | null)[]): number[] {
  return values.filter((value) => value !== null).sort((a, b) => a - b);
}

function shuffle(calls: TrueCall[]): TrueCall[] {
  const random = seededRandom(7);
  for (let last = calls.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [calls[last], calls[other]] = [calls[other] as TrueCall, calls[last] as TrueCall];
  }
  return calls;
}
