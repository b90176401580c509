import { createHash } from 'node:crypto';
import type { RobotSettings } from '../../../config/settings.js';
import type { Webhook } from '../webhook.js';
import { robotMessage } from './message.js';
import { MessageLimit } from './message-limit.js';
import { signedUrl } from './signature.js';
import { type Verdict, verdictOf } from './verdict.js';

/** `unreachable`: DingTalk did not answer. `limited`: the robot has sent as much as it may, and was not asked. */
export const ROBOT_TROUBLES = ['busy', 'unreachable', 'refused', 'limited'] as const;
export type RobotTrouble = (typeof ROBOT_TROUBLES)[number];

/** What came of a notification. */
export type RobotOutcome = { readonly kind: 'delivered' | 'repeated' } | RobotFailure;

export interface RobotFailure {
  readonly kind: RobotTrouble;
  readonly reason: string;
  readonly advice: string;
  readonly retryAfterMs: number;
}

export interface RobotClocks {
  /** ms since the epoch, for the signature. */
  readonly wall: () => number;
  /** ms, never set. */
  readonly steady: () => number;
}

/** Well under the 10 s that Alertmanager waits at least. */
const TIMEOUT_MS = 5000;
/**
 * What was delivered is not sent again so soon: Alertmanager did not hear the answer. Less than the shortest `silence` of a
 * rule, a minute, whose repeats are meant.
 */
const REMEMBER_MS = 45_000;
const MOST_ANSWER_BYTES = 64 * 1024;
/** Of a connection that never came about. */
const NEVER_SENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** One robot of DingTalk: signs, keeps to its limit, and tells what came of it. */
export class Robot {
  readonly #limit = new MessageLimit();
  readonly #delivered = new Map<string, number>();
  readonly #sending = new Map<string, Promise<RobotOutcome>>();
  #heldUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly settings: RobotSettings,
    private readonly clocks: RobotClocks = { wall: Date.now, steady: () => performance.now() },
  ) {}

  get name(): string {
    return this.settings.name;
  }

  /** Sends the alerts of a group as one message, unless that was done just before. Never throws. */
  async deliver(webhook: Webhook): Promise<RobotOutcome> {
    const key = keyOf(webhook);
    const now = this.clocks.steady();
    for (const [other, at] of this.#delivered) if (now - at > REMEMBER_MS) this.#delivered.delete(other);
    if (this.#delivered.has(key)) return { kind: 'repeated' };
    const underWay = this.#sending.get(key);
    if (underWay !== undefined) {
      const outcome = await underWay;
      return outcome.kind === 'delivered' ? { kind: 'repeated' } : outcome;
    }
    const sending = this.#send(webhook).finally(() => this.#sending.delete(key));
    this.#sending.set(key, sending);
    const outcome = await sending;
    if (outcome.kind === 'delivered') this.#delivered.set(key, this.clocks.steady());
    return outcome;
  }

  async #send(webhook: Webhook): Promise<RobotOutcome> {
    const now = this.clocks.steady();
    const limitMs = this.#limit.waitMs(now);
    const waitMs = Math.max(limitMs, this.#heldUntil - now);
    if (waitMs > 0) {
      const reason = limitMs > 0 ? '20 messages were sent within a minute' : 'DingTalk said that it sends too fast';
      return { kind: 'limited', reason, advice: 'Group alerts more coarsely, or add a robot.', retryAfterMs: waitMs };
    }
    this.#limit.begin();
    let isCounted = true;
    try {
      const verdict = await this.#ask(JSON.stringify(robotMessage(webhook, this.settings.language)));
      if (verdict.kind === 'delivered') return verdict;
      const reason = this.#withoutSecrets(verdict.reason);
      if (verdict.kind === 'refused') return { kind: 'refused', reason, advice: verdict.advice, retryAfterMs: 0 };
      this.#heldUntil = Math.max(this.#heldUntil, this.clocks.steady() + verdict.holdMs);
      return { kind: 'busy', reason, advice: 'It is sent again.', retryAfterMs: verdict.holdMs };
    } catch (error) {
      const code = codeOf(error as Error);
      isCounted = !NEVER_SENT.has(code);
      return { kind: 'unreachable', reason: code, advice: 'Is there a way from here to DingTalk?', retryAfterMs: 0 };
    } finally {
      this.#limit.end(this.clocks.steady(), isCounted);
    }
  }

  async #ask(body: string): Promise<Verdict> {
    const { url, secret } = this.settings;
    const response = await fetch(signedUrl(url, secret, this.clocks.wall()), {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return verdictOf(response.status, await textOf(response));
  }

  /** DingTalk's words do not hold the secrets today. */
  #withoutSecrets(text: string): string {
    const { url, secret } = this.settings;
    const secrets = [...new URL(url).searchParams.values(), ...(secret === null ? [] : [secret])];
    return secrets.reduce((left, hidden) => (hidden === '' ? left : left.replaceAll(hidden, '***')), text);
  }
}

/** No more of the answer than one of DingTalk has. */
async function textOf(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Never the message, which may quote an address. */
function codeOf(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1000} s`;
  const cause = error.cause as NodeJS.ErrnoException | undefined;
  return cause?.code ?? error.name;
}

function keyOf({ groupKey, alerts }: Webhook): string {
  const told = alerts.map(({ fingerprint, labels, startsAt, status }) => [
    fingerprint === '' ? labels : fingerprint,
    startsAt,
    status,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([groupKey, told]))
    .digest('base64');
}
