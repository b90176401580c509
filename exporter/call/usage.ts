import type { Usage } from './call.js';

/**
 * The largest count one call may report: a thousand such calls still add up exactly in a double.
 * Media time is held to the same number, in microseconds (about 104 days).
 */
export const MAX_USAGE = Math.floor(Number.MAX_SAFE_INTEGER / 1e3);

/** A usage object that cannot be counted. Built only for a record that is about to be refused. */
export class UsageProblem {
  /** Path of the offending field, such as `usage.prompt_tokens_details.cached_tokens`. */
  readonly field: string;
  /** What is allowed there and what was found. */
  readonly message: string;

  constructor(field: string, allowed: string, found: unknown) {
    this.field = field;
    this.message = `must be ${allowed}, not ${describe(found)}`;
  }
}

// Where a number goes while a usage object is read; absent = -1.
const PROMPT = 0; // input, cached tokens included, whatever else stands beside it
const INPUT = 1; // input; without cached tokens where these are reported apart
const OUTPUT = 2;
const TOTAL = 3;
const CACHED = 4; // part of the input
const CACHE_WRITE = 5; // part of the input
const CACHED_APART = 6; // beside `INPUT`, unless something says otherwise
const CACHE_WRITE_APART = 7;
const REASONING = 8;
const THOUGHTS = 9; // reasoning that is never part of `OUTPUT`
const TOOL_PROMPT = 10; // input that is never part of `PROMPT`
const IMAGE = 11;
const IMAGE_IN = 12;
const IMAGE_OUT = 13;
const AUDIO = 14;
const AUDIO_IN = 15;
const AUDIO_OUT = 16;
const VIDEO = 17;
const VIDEO_IN = 18;
const VIDEO_OUT = 19;
const IMAGE_COUNT = 20;
const AUDIO_COUNT = 21;
const VIDEO_COUNT = 22;
const DURATION = 23; // whole microseconds
const CHARACTERS = 24;
const TIMES = 25;

/** Every provider's name for a count, at the top of its usage object. */
const COUNTS: ReadonlyMap<string, number> = new Map([
  // OpenAI chat completions and embeddings, Qwen in its compatible mode, DeepSeek, Moonshot.
  ['prompt_tokens', PROMPT],
  ['completion_tokens', OUTPUT],
  ['total_tokens', TOTAL],
  ['prompt_cache_hit_tokens', CACHED],
  ['cached_tokens', CACHED],
  // OpenAI Responses, DashScope, Anthropic, and our own names.
  ['input_tokens', INPUT],
  ['output_tokens', OUTPUT],
  ['cache_tokens', CACHED],
  ['cache_write_tokens', CACHE_WRITE],
  ['reasoning_tokens', REASONING],
  ['image_tokens', IMAGE],
  ['audio_tokens', AUDIO],
  ['video_tokens', VIDEO],
  ['image_count', IMAGE_COUNT],
  ['audio_count', AUDIO_COUNT],
  ['video_count', VIDEO_COUNT],
  ['characters', CHARACTERS],
  ['times', TIMES],
  // Anthropic, and the same through Bedrock's Converse API.
  ['cache_read_input_tokens', CACHED_APART],
  ['cache_creation_input_tokens', CACHE_WRITE_APART],
  ['inputTokens', INPUT],
  ['outputTokens', OUTPUT],
  ['totalTokens', TOTAL],
  ['cacheReadInputTokens', CACHED_APART],
  ['cacheWriteInputTokens', CACHE_WRITE_APART],
  // Gemini's usageMetadata.
  ['promptTokenCount', PROMPT],
  ['toolUsePromptTokenCount', TOOL_PROMPT],
  ['cachedContentTokenCount', CACHED],
  ['candidatesTokenCount', OUTPUT],
  ['thoughtsTokenCount', THOUGHTS],
  ['totalTokenCount', TOTAL],
]);

const INPUT_DETAILS: ReadonlyMap<string, number> = new Map([
  ['cached_tokens', CACHED],
  ['cache_creation_input_tokens', CACHE_WRITE],
  ['cache_write_tokens', CACHE_WRITE],
  ['image_tokens', IMAGE_IN],
  ['audio_tokens', AUDIO_IN],
  ['video_tokens', VIDEO_IN],
  // LangChain's usage_metadata, whose cache_creation is a number.
  ['cache_read', CACHED],
  ['audio', AUDIO_IN],
]);

const OUTPUT_DETAILS: ReadonlyMap<string, number> = new Map([
  ['reasoning_tokens', REASONING],
  ['thinking_tokens', REASONING],
  ['image_tokens', IMAGE_OUT],
  ['audio_tokens', AUDIO_OUT],
  ['video_tokens', VIDEO_OUT],
  ['reasoning', REASONING],
  ['audio', AUDIO_OUT],
]);

