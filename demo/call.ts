import type { Asked } from './client.js';
import { type Conditions, type Fate, fateOf } from './fate.js';
import { message } from './formats/anthropic.js';
import { pictures, speech, transcription } from './formats/dashscope.js';
import { chatCompletion, embeddings } from './formats/openai.js';
import { errorBody, errorsOf, type FailedFate } from './provider-errors.js';
import type { Random } from './random.js';
import type { Delivered, Exchange, Task } from './task.js';
import { ANSWER_LIMIT_MS, BATCH_LIMIT_MS, FIRST_TOKEN_LIMIT_MS, type Timing, timingOf } from './timing.js';
import type { Lane } from './workspaces.js';

/** What `POST /v1/calls` takes, without what only the moment of sending can tell: `id` and `time`. */
export interface CallRecord {
  readonly workspace_id: string;
  readonly model: string;
  readonly apikey_id: string;
  readonly inference_type: 'realtime' | 'batch';
  readonly protocol: 'HTTP' | 'SSE' | 'WS';
  readonly status_code: number;
  readonly error_code?: string;
  readonly error_message?: string;
  readonly duration_ms: number;
  readonly first_token_ms?: number;
  readonly usage?: object;
  readonly request: object;
  readonly response?: object;
  readonly trace_id: string;
  readonly application: string;
  readonly user?: string;
  readonly tags?: readonly string[];
}

/** One call of the demo. */
export interface DemoCall {
  /** ms since the demo began; before it for the first calls, which were under way then. */
  readonly start: number;
  readonly end: number;
  /** The call was over so long before its record is sent, ms: results of batches are fetched when somebody looks. */
  readonly lateMs: number;
  readonly fate: Fate;
  /** Input and output, of what was delivered. */
  readonly tokens: number;
  readonly record: CallRecord;
}

/** So few that alerts, which look away from late records, are none the worse. */
const LATE_SHARE = 0.02;
/** Longer than the 10 minutes of `calls.late_after`. */
const LATE_MS = [660_000, 1_500_000] as const;

/** Draws one call from its request to its end. `forced` is a fate that it is to have whatever is drawn. */
export function drawCall(
  lane: Lane,
  asked: Asked,
  start: number,
  around: Conditions,
  random: Random,
  forced?: Fate,
): DemoCall {
  const { model } = lane;
  const isSocket = model.kind === 'speech' || model.kind === 'transcription';
  const streamed = isSocket || (random.chance(lane.streamed) && lane.streamed > 0) || forced === 'stalled';
  const drawn = fateOf(lane, around, streamed, random);
  const timing = timingOf(lane, asked.task, around, random);
  const fate = forced ?? (drawn === 'answered' ? withinLimits(lane, timing, streamed) : drawn);
  const broken = random.between(0.1, 0.9);
  const lasts = durationOf(lane, fate, timing, broken, around, random);
  const firstTokenMs =
    streamed && timing.firstTokenMs <= lasts.durationMs && hasAnswer(fate) ? timing.firstTokenMs : null;
  const delivered: Delivered = { streamed, share: fate === 'answered' ? 1 : lasts.share, id: random.hex(24) };
  const traceId = random.hex(32);
  // Who left, or was cut off, before the first token has got nothing: no usage is known.
  const task = firstTokenMs === null && fate !== 'answered' ? null : partOfTask(asked.task, delivered.share);
  const exchange = exchangeOf(lane, task ?? asked.task, delivered);
  const failed = fate === 'answered' || fate === 'cancelled' ? null : errorOf(lane, fate, around, random);
  const durationMs = milliseconds(lasts.durationMs);
  const end = start + durationMs;
  asked.ended(fate === 'answered', end);
  return {
    start,
    end,
    lateMs: lane.batch && random.chance(LATE_SHARE) ? random.whole(...LATE_MS) : 0,
    fate,
    tokens: task === null ? 0 : tokensIn(task),
    record: {
      workspace_id: lane.workspace,
      model: model.name,
      apikey_id: lane.key,
      inference_type: lane.batch ? 'batch' : 'realtime',
      protocol: isSocket ? 'WS' : streamed ? 'SSE' : 'HTTP',
      status_code: fate === 'cancelled' ? 499 : (failed?.status ?? 200),
      ...(failed !== null && { error_code: failed.code, error_message: failed.message }),
      duration_ms: durationMs,
      ...(firstTokenMs !== null && { first_token_ms: Math.min(milliseconds(firstTokenMs), durationMs) }),
      ...(task !== null && { usage: exchange.usage }),
      request: exchange.request,
      ...(task !== null
        ? { response: exchange.response }
        : failed !== null && { response: errorBody(model.provider, failed, delivered.id) }),
      trace_id: traceId,
      application: lane.application,
      ...(asked.user !== '' && { user: asked.user }),
      ...(lane.tags.length > 0 && { tags: lane.tags }),
    },
  };
}

