import type { PrometheusProcess } from './harness/prometheus-process.js';
import { isCallSeries, seriesKey } from './series.js';

type RawSample = readonly [time: number, value: string];

/** Every sample that Prometheus has stored of the series that match, as it was scraped, oldest first. */
export async function rawSamples(server: PrometheusProcess, selector: string): Promise<Map<string, number[]>> {
  const query = new URLSearchParams({ query: `${selector}[1d]` });
  const response = await fetch(`${server.url}/api/v1/query?${query}`);
  const answer = (await response.json()) as {
    data: { result: { metric: Record<string, string>; values: RawSample[] }[] };
  };
  const samples = new Map<string, number[]>();
  for (const { metric, values } of answer.data.result) {
    const { __name__ = '', instance: _instance, job: _job, ...labels } = metric;
    samples.set(
      seriesKey(__name__, labels),
      values.map(([, value]) => Number(value)),
    );
  }
  return samples;
}

/** Every call counter that Prometheus ever saw lower than it had seen it before, in words. */
export async function falls(server: PrometheusProcess): Promise<{ series: number; samples: number; falls: string[] }> {
  const found = { series: 0, samples: 0, falls: [] as string[] };
  for (const suffix of ['total', 'bucket', 'sum', 'count']) {
    for (const [key, values] of await rawSamples(server, `{__name__=~"model_.+_${suffix}"}`)) {
      if (!isCallSeries(key)) continue;
      found.series += 1;
      found.samples += values.length;
      for (const [index, value] of values.entries()) {
        const before = values[index - 1];
        if (before !== undefined && value < before) found.falls.push(`${key}: ${before}, then ${value}`);
      }
    }
  }
  return found;
}
