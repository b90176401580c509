/**
 * Call records for the benchmarks: the shape and proportions of real traffic (long prompts, short answers,
 * two thirds streamed, one in fifty failed), from a seed, so that every run sends the same.
 */
export class CallRecords {
  #state: number;
  #next = 0;

  constructor(
    private readonly prefix: string,
    /** API keys of each workspace: with four models and both inference types they make the number of series. */
    private readonly keys = 5,
    seed = 0x9e3779b9,
  ) {
    this.#state = seed;
  }

  /** The next record, with an id and a time (now) of its own. */
  next(now: number): Record<string, unknown> {
    const workspace = pick(WORKSPACES, this.#random());
    const streamed = this.#random() < 0.7;
    const input = Math.round(40 * Math.exp(this.#random() * 5));
    const output = Math.round(2 * Math.exp(this.#random() * 4));
    const firstToken = Math.round((60 + input * 0.09) * (0.7 + this.#random() * 0.8));
    const record: Record<string, unknown> = {
      id: `${this.prefix}-${String(this.#next).padStart(7, '0')}`,
      time: new Date(now - 60_000 + (this.#next % 60_000)).toISOString(),
      workspace_id: workspace,
      model: pick(MODELS, this.#random()),
      apikey_id: `${workspace}-key-${1 + Math.floor(this.#random() * this.keys)}`,
      inference_type: this.#random() < 0.1 ? 'batch' : 'realtime',
      protocol: streamed ? 'SSE' : 'HTTP',
    };
    this.#next += 1;
    if (this.#random() < 0.02) {
      const [status, code] = pick(FAILURES, this.#random());
      return Object.assign(record, {
        status_code: status,
        error_code: code,
        duration_ms: Math.round(20 + this.#random() * 300),
      });
    }
    return Object.assign(record, {
      status_code: 200,
      duration_ms: firstToken + Math.round(output * (18 + this.#random() * 20)),
      ...(streamed && { first_token_ms: firstToken }),
      usage: {
        prompt_tokens: input,
        completion_tokens: output,
        total_tokens: input + output,
        ...(this.#random() < 0.3 && { prompt_tokens_details: { cached_tokens: Math.floor(input / 2) } }),
      },
    });
  }

  /** So many records as the body of one NDJSON request. */
  body(records: number, now: number): Buffer {
    let text = '';
    for (let i = 0; i < records; i += 1) text += `${JSON.stringify(this.next(now))}\n`;
    return Buffer.from(text);
  }

  /** mulberry32 */
  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
}

const WORKSPACES = ['default', 'default', 'search', 'support'];
const MODELS = ['qwen-plus', 'qwen-plus', 'qwen-plus', 'qwen-max', 'qwen-flash', 'qwen3-235b-a22b'];
const FAILURES: [number, string][] = [
  [429, 'Throttling.RateQuota'],
  [429, 'Throttling.AllocationQuota'],
  [400, 'DataInspectionFailed'],
  [400, 'InvalidParameter'],
  [500, 'InternalError'],
  [504, 'RequestTimeOut'],
];

function pick<T>(list: readonly T[], random: number): T {
  return list[Math.floor(random * list.length)]!;
}
