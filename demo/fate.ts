import type { Trouble } from './incidents.js';
import type { Random } from './random.js';
import type { Lane } from './workspaces.js';

/** How a call ends. `stuck`: timed out before anything came; `stalled`: timed out in the middle of the answer. */
export type Fate =
  | 'answered'
  | 'cancelled'
  | 'stuck'
  | 'stalled'
  | 'rateLimited'
  | 'moderated'
  | 'clientError'
  | 'serverError';

/** What a call meets. */
export interface Conditions {
  /** Times the average of its model. */
  readonly pressure: number;
  readonly trouble: Trouble | undefined;
}

/** Draws how a call ends, what was first on its way through first: quota, provider, content, and then the call itself. */
export function fateOf(lane: Lane, { pressure, trouble }: Conditions, streamed: boolean, random: Random): Fate {
  const { habits, model, batch } = lane;
  const usual: [Fate, number][] = [
    ['clientError', habits.clientError],
    ['moderated', canBeModerated(lane) ? habits.moderated : 0],
    ['serverError', habits.serverError],
    ['stuck', habits.stuck],
    ['stalled', streamed ? habits.stalled : 0],
    ['cancelled', batch ? 0 : habits.cancelled],
  ];
  // A number each, whatever comes of it: one kind of failure does not move the draws of the others.
  const draws = { quota: random.next(), trouble: random.next(), usual: random.next() };
  if (!batch && draws.quota < Math.max(0, 1 - model.capacity / pressure)) return 'rateLimited';
  if (trouble?.kind === 'errors' && trouble.provider === model.provider && draws.trouble < trouble.share) {
    return 'serverError';
  }
  if (trouble?.kind === 'abuse' && trouble.workspace === lane.workspace && canBeModerated(lane)) {
    if (draws.trouble < trouble.share) return 'moderated';
  }
  let left = draws.usual;
  for (const [fate, share] of usual) {
    if (left < share) return fate;
    left -= share;
  }
  return 'answered';
}

/** Anthropic answers what it will not do, with a refusal; vectors and sounds are not inspected. */
function canBeModerated({ model }: Lane): boolean {
  return (model.kind === 'chat' && model.provider !== 'anthropic') || model.kind === 'image';
}
