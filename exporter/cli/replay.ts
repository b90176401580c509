import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { BatchLimits } from '../replay/batch.js';
import { type Clock, systemClock } from '../replay/clock.js';
import { Delivery } from '../replay/delivery.js';
import { ExporterClient } from '../replay/exporter-client.js';
import { roughly } from '../replay/figures.js';
import { Input, InputError } from '../replay/input.js';
import { Lanes } from '../replay/lanes.js';
import { latestTime } from '../replay/latest-time.js';
import { Progress, type Screen } from '../replay/progress.js';
import { idsFromLines, newIds } from '../replay/record-ids.js';
import { replayRecords } from '../replay/replay.js';
import { Stop, type StopReason } from '../replay/stop.js';
import { type Outcome, rejectionText, remarks, summaryJson, summaryText } from '../replay/summary.js';
import { Tally } from '../replay/tally.js';
import { paced, shifted, type Timeline } from '../replay/timeline.js';
import { TroubleNotice } from '../replay/trouble-notice.js';
import type { Output } from './output.js';
import { parseReplay, REPLAY_USAGE, type ReplayCommand, UsageError } from './replay-options.js';

/** What the command takes from its process; tests bring their own. */
export interface Surroundings {
  stdin: Readable;
  env: NodeJS.ProcessEnv;
  clock: Clock;
  random: () => number;
  /** A request during which nothing moves for so long has failed, ms. */
  silenceMs: number;
  /** What is gathered is sent when the input is silent for so long, ms. */
  pauseMs: number;
  signals: Pick<NodeJS.Process, 'on' | 'off' | 'exit'>;
}

/**
 * `model-observation replay FILE|-`: sends call records to an exporter.
 *
 * @param args what follows `replay` on the command line
 * @param surroundings the process's own unless given
 * @returns the exit code: 0 = all accepted or duplicates, 1 = some were not, or the input could not be read,
 *   2 = wrong usage, 130 and 143 = told to stop by SIGINT and SIGTERM
 */
export async function replay(args: string[], out: Output, surroundings: Partial<Surroundings> = {}): Promise<number> {
  const around: Surroundings = {
    stdin: process.stdin,
    env: process.env,
    clock: systemClock,
    random: Math.random,
    silenceMs: 60_000,
    pauseMs: 1000,
    signals: process,
    ...surroundings,
  };
  try {
    const command = parseReplay(args);
    if (command === null) {
      out.stdout.write(REPLAY_USAGE);
      return 0;
    }
    return await run(command, out, around);
  } catch (error) {
    if (error instanceof UsageError) {
      out.stderr.write(`${error.message}\n\n${REPLAY_USAGE}`);
      return 2;
    }
    if (!(error instanceof InputError)) throw error;
    out.stderr.write(`${error.message}\n`);
    return 1;
  }
}

async function run(command: ReplayCommand, out: Output, around: Surroundings): Promise<number> {
  const { clock } = around;
  const token = command.tokenFile === null ? null : readToken(command.tokenFile);
  const input = Input.open(command.file, around.stdin);
  if (command.rebase && command.speed === null && input.size === null) {
    input.close();
    throw new InputError(`${input.name} is a pipe and cannot be read twice, as --rebase now needs. Add --speed.`);
  }
  const stop = new Stop();
  let waiting = '';
  const share = (): number | null => (input.size ? Math.min(1, input.bytesRead / input.size) : null);
  const progress = new Progress({
    screen: out.stderr as Screen,
    ...appearance(out.stderr as Screen, command, around.env),
    now: () => clock.now(),
    facts: () => ({ done: tally.done, share: share(), retries: tally.retries, waiting }),
  });
  const tally = new Tally((rejection) => progress.message(rejectionText(input.name, rejection)));
  const trouble = new TroubleNotice(clock, (text) => progress.message(text));
  const client = new ExporterClient({
    url: command.url,
    token,
    connections: command.concurrency,
    silenceMs: around.silenceMs,
  });
  const limits: BatchLimits = { records: command.batchRecords, bytes: command.batchBytes };
  const delivery = new Delivery({
    post: (body) => client.post(body),
    where: command.url.origin,
    clock,
    random: around.random,
    giveUpAfterMs: command.giveUpAfterMs,
    limits,
    tally,
    stop,
    onTrouble: (reason, remainingMs) => trouble.tell(reason, remainingMs),
  });
  const stopListening = listen(around.signals, stop, progress);
  const started = clock.now();
  progress.start();
  try {
    await replayRecords({
      input,
      outgoing: {
        idOf: command.newIds ? newIds() : idsFromLines(command.source),
        replaceIds: command.newIds,
        timeline: await timelineOf(command, around, stop),
      },
      limits,
      delivery,
      lanes: new Lanes(command.concurrency, command.concurrency * command.batchBytes),
      clock,
      tally,
      stop,
      pauseMs: around.pauseMs,
      onPace: (due) => {
        waiting = due === null || due - clock.now() < 1000 ? '' : `next call in ${roughly(due - clock.now())}`;
      },
    });
  } finally {
    progress.finish();
    client.close();
    input.close();
    stopListening();
  }
  const seconds = (clock.now() - started) / 1000;
  return close({ name: input.name, tally, seconds, stopped: stop.reason, newIds: command.newIds }, command, out);
}

/** The last words, and the exit code. */
function close(outcome: Outcome, command: ReplayCommand, out: Output): number {
  const { tally, stopped } = outcome;
  const last = remarks(tally, command.rebase);
  if (last !== null) out.stderr.write(`${last}\n`);
  if (stopped !== null && stopped.kind !== 'signal') out.stderr.write(`${stopped.message}\n`);
  out.stdout.write(command.json ? summaryJson(outcome) : summaryText(outcome));
  if (stopped?.kind === 'signal') return stopped.signal === 'SIGINT' ? 130 : 143;
  return stopped !== null || tally.rejected > 0 || tally.unconfirmed > 0 ? 1 : 0;
}

async function timelineOf(
  { file, speed, rebase }: ReplayCommand,
  { clock, stdin }: Surroundings,
  stop: Stop,
): Promise<Timeline | null> {
  if (speed !== null) return paced(speed, rebase, () => clock.now());
  if (!rebase) return null;
  const input = Input.open(file, stdin);
  const close = (): void => input.close();
  stop.signal.addEventListener('abort', close);
  const latest = await latestTime(input);
  stop.signal.removeEventListener('abort', close);
  return latest === null ? null : shifted(clock.now() - latest);
}

function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError(`The file of --token-file cannot be read (${code ?? 'unknown reason'}).`);
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new InputError('The file of --token-file must hold the token alone: one word of plain ASCII.');
}

function appearance(screen: Screen, { quiet }: ReplayCommand, env: NodeJS.ProcessEnv) {
  const redraws = screen.isTTY === true && env.TERM !== 'dumb';
  const style = quiet ? 'none' : redraws ? 'bar' : 'lines';
  return { style, colour: (env.NO_COLOR ?? '') === '' } as const;
}

/** The first signal ends in order, the second at once. */
function listen(signals: Surroundings['signals'], stop: Stop, progress: Progress): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.reason?.kind === 'signal') {
      progress.finish();
      signals.exit(signal === 'SIGINT' ? 130 : 143);
    }
    progress.message('Waiting for the requests in flight; once more ends at once.');
    const reason: StopReason = { kind: 'signal', signal: signal === 'SIGTERM' ? 'SIGTERM' : 'SIGINT' };
    stop.request(reason);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) signals.on(signal, onSignal);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) signals.off(signal, onSignal);
  };
}