/** Whether something of the answer came, or could have come. */
function hasAnswer(fate: Fate): boolean {
  return fate === 'answered' || fate === 'cancelled' || fate === 'stalled';
}

/** What takes too long is cut off, by the stage at which it stands. */
function withinLimits(lane: Lane, { firstTokenMs, durationMs }: Timing, streamed: boolean): Fate {
  if (durationMs <= limitOf(lane) && (lane.batch || !streamed || firstTokenMs <= FIRST_TOKEN_LIMIT_MS))
    return 'answered';
  return streamed && firstTokenMs <= FIRST_TOKEN_LIMIT_MS ? 'stalled' : 'stuck';
}

function limitOf(lane: Lane): number {
  return lane.batch ? BATCH_LIMIT_MS : ANSWER_LIMIT_MS;
}

/** How long a call takes that ends so, and how much of its answer there is then. */
function durationOf(
  lane: Lane,
  fate: Fate,
  { firstTokenMs, durationMs }: Timing,
  broken: number,
  { trouble }: Conditions,
  random: Random,
): { durationMs: number; share: number } {
  switch (fate) {
    case 'answered':
      return { durationMs, share: 1 };
    case 'cancelled': {
      // Somewhere on the way, often before anything was to be seen.
      const at = durationMs * broken;
      return { durationMs: at, share: Math.max(0, (at - firstTokenMs) / Math.max(1, durationMs - firstTokenMs)) };
    }
    case 'stalled':
      return { durationMs: limitOf(lane), share: broken };
    case 'stuck':
      return { durationMs: lane.streamed > 0 && !lane.batch ? FIRST_TOKEN_LIMIT_MS : limitOf(lane), share: 0 };
    case 'rateLimited':
      return { durationMs: random.logNormal(35, 0.4), share: 0 };
    case 'moderated':
      return { durationMs: random.logNormal(260, 0.5), share: 0 };
    case 'clientError':
      return { durationMs: random.logNormal(60, 0.5), share: 0 };
    case 'serverError':
      // Who is overloaded says so at once; other errors take until something breaks.
      return {
        durationMs: random.logNormal(trouble?.kind === 'errors' && trouble.status >= 503 ? 180 : 1800, 0.6),
        share: 0,
      };
  }
}

/** Streams that broke off have used a part of their output. */
function partOfTask(task: Task, share: number): Task {
  if (task.kind !== 'chat' || share >= 1) return task;
  const outputTokens = Math.ceil(task.outputTokens * share);
  return { ...task, outputTokens, reasoningTokens: Math.min(task.reasoningTokens, outputTokens) };
}

function exchangeOf({ model }: Lane, task: Task, delivered: Delivered): Exchange {
  switch (task.kind) {
    case 'chat':
      return (model.provider === 'anthropic' ? message : chatCompletion)(model, task, delivered);
    case 'embedding':
      return embeddings(model, task, delivered);
    case 'image':
      return pictures(model, task, delivered);
    case 'speech':
      return speech(model, task, delivered);
    case 'transcription':
      return transcription(model, task, delivered);
  }
}

function errorOf({ model }: Lane, fate: FailedFate, { trouble }: Conditions, random: Random) {
  const status = trouble?.kind === 'errors' && trouble.provider === model.provider ? trouble.status : undefined;
  const errors = errorsOf(model.provider, fate, fate === 'serverError' ? status : undefined);
  // The first is the usual one.
  return random.chance(0.6) ? errors[0]! : random.pick(errors);
}

function tokensIn(task: Task): number {
  if (task.kind === 'chat') return task.inputTokens + task.outputTokens;
  return task.kind === 'embedding' ? task.inputTokens : 0;
}

/** Whole ones, as gateways log them. */
function milliseconds(ms: number): number {
  return Math.max(1, Math.round(ms));
}
