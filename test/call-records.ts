/**
 * Call records for the end-to-end tests, shaped like real traffic (long prompts, short answers, two thirds
 * streamed, a few failures of every kind, several providers' usage shapes), from a seed: the same options
 * always make the same records. Each comes with what the exporter has to make of it, known because it was
 * made that way, not because anything read it back.
 */

export const USAGE_TYPES = [
  'total_tokens',
  'input_tokens',
  'output_tokens',
  'cache_tokens',
  'cache_write_tokens',
  'reasoning_tokens',
  'image_tokens',
  'audio_tokens',
  'video_tokens',
  'image_count',
  'audio_count',
  'video_count',
  'duration',
  'characters',
  'times',
] as const;
/** What a call used; `duration` in whole µs. Types that are left out are 0. */
export type UsageCounts = Partial<Record<(typeof USAGE_TYPES)[number], number>>;

/** What `POST /v1/calls` takes. */
export interface CallRecord {
  id: string;
  time: string | number;
  workspace_id: string;
  model: string;
  apikey_id?: string;
  inference_type?: 'realtime' | 'batch';
  protocol?: 'HTTP' | 'SSE' | 'WS';
  status_code?: number;
  error_code?: string;
  duration_ms?: number;
  first_token_ms?: number;
  usage?: object;
}

/** A record, and what has to be counted for it. */
export interface TrueCall {
  record: CallRecord;
  /** ms since the epoch */
  time: number;
  apikey: string;
  inferenceType: 'realtime' | 'batch';
  protocol: 'HTTP' | 'SSE' | 'WS';
  outcome: 'success' | 'failure' | 'cancelled';
  failure: Failure | null;
  statusCode: number;
  errorCode: string;
  durationUs: number | null;
  firstTokenUs: number | null;
  usage: UsageCounts | null;
  late: boolean;
}

export const FAILURES = ['content_moderation', 'rate_limited', 'timeout', 'client_error', 'server_error'] as const;
export type Failure = (typeof FAILURES)[number];

export interface CallRecordsOptions {
  seed: number;
  /** Begins every id. */
  prefix: string;
  /** When the first call started, ms since the epoch; the others follow within a minute. */
  start: number;
  workspaces?: readonly string[];
  models?: readonly string[];
  /** Keys of a workspace. */
  keys?: number;
}

const WORKSPACES = ['default', 'search', 'support'];

/** The last one has every character that a label value must have escaped, and some that it must not. */
const MODELS = [
  'qwen-plus',
  'qwen-plus',
  'qwen-max',
  'claude-sonnet-4-5',
  'local-llama',
  'odd "m\\odel"\n{a="b"}, ü🙂',
];

const FAILED: readonly (readonly [status: number, code: string, failure: Failure])[] = [
  [429, 'Throttling.RateQuota', 'rate_limited'],
  [429, '', 'rate_limited'],
  [400, 'DataInspectionFailed', 'content_moderation'],
  [400, 'content_filter', 'content_moderation'],
  [400, 'InvalidParameter', 'client_error'],
  [401, 'invalid "api" key\\', 'client_error'],
  [500, 'InternalError', 'server_error'],
  [503, '', 'server_error'],
  [504, 'RequestTimeOut', 'timeout'],
  [408, '', 'timeout'],
];

const CANCELLED = 499;
const SPREAD_MS = 60_000;
/**
 * So long before now calls may begin: the last of them have ended by now, the longest included (66 s), and
 * the first are not late yet.
 */
export const RECENTLY_MS = 3 * 60_000;
/** Far above `calls.late_after`. */
const LATE_MS = 3_600_000;

export class CallRecords {
  readonly #options: Required<CallRecordsOptions>;
  readonly #random: () => number;
  #next = 0;

  constructor(options: CallRecordsOptions) {
    this.#options = { workspaces: WORKSPACES, models: MODELS, keys: 3, ...options };
    this.#random = seededRandom(options.seed);
  }

  take(count: number): TrueCall[] {
    return Array.from({ length: count }, () => this.next());
  }

  next(): TrueCall {
    const { prefix, start, workspaces, models, keys } = this.#options;
    const index = this.#next;
    this.#next += 1;
    const workspace = this.#pick(workspaces);
    const late = this.#chance(0.02);
    const time = start + (index % SPREAD_MS) - (late ? LATE_MS : 0);
    const record: CallRecord = {
      id: `${prefix}-${String(index).padStart(6, '0')}`,
      // Both forms that the door takes.
      time: this.#chance(0.5) ? time : new Date(time).toISOString(),
      workspace_id: workspace,
      model: this.#pick(models),
    };
    const call: TrueCall = {
      record,
      time,
      apikey: 'others',
      inferenceType: 'realtime',
      protocol: 'HTTP',
      outcome: 'success',
      failure: null,
      statusCode: 200,
      errorCode: '',
      durationUs: null,
      firstTokenUs: null,
      usage: null,
      late,
    };
    if (this.#chance(0.95)) {
      call.apikey = `${workspace}-key-${1 + this.#below(keys)}`;
      record.apikey_id = call.apikey;
    }
    if (this.#chance(0.1)) {
      call.inferenceType = 'batch';
      record.inference_type = 'batch';
    }
    this.#end(call);
    this.#measure(call);
    return call;
  }

