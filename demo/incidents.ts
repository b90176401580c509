import type { ProviderName } from './models.js';
import type { Random } from './random.js';
import type { Lane } from './workspaces.js';

/** What goes wrong. */
export type Trouble =
  | { kind: 'slow'; model: string; firstToken: number; perToken: number }
  | { kind: 'errors'; provider: ProviderName; status: number; share: number }
  | { kind: 'runaway'; key: string; application: string; factor: number }
  | { kind: 'abuse'; workspace: string; share: number };

export interface Incident {
  /** ms since the demo began. */
  readonly begins: number;
  readonly ends: number;
  readonly trouble: Trouble;
  /** For people, without a full stop. */
  readonly what: string;
}

interface Kind {
  readonly trouble: Trouble;
  readonly what: string;
}

/** Each of them is seen in metrics of traffic that goes on all day. The first one shows best, and begins every demo. */
const KINDS: readonly Kind[] = [
  {
    trouble: { kind: 'slow', model: 'qwen-plus', firstToken: 7, perToken: 3 },
    what: 'qwen-plus is slow: first tokens take seven times as long, answers three times',
  },
  {
    trouble: { kind: 'errors', provider: 'anthropic', status: 529, share: 0.55 },
    what: 'Anthropic is overloaded: more than half of the calls of claude-sonnet-4-5 fail with 529',
  },
  {
    trouble: { kind: 'runaway', key: 'search-indexer', application: 'catalogue-index', factor: 14 },
    what: 'the key search-indexer runs wild: fourteen times its calls, and 429 for all who share its model',
  },
  {
    trouble: { kind: 'errors', provider: 'qwen', status: 500, share: 0.3 },
    what: 'the Qwen models are in trouble: three of ten calls fail with 500',
  },
  {
    trouble: { kind: 'abuse', workspace: 'support', share: 0.45 },
    what: 'somebody abuses the chat of support: nearly half of its calls are refused by content moderation',
  },
  {
    trouble: { kind: 'slow', model: 'claude-sonnet-4-5', firstToken: 20, perToken: 2 },
    what: 'claude-sonnet-4-5 is stuck: first tokens take twenty times as long, and many never come',
  },
  {
    trouble: { kind: 'runaway', key: 'dev-jonas', application: 'agent-prototype', factor: 40 },
    what: 'an agent of dev-jonas calls itself in a loop: forty times its calls and cost',
  },
  {
    trouble: { kind: 'errors', provider: 'openai', status: 503, share: 0.7 },
    what: 'OpenAI is down: seven of ten calls fail with 503',
  },
];

const FIRST_MS = [80_000, 110_000] as const;
/** Longer than a few scrapes, and than the ranges that rates and alerts look at. */
const LASTS_MS = [110_000, 160_000] as const;
const GAP_MS = [120_000, 240_000] as const;

/** When something is wrong, one thing after another for as long as anybody asks. Every kind comes before one comes again. */
export class Incidents {
  readonly #planned: Incident[] = [];
  #kinds: Kind[] = [];

  constructor(private readonly random: Random) {}

  /** @param time ms since the demo began */
  at(time: number): Incident | null {
    return this.#until(time).find(({ begins, ends }) => time >= begins && time < ends) ?? null;
  }

  /** Those that begin or end after `from`, up to and including `to`, in order. */
  changes(from: number, to: number): { incident: Incident; change: 'begins' | 'ends' }[] {
    const within = (time: number): boolean => time > from && time <= to;
    return this.#until(to).flatMap((incident) =>
      (['begins', 'ends'] as const)
        .filter((change) => within(incident[change]))
        .map((change) => ({ incident, change })),
    );
  }

  /** Plans so far ahead; forgets nothing, since a day has only a few. */
  #until(time: number): readonly Incident[] {
    for (let last = this.#planned.at(-1); last === undefined || last.ends <= time; last = this.#planned.at(-1)) {
      this.#planned.push(this.#following(last));
    }
    return this.#planned;
  }

  #following(last: Incident | undefined): Incident {
    if (last === undefined) this.#kinds = [...this.random.shuffled(KINDS.slice(1)), KINDS[0]!];
    if (this.#kinds.length === 0) this.#kinds = this.random.shuffled(KINDS);
    const begins = Math.round(
      last === undefined ? this.random.between(...FIRST_MS) : last.ends + this.random.between(...GAP_MS),
    );
    const ends = Math.round(begins + this.random.between(...LASTS_MS));
    return { begins, ends, ...this.#kinds.pop()! };
  }
}

/** How many times its average of calls a lane makes whatever the hour, or null where it keeps to its day. */
export function runawayFactor(trouble: Trouble | undefined, { key, application }: Lane): number | null {
  return trouble?.kind === 'runaway' && trouble.key === key && trouble.application === application
    ? trouble.factor
    : null;
}

/** How much longer calls take. */
export function slowness(trouble: Trouble | undefined, { model }: Lane): { firstToken: number; perToken: number } {
  return trouble?.kind === 'slow' && trouble.model === model.name ? trouble : { firstToken: 1, perToken: 1 };
}
