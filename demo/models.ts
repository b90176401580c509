/** Whose message format, usage shape and errors a model speaks. */
export type ProviderName = 'qwen' | 'openai' | 'anthropic' | 'dashscope';

/** What a model is asked for. */
export type Kind = 'chat' | 'embedding' | 'image' | 'speech' | 'transcription';

export interface Model {
  readonly name: string;
  readonly provider: ProviderName;
  readonly kind: Kind;
  /** Median time to the first token (or to the whole answer, where there are no tokens) when nobody else calls. */
  readonly firstTokenMs: number;
  /** Median time for each token (second of audio, picture) after that. */
  readonly perTokenMs: number;
  /** How much single calls differ: sigma of a log-normal distribution. */
  readonly spread: number;
  /** Median of the reasoning tokens before an answer; 0 = answers at once. */
  readonly reasoningTokens: number;
  /** Calls beyond so many times the average rate are refused with 429. */
  readonly capacity: number;
}

function chat(
  name: string,
  provider: ProviderName,
  firstTokenMs: number,
  perTokenMs: number,
  capacity: number,
  reasoningTokens = 0,
): Model {
  return { name, provider, kind: 'chat', firstTokenMs, perTokenMs, spread: 0.35, reasoningTokens, capacity };
}

function other(name: string, kind: Kind, firstTokenMs: number, perTokenMs: number, capacity: number): Model {
  const provider = kind === 'embedding' ? 'qwen' : 'dashscope';
  return { name, provider, kind, firstTokenMs, perTokenMs, spread: 0.25, reasoningTokens: 0, capacity };
}

/**
 * The first seven have prices in config/pricing.yml. The others have none, so that `model_observation_unpriced_calls_total`
 * can be seen too.
 */
export const MODELS = {
  qwenPlus: chat('qwen-plus', 'qwen', 280, 16, 2.6),
  qwenMax: chat('qwen-max', 'qwen', 520, 28, 2.4),
  qwenFlash: chat('qwen-flash', 'qwen', 160, 7, 4),
  qwenThinking: chat('qwen3-235b-a22b', 'qwen', 650, 19, 3, 420),
  gpt4o: chat('gpt-4o', 'openai', 420, 14, 2.6),
  gpt4oMini: chat('gpt-4o-mini', 'openai', 300, 9, 30),
  claudeSonnet: chat('claude-sonnet-4-5', 'anthropic', 720, 17, 2.6),
  qwenVision: chat('qwen-vl-plus', 'qwen', 620, 20, 3),
  embedding: other('text-embedding-v4', 'embedding', 45, 0.08, 2.8),
  picture: other('qwen-image', 'image', 1_500, 4_200, 4),
  speech: other('cosyvoice-v2', 'speech', 320, 9, 3.5),
  transcription: other('paraformer-realtime-v2', 'transcription', 240, 130, 3.5),
} as const satisfies Record<string, Model>;
