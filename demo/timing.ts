import type { Conditions } from './fate.js';
import { slowness } from './incidents.js';
import type { Random } from './random.js';
import type { Task } from './task.js';
import type { Lane } from './workspaces.js';

/** How long a call takes when nothing breaks it off, in ms. */
export interface Timing {
  readonly firstTokenMs: number;
  readonly durationMs: number;
}

/** The gateway waits no longer: for the first token, and for the whole answer. */
export const FIRST_TOKEN_LIMIT_MS = 15_000;
export const ANSWER_LIMIT_MS = 45_000;
/** Nobody waits for an answer in a batch. */
export const BATCH_LIMIT_MS = 120_000;

/** Reading the input, ms a token. */
const PREFILL_MS = 0.03;
/** From this load on (times the average) calls queue. */
const FREE_LOAD = 0.7;

/** Draws how long a call takes: longer the more others call the same model, and much longer in trouble. */
export function timingOf(lane: Lane, task: Task, { pressure, trouble }: Conditions, random: Random): Timing {
  const { model } = lane;
  const slow = slowness(trouble, lane);
  // Beyond its capacity a model refuses calls instead of making them wait.
  const queue = Math.max(0, Math.min(pressure, model.capacity) - FREE_LOAD);
  const firstToken =
    random.logNormal(model.firstTokenMs, model.spread) * slow.firstToken * (1 + 0.6 * queue) + read(task) * PREFILL_MS;
  const perToken = random.logNormal(model.perTokenMs, model.spread / 2) * slow.perToken * (1 + 0.25 * queue);
  return { firstTokenMs: firstToken, durationMs: firstToken + perToken * produced(task) };
}

/** Input tokens that are not in a cache. */
function read(task: Task): number {
  return task.kind === 'chat' ? task.inputTokens - task.cachedTokens : 0;
}

/** How many pieces follow the first, each of which takes its time. */
function produced(task: Task): number {
  switch (task.kind) {
    case 'chat':
      return Math.max(0, task.outputTokens - 1);
    case 'embedding':
      return task.inputTokens;
    case 'image':
      return task.count;
    case 'speech':
      return task.text.length;
    case 'transcription':
      return task.seconds;
  }
}