/**
 * Turns a provider's usage object into one set of counts, where `input_tokens` includes cached tokens
 * and `output_tokens` includes reasoning. Read are OpenAI (chat, Responses, Realtime, embeddings), Qwen
 * and whatever is compatible with them, DashScope, Anthropic, Bedrock Converse, Gemini, LangChain, and the
 * names of `USAGE_TYPES` (`duration` in seconds there, in whole microseconds in the result).
 *
 * - `null`, undefined, `{}` and an object without a known count are no usage: the answer is null. A null
 *   inside is an absent count, an unknown key is ignored.
 * - **Cached apart from input**: `cache_read_input_tokens` and `cache_creation_input_tokens` beside
 *   `input_tokens` are added to it, as Anthropic documents; beside `prompt_tokens`, or where details
 *   repeat them, they are a part of it already.
 * - **Reasoning apart from output**: xAI and Gemini leave it out of their output count. It is added where
 *   the total shows that (total = input + output + reasoning), or where it exceeds the output.
 * - **A part larger than its whole** is cut to the whole, and writes to the cache to what cached tokens
 *   leave: a provider's quirk costs neither the record nor a negative price.
 * - **An absent input or output** is what the total leaves (embeddings and rerankers send only a total),
 *   and never less than its parts.
 * - **The provider's total stands** even where it exceeds input + output, since it counts towards quotas
 *   and may hold tokens that belong to neither; a total below their sum cannot be right and is raised to it.
 * - **The same count under two names** (`image_tokens` at the top and in the details) is counted once,
 *   as the larger of the two.
 *
 * A count that is not a whole number from 0 to {@link MAX_USAGE} is a {@link UsageProblem}.
 *
 * @example
 * readUsage({ prompt_tokens: 3019, completion_tokens: 104, prompt_tokens_details: { cached_tokens: 2048 } })
 * // { total_tokens: 3123, input_tokens: 3019, output_tokens: 104, cache_tokens: 2048, … }
 */
export function readUsage(value: unknown): Usage | UsageProblem | null {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'object' || Array.isArray(value)) return new UsageProblem('usage', 'an object', value);
  const record = value as Record<string, unknown>;
  // A plain array of small integers keeps the numbers unboxed on the way into the result.
  const counts = [
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
  ];
  let known = false;
  // The cost of for…in follows the keys that are there, not the many names that could be.
  for (const key in record) {
    const found = record[key];
    if (found === null || found === undefined) continue;
    const slot = COUNTS.get(key);
    if (slot !== undefined) {
      if (!isCount(found)) return countProblem(`usage.${key}`, found);
      keepLarger(counts, slot, found);
      known = true;
      continue;
    }
    let problem: UsageProblem | null;
    switch (key) {
      case 'prompt_tokens_details':
      case 'input_tokens_details':
      case 'input_token_details':
        problem = readDetails(found, `usage.${key}`, INPUT_DETAILS, counts);
        break;
      case 'completion_tokens_details':
      case 'output_tokens_details':
      case 'output_token_details':
        problem = readDetails(found, `usage.${key}`, OUTPUT_DETAILS, counts);
        break;
      case 'cache_creation':
        problem = readCacheCreation(found, 'usage.cache_creation', CACHE_WRITE_APART, counts);
        break;
      case 'duration':
      case 'video_duration':
      case 'output_video_duration':
      case 'seconds':
        problem = readSeconds(found, `usage.${key}`, counts);
        break;
      default:
        continue;
    }
    if (problem !== null) return problem;
  }
  return known || hasAny(counts) ? settle(counts) : null;
}

function hasAny(counts: readonly number[]): boolean {
  for (const count of counts) if (count >= 0) return true;
  return false;
}