  /** How it ended. */
  #end(call: TrueCall): void {
    const { record } = call;
    if (this.#chance(0.04)) {
      const [status, code, failure] = this.#pick(FAILED);
      Object.assign(call, { outcome: 'failure', failure, statusCode: status, errorCode: code });
      record.status_code = status;
      if (code !== '') record.error_code = code;
    } else if (this.#chance(0.02)) {
      Object.assign(call, { outcome: 'cancelled', statusCode: CANCELLED });
      record.status_code = CANCELLED;
    } else if (this.#chance(0.7)) {
      record.status_code = 200;
    }
  }

  /** How long it took, and what it used. */
  #measure(call: TrueCall): void {
    const { record } = call;
    const streamed = this.#chance(0.66);
    if (streamed) call.protocol = this.#chance(0.1) ? 'WS' : 'SSE';
    if (this.#chance(0.97)) call.durationUs = Math.round(3000 * Math.exp(this.#random() * 10));
    // Calls that failed before they began have no first token.
    if (streamed && (call.failure === null || (call.failure === 'timeout' && this.#chance(0.5)))) {
      call.firstTokenUs = Math.round((call.durationUs ?? 900_000) * (0.02 + this.#random() * 0.5));
    }
    // Left out where the exporter finds it out by itself.
    if (call.protocol === 'WS' || this.#chance(0.5) || (call.protocol === 'SSE' && call.firstTokenUs === null)) {
      record.protocol = call.protocol;
    }
    if (call.durationUs !== null) record.duration_ms = call.durationUs / 1000;
    if (call.firstTokenUs !== null) record.first_token_ms = call.firstTokenUs / 1000;
    if (call.failure !== null && call.firstTokenUs === null) return;
    const [sent, counts] = this.#usage();
    if (sent === null) return;
    record.usage = sent;
    call.usage = counts;
  }

  /** As a provider sends it, and as it counts. */
  #usage(): readonly [sent: object | null, counts: UsageCounts | null] {
    const input = Math.round(40 * Math.exp(this.#random() * 5));
    const output = Math.round(Math.exp(this.#random() * 6));
    const shape = this.#random();
    if (shape < 0.5) return this.#openAi(input, output);
    if (shape < 0.75) return this.#anthropic(input, output);
    if (shape < 0.9) return this.#dashScope(input, output);
    if (shape < 0.93) return both({ image_count: 1 + this.#below(4) });
    if (shape < 0.95) return both({ characters: 1 + this.#below(2000), times: 1 });
    if (shape < 0.98) {
      const halves = 1 + this.#below(40);
      return [
        { video_duration: halves / 2, video_count: 1, audio_count: 2 },
        { duration: halves * 500_000, video_count: 1, audio_count: 2 },
      ];
    }
    return [null, null];
  }

  #openAi(input: number, output: number): readonly [object, UsageCounts] {
    const cached = this.#chance(0.3) ? Math.floor(input / 2) : 0;
    const reasoning = this.#chance(0.2) ? Math.floor(output / 3) : 0;
    const sent = {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      ...(cached > 0 && { prompt_tokens_details: { cached_tokens: cached } }),
      ...(reasoning > 0 && { completion_tokens_details: { reasoning_tokens: reasoning } }),
    };
    return [sent, { ...tokens(input, output), cache_tokens: cached, reasoning_tokens: reasoning }];
  }

  /** Its input leaves out what stood in the cache and what was written to it. */
  #anthropic(input: number, output: number): readonly [object, UsageCounts] {
    const read = this.#chance(0.5) ? this.#below(5000) : 0;
    const written = this.#chance(0.2) ? this.#below(3000) : 0;
    const sent = {
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: written,
    };
    return [sent, { ...tokens(input + read + written, output), cache_tokens: read, cache_write_tokens: written }];
  }

  #dashScope(input: number, output: number): readonly [object, UsageCounts] {
    const media = {
      image_tokens: this.#below(input),
      ...(this.#chance(0.3) && { audio_tokens: this.#below(400) }),
      ...(this.#chance(0.3) && { video_tokens: this.#below(900) }),
    };
    const sent = { input_tokens: input, output_tokens: output, total_tokens: input + output, ...media };
    return [sent, { ...tokens(input, output), ...media }];
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }
}

function both(counts: UsageCounts): readonly [object, UsageCounts] {
  return [counts, counts];
}

function tokens(input: number, output: number): UsageCounts {
  return { total_tokens: input + output, input_tokens: input, output_tokens: output };
}

/** mulberry32: small, seeded, the same everywhere. From 0 to below 1. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
