import type { LogEntry } from '../../entry.js';
import type { Answer } from '../answers.js';
import type { EncodedPush } from '../encode-push.js';
import { decodePush, entriesOf } from './decode-push.js';

/** What a toy Loki does with a push before it looks at entries: its answer, or null to go on. */
export type Mood = (entries: readonly LogEntry[], request: number) => Answer | Error | null;

/**
 * Takes pushes as Loki does, in memory: keeps the good entries of a request in which others are refused, and says of the bad ones
 * what `refuse` says.
 */
export class ToyLoki {
  /** Every entry that was stored, again each time. */
  readonly stored: LogEntry[] = [];
  readonly tenants: string[] = [];
  requests = 0;
  largestRequest = 0;
  /** Streams that one request held, at most. */
  mostStreams = 0;
  mood: Mood = () => null;

  /** @param refuse Loki's words; null = the entry is good */
  constructor(private readonly refuse: (entry: LogEntry) => string | null = () => null) {}

  readonly post = async (tenant: string, push: EncodedPush, _signal?: AbortSignal): Promise<Answer> => {
    const streams = decodePush(push.body, push.headers);
    const entries = entriesOf(streams);
    this.requests += 1;
    this.tenants.push(tenant);
    this.mostStreams = Math.max(this.mostStreams, streams.length);
    const mood = this.mood(entries, this.requests);
    if (mood instanceof Error) throw mood;
    if (mood !== null) return mood;
    this.largestRequest = Math.max(this.largestRequest, push.plainBytes);
    const reasons = entries.map((entry) => this.refuse(entry));
    this.stored.push(...entries.filter((_, index) => reasons[index] === null));
    const said = [...new Set(reasons.filter((reason) => reason !== null))];
    return said.length === 0 ? answer(204) : answer(400, said.map((reason) => `1 errors like: ${reason}`).join('; '));
  };
}

export function answer(status: number, body = '', retryAfter?: string): Answer {
  return { status, body, retryAfter };
}