/** Works out what the provider meant from all that it said. */
function settle(counts: readonly number[]): Usage {
  let cached = counts[CACHED]!;
  let cacheWrite = counts[CACHE_WRITE]!;
  let input = counts[PROMPT]!;
  const cachedApart = counts[CACHED_APART]!;
  const cacheWriteApart = counts[CACHE_WRITE_APART]!;
  const partOfInput = input >= 0 || cached > 0 || cacheWrite > 0;
  cached = Math.max(cached, cachedApart, 0);
  cacheWrite = Math.max(cacheWrite, cacheWriteApart, 0);
  input = Math.max(input, counts[INPUT]!);
  if (!partOfInput && (cachedApart >= 0 || cacheWriteApart >= 0)) input = Math.max(input, 0) + cached + cacheWrite;
  if (counts[TOOL_PROMPT]! > 0) input = Math.max(input, 0) + counts[TOOL_PROMPT]!;

  let output = counts[OUTPUT]!;
  let reasoning = Math.max(counts[REASONING]!, 0);
  if (counts[THOUGHTS]! > 0) {
    output = Math.max(output, 0) + counts[THOUGHTS]!;
    reasoning = Math.max(reasoning, counts[THOUGHTS]!);
  }

  const stated = counts[TOTAL]!;
  if (input < 0) input = Math.max(cached + cacheWrite, stated - Math.max(output, reasoning));
  if (output < 0) output = Math.max(reasoning, stated - input);
  else if (reasoning > 0) {
    const withReasoning = input + output + reasoning;
    if (stated === withReasoning || (reasoning > output && (stated < 0 || stated > withReasoning))) output += reasoning;
  }

  cached = Math.min(cached, input);
  cacheWrite = Math.min(cacheWrite, input - cached);
  reasoning = Math.min(reasoning, output);
  // One literal for every record, so that all of them share one hidden class.
  return {
    total_tokens: Math.max(stated, input + output),
    input_tokens: input,
    output_tokens: output,
    cache_tokens: cached,
    cache_write_tokens: cacheWrite,
    reasoning_tokens: reasoning,
    image_tokens: mediaTokens(counts, IMAGE, IMAGE_IN, IMAGE_OUT),
    audio_tokens: mediaTokens(counts, AUDIO, AUDIO_IN, AUDIO_OUT),
    video_tokens: mediaTokens(counts, VIDEO, VIDEO_IN, VIDEO_OUT),
    image_count: Math.max(counts[IMAGE_COUNT]!, 0),
    audio_count: Math.max(counts[AUDIO_COUNT]!, 0),
    video_count: Math.max(counts[VIDEO_COUNT]!, 0),
    duration: Math.max(counts[DURATION]!, 0),
    characters: Math.max(counts[CHARACTERS]!, 0),
    times: Math.max(counts[TIMES]!, 0),
  };
}

/** What the top of the object says of a medium repeats its details, in part or in whole. */
function mediaTokens(counts: readonly number[], top: number, inward: number, outward: number): number {
  return Math.max(counts[top]!, Math.max(counts[inward]!, 0) + Math.max(counts[outward]!, 0));
}

function readDetails(
  value: unknown,
  path: string,
  names: ReadonlyMap<string, number>,
  counts: number[],
): UsageProblem | null {
  // Gemini's SDKs send a list of media under the same name; what it says is in the totals too.
  if (Array.isArray(value)) return null;
  if (typeof value !== 'object') return new UsageProblem(path, 'an object', value);
  const record = value as Record<string, unknown>;
  for (const key in record) {
    const found = record[key];
    if (found === null || found === undefined) continue;
    const slot = names.get(key);
    if (slot !== undefined) {
      if (!isCount(found)) return countProblem(`${path}.${key}`, found);
      keepLarger(counts, slot, found);
    } else if (key === 'cache_creation' && names === INPUT_DETAILS) {
      const problem = readCacheCreation(found, `${path}.${key}`, CACHE_WRITE, counts);
      if (problem !== null) return problem;
    }
  }
  return null;
}

/** Writes to the cache by lifetime; their sum repeats `cache_creation_input_tokens` where that is sent too. */
function readCacheCreation(value: unknown, path: string, slot: number, counts: number[]): UsageProblem | null {
  if (isCount(value)) {
    keepLarger(counts, slot, value);
    return null;
  }
  if (typeof value !== 'object') return new UsageProblem(path, 'an object', value);
  const lifetimes = value as Record<string, unknown>;
  let sum = 0;
  for (const key in lifetimes) {
    const found = lifetimes[key];
    if (found === null || !key.endsWith('_input_tokens')) continue;
    if (!isCount(found)) return countProblem(`${path}.${key}`, found);
    sum += found;
  }
  if (!isCount(sum)) return countProblem(path, sum);
  keepLarger(counts, slot, sum);
  return null;
}

function readSeconds(value: unknown, path: string, counts: number[]): UsageProblem | null {
  const microseconds = typeof value === 'number' ? Math.round(value * 1e6) : -1;
  if (!isCount(microseconds)) {
    return new UsageProblem(path, `a number of seconds from 0 to ${Math.floor(MAX_USAGE / 1e6)}`, value);
  }
  keepLarger(counts, DURATION, microseconds);
  return null;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_USAGE && Number.isInteger(value);
}

function keepLarger(counts: number[], slot: number, value: number): void {
  // Adding 0 makes a plain zero of the -0 that JSON can carry.
  if (value > counts[slot]!) counts[slot] = value + 0;
}

function countProblem(path: string, found: unknown): UsageProblem {
  return new UsageProblem(path, `a whole number from 0 to ${MAX_USAGE}`, found);
}

/** Says what was found without repeating a client's text. */
function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`;
}
