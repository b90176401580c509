import { once } from 'node:events';
import { createServer } from 'node:http';
import { DEFAULT_BUCKETS } from '../exporter/call/buckets.js';

/** One workspace with so many models, each with two keys: what the alert rules are measured on. */
export const MODELS = Array.from({ length: 200 }, (_, index) => `model-${String(index).padStart(3, '0')}`);
const KEYS = ['web', 'jobs'];
const FAILURES = ['content_moderation', 'rate_limited', 'timeout', 'client_error', 'server_error'];
const HISTOGRAMS = [
  ['model_call_duration_seconds', DEFAULT_BUCKETS.durationSeconds],
  ['model_first_token_duration_seconds', DEFAULT_BUCKETS.firstTokenSeconds],
  ['model_generation_duration_per_token_seconds', DEFAULT_BUCKETS.generationPerTokenSeconds],
] as const;

/** A target with the series of an exporter, whose counters go on steadily: a fifth of the calls of some models fails, and few of the others'. */
export async function alertSeriesTarget(): Promise<{ address: string; stop(): void }> {
  const started = Date.now();
  const server = createServer((_request, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4');
    response.end(exposition((Date.now() - started) / 1000));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** @param seconds since the counters began */
function exposition(seconds: number): string {
  const lines: string[] = ['model_workspace_info{workspace_id="bench",monitoring="advanced"} 1'];
  const calls = Math.floor(seconds * 2);
  for (const [index, model] of MODELS.entries()) {
    const labels = `workspace_id="bench",model="${model}"`;
    lines.push(
      `model_last_call_timestamp_seconds{${labels}} ${Date.now() / 1000}`,
      `model_quota{${labels},limit="rpm"} 100`,
      `model_quota{${labels},limit="tpm"} 100000`,
      `model_observation_late_calls_total{${labels}} 0`,
    );
    for (const key of KEYS)
      lines.push(
        ...seriesOf(`${labels},apikey_id="${key}",inference_type="realtime"`, calls, index % 20 === 0 ? 5 : 200),
      );
  }
  return `${lines.join('\n')}\n`;
}

/** @param oneIn of so many calls one fails */
function seriesOf(labels: string, calls: number, oneIn: number): string[] {
  const failed = Math.floor(calls / oneIn);
  const lines = [
    `model_calls_total{${labels},protocol="SSE",outcome="success"} ${calls - failed}`,
    `model_calls_total{${labels},protocol="SSE",outcome="failure"} ${failed}`,
    `model_calls_total{${labels},protocol="SSE",outcome="cancelled"} 0`,
    ...FAILURES.map((failure) => `model_call_failures_total{${labels},failure="${failure}"} ${Math.floor(failed / 5)}`),
    `model_call_timeouts_total{${labels},stage="first_token"} ${Math.floor(failed / 5)}`,
    `model_call_timeouts_total{${labels},stage="generation"} 0`,
    `model_usage_total{${labels},usage_type="total_tokens"} ${calls * 1200}`,
    `model_usage_total{${labels},usage_type="input_tokens"} ${calls * 1000}`,
    `model_usage_total{${labels},usage_type="output_tokens"} ${calls * 200}`,
    `model_usage_total{${labels},usage_type="cache_tokens"} ${calls * 500}`,
    `model_cost_total{${labels},currency="USD"} ${calls * 0.002}`,
  ];
  for (const [name, bounds] of HISTOGRAMS) {
    bounds.forEach((bound, index) => {
      const below = Math.floor((calls * (index + 1)) / bounds.length);
      lines.push(`${name}_bucket{${labels},le="${bound}"} ${below}`);
    });
    lines.push(
      `${name}_bucket{${labels},le="+Inf"} ${calls}`,
      `${name}_sum{${labels}} ${calls}`,
      `${name}_count{${labels}} ${calls}`,
    );
  }
  return lines;
}

/** A day of hour-level recorded series up to a moment, as OpenMetrics: what conditions over days read. */
export function* recordedDay(endSeconds: number): Generator<string> {
  const series = [
    ['workspace_model:model_calls:rate1h', 'outcome="success"'],
    ['workspace_model:model_usage:rate1h', 'usage_type="total_tokens"'],
    ['workspace_model:model_cost:rate1h', 'currency="USD"'],
  ] as const;
  for (const [name, kind] of series) {
    yield `# TYPE ${name} gauge\n`;
    for (const model of MODELS) {
      for (const key of KEYS) {
        const labels = `workspace_id="bench",model="${model}",apikey_id="${key}",inference_type="realtime",${kind}`;
        let text = '';
        for (let time = endSeconds - 86_400; time <= endSeconds; time += 120) text += `${name}{${labels}} 1 ${time}\n`;
        yield text;
      }
    }
  }
  yield '# EOF\n';
}
