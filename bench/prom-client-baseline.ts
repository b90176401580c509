import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { FAILURES, OUTCOMES } from '../exporter/call/call.js';
import { TIMEOUT_STAGES } from '../exporter/projections/metrics/kinds.js';

const BASE = ['workspace_id', 'model', 'apikey_id', 'inference_type'] as const;

interface BaselineRecord {
  time: string;
  workspace_id: string;
  model: string;
  apikey_id: string;
  inference_type: string;
  protocol: string;
  status_code: number;
  error_code?: string;
  duration_ms: number;
  first_token_ms?: number;
  usage?: {
    prompt_tokens: number;
    completion_tokens: number;
    total_tokens: number;
    prompt_tokens_details?: { cached_tokens: number };
  };
}

/** The call families with plain prom-client, in memory: as many updates a record as the exporter makes. */
export class PromClientBaseline {
  readonly registry = new Registry();
  readonly #calls = this.#counter('model_calls_total', 'protocol', 'outcome');
  readonly #failures = this.#counter('model_call_failures_total', 'failure');
  readonly #errors = this.#counter('model_call_errors_total', 'status_code', 'error_code');
  readonly #timeouts = this.#counter('model_call_timeouts_total', 'stage');
  readonly #usage = this.#counter('model_usage_total', 'usage_type');
  readonly #duration = this.#histogram('model_call_duration_seconds', doubling(0.01, 17));
  readonly #firstToken = this.#histogram('model_first_token_duration_seconds', FIRST_TOKEN);
  readonly #perToken = this.#histogram('model_generation_duration_per_token_seconds', PER_TOKEN);
  readonly #lastCall = new Gauge({
    name: 'model_last_call_timestamp_seconds',
    help: 'baseline',
    labelNames: ['workspace_id', 'model'],
    registers: [this.registry],
  });

  count(record: BaselineRecord): void {
    const { workspace_id, model, apikey_id, inference_type, protocol, usage } = record;
    const base = { workspace_id, model, apikey_id, inference_type };
    const success = record.status_code < 400;
    this.#calls.inc({ ...base, protocol, outcome: success ? 'success' : 'failure' });
    if (usage !== undefined) {
      this.#usage.inc({ ...base, usage_type: 'total_tokens' }, usage.total_tokens);
      this.#usage.inc({ ...base, usage_type: 'input_tokens' }, usage.prompt_tokens);
      this.#usage.inc({ ...base, usage_type: 'output_tokens' }, usage.completion_tokens);
      const cached = usage.prompt_tokens_details?.cached_tokens;
      if (cached !== undefined) this.#usage.inc({ ...base, usage_type: 'cache_tokens' }, cached);
    }
    if (success) {
      const seconds = record.duration_ms / 1000;
      this.#duration.observe(base, seconds);
      if (record.first_token_ms !== undefined) {
        const first = record.first_token_ms / 1000;
        this.#firstToken.observe(base, first);
        if (usage !== undefined && usage.completion_tokens > 1) {
          this.#perToken.observe(base, (seconds - first) / (usage.completion_tokens - 1));
        }
      }
    } else {
      this.#failures.inc({ ...base, failure: 'server_error' });
      this.#errors.inc({ ...base, status_code: record.status_code, error_code: record.error_code ?? '' });
      if (record.status_code === 504) this.#timeouts.inc({ ...base, stage: 'first_token' });
    }
    this.#lastCall.set({ workspace_id, model }, (Date.parse(record.time) + record.duration_ms) / 1000);
  }

  /**
   * Adds, at 0, the series that the exporter has from the first call on and that were not counted in yet:
   * the other outcomes, failures and stages. From then on both have the same series.
   */
  async complete(): Promise<void> {
    await addAbsent(this.#calls, 'outcome', OUTCOMES);
    await addAbsent(this.#failures, 'failure', FAILURES);
    await addAbsent(this.#timeouts, 'stage', TIMEOUT_STAGES);
  }

  #counter(name: string, ...labels: string[]): Counter {
    return new Counter({ name, help: 'baseline', labelNames: [...BASE, ...labels], registers: [this.registry] });
  }

  #histogram(name: string, buckets: number[]): Histogram {
    return new Histogram({ name, help: 'baseline', labelNames: [...BASE], buckets, registers: [this.registry] });
  }
}

async function addAbsent(counter: Counter, label: string, all: readonly string[]): Promise<void> {
  const { values } = await counter.get();
  for (const { labels } of values) for (const value of all) counter.inc({ ...labels, [label]: value }, 0);
}

const FIRST_TOKEN = [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30, 60];
const PER_TOKEN = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

function doubling(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first * 2 ** index);
}
