import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface UntilOptions {
  /** Default 10 s. */
  timeoutMs?: number;
  /** Default 50 ms. */
  intervalMs?: number;
}

/**
 * Asks again and again until the answer is truthy, and returns it. A throw counts as "not yet": servers refuse
 * connections while they start.
 *
 * @param description what is waited for, as in "waited 10 s for …"
 * @throws when time is up, with what was last seen
 * @example await until('the target to be up', async () => (await prometheus.query('up'))[0]?.value === 1)
 */
export async function until<T>(
  description: string,
  ask: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 50 }: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
  const deadline = Date.now() + timeoutMs;
  let lastSeen: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<T, false | null | undefined | 0 | ''>;
      lastSeen = answer;
    } catch (error) {
      if (error instanceof GivenUp) throw error;
      lastSeen = error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`waited ${timeoutMs / 1000} s for ${description}; last seen: ${show(lastSeen)}`, {
        cause: lastSeen,
      });
    }
    await sleep(intervalMs);
  }
}

/** Thrown inside `until`'s question: it cannot come true any more, so waiting ends at once. */
export class GivenUp extends Error {}

function show(value: unknown): string {
  if (value instanceof Error)
    return value.cause instanceof Error ? `${value.message}: ${value.cause.message}` : value.message;
  return inspect(value, { depth: 5, breakLength: 120 });
}
