import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope, Settings } from '../../config/settings.js';
import { ClientGoneError, readBody } from '../../http/body.js';
import { type InFlight, Share } from '../../http/in-flight.js';
import { HttpProblem, sendProblem } from '../../http/problems.js';
import { CommitError } from '../../spool/commit-log.js';
import { DiskReserveError } from '../../spool/spool.js';
import { recordFormat } from '../calls/content-type.js';
import type { AlertHistory } from './alert-history.js';
import { Robot, type RobotFailure, type RobotTrouble } from './dingtalk/robot.js';
import { readWebhook, type Webhook } from './webhook.js';

const SCOPE: Scope = 'notify';

/** Where notifications go. */
export const CHANNELS = ['history', 'dingtalk'] as const;
export type Channel = (typeof CHANNELS)[number];

/** What becomes of a notification. */
export const NOTIFY_ANSWERS = ['delivered', 'repeated', 'refused', 'unavailable', 'invalid'] as const;
export type NotifyAnswer = (typeof NOTIFY_ANSWERS)[number];

/** What happens at these doors, for metrics and logs. */
export interface NotifyObserver {
  answered(channel: Channel, answer: NotifyAnswer): void;
  /** Starts and ends of alerts that are in the history from now on. */
  recorded(alerts: number): void;
  robotDelivered(robot: string): void;
  robotFailed(robot: string, trouble: RobotTrouble, reason: string, advice: string): void;
  failed(channel: Channel, error: Error): void;
}

export interface NotifyDoorsOptions {
  history: AlertHistory;
  robots: Settings['notify']['robots'];
  inFlight: InFlight;
  limits: Settings['limits'];
  /** @throws HttpProblem 401, 403 */
  authorize: (request: IncomingMessage, scope: Scope) => void;
  /** Why nothing can be written just now, or null. */
  refusal: () => Error | null;
  observer: NotifyObserver;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * What Alertmanager's webhooks call: `POST /notify/history` and `POST /notify/dingtalk?robot=NAME`. It sends again what was answered
 * 5xx at once, and what was answered 4xx only when it next looks at the group: so no trouble of ours or of DingTalk's is a 4xx.
 */
export function notifyDoors(options: NotifyDoorsOptions): Readonly<Record<Channel, Handler>> {
  const robots = new Map([...options.robots].map(([name, settings]) => [name, new Robot(settings)]));
  return {
    history: door(options, 'history', async (webhook) => {
      const refusal = options.refusal();
      if (refusal !== null) throw refusal;
      const fresh = await options.history.record(webhook.alerts);
      options.observer.recorded(fresh);
      return { answer: fresh > 0 ? 'delivered' : 'repeated', body: { recorded: fresh } };
    }),
    dingtalk: door(options, 'dingtalk', async (webhook, request, response) => {
      const robot = robotOf(request, robots);
      const outcome = await robot.deliver(webhook);
      if ('reason' in outcome) {
        options.observer.robotFailed(robot.name, outcome.kind, outcome.reason, outcome.advice);
        throw problemOf(outcome, response);
      }
      if (outcome.kind === 'delivered') options.observer.robotDelivered(robot.name);
      return { answer: outcome.kind, body: {} };
    }),
  };
}

interface Done {
  answer: NotifyAnswer;
  body: object;
}

function door(
  options: NotifyDoorsOptions,
  channel: Channel,
  take: (webhook: Webhook, request: IncomingMessage, response: ServerResponse) => Promise<Done>,
): Handler {
  const { observer, limits } = options;
  return async (request, response) => {
    const share = new Share(options.inFlight);
    try {
      options.authorize(request, SCOPE);
      if (recordFormat(request.headers['content-type']) !== 'json') {
        throw new HttpProblem('unsupported-media-type', 'Content-Type must be application/json, in UTF-8.');
      }
      const { body } = await readBody(request, limits, share);
      const { answer, body: told } = await take(readWebhook(body, limits.batchRecords), request, response);
      observer.answered(channel, answer);
      const text = `${JSON.stringify({ status: answer, ...told })}\n`;
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
      response.end(text);
    } catch (error) {
      // Nobody is there to hear an answer, and nothing was taken.
      if (error instanceof ClientGoneError) return;
      const problem = toProblem(error as Error);
      if (problem.problem === 'internal-error' || problem.problem === 'not-durable') {
        observer.failed(channel, error as Error);
      }
      sendProblem(response, problem);
      observer.answered(channel, answerOf(problem, response.statusCode));
    } finally {
      share.release();
    }
  };
}

function robotOf(request: IncomingMessage, robots: ReadonlyMap<string, Robot>): Robot {
  const query = new URL(request.url ?? '/', 'http://exporter').searchParams;
  const name = query.get('robot') ?? '';
  const robot = robots.get(name);
  if (robot !== undefined) return robot;
  const found = name === '' ? 'The address names no robot: end it with ?robot=NAME.' : 'No robot has this name.';
  const known =
    robots.size === 0 ? 'no robots' : `only ${[...robots.keys()].map((each) => JSON.stringify(each)).join(', ')}`;
  const write = `notify.dingtalk in config/model-observation.yml has ${known}: add an entry with the key name there.`;
  throw new HttpProblem('unknown-robot', `${found} ${write}`);
}

/** Also what DingTalk refuses for good is a 5xx: Alertmanager goes on until somebody has put it right. */
function problemOf(failure: RobotFailure, response: ServerResponse): HttpProblem {
  const { kind, reason, advice, retryAfterMs } = failure;
  if (kind === 'refused') return new HttpProblem('robot-refused', `${reason}. ${advice}`);
  response.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  return new HttpProblem('robot-busy', `${reason}. Send it again after Retry-After seconds.`);
}

function answerOf(problem: HttpProblem, status: number): NotifyAnswer {
  if (problem.problem === 'robot-refused') return 'refused';
  return status >= 500 ? 'unavailable' : 'invalid';
}

function toProblem(error: Error): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof DiskReserveError) return new HttpProblem('disk-full', error.message);
  const { code } = error as NodeJS.ErrnoException;
  // The spool, or the file beside it, could not be written.
  if (error instanceof CommitError || code !== undefined) {
    return new HttpProblem('not-durable', 'The alerts could not be written. Send the same notification again.');
  }
  return new HttpProblem('internal-error', 'The log of the exporter says what happened.');
}
