import type { Clock } from '../exporter/replay/clock.js';
import { ExporterClient } from '../exporter/replay/exporter-client.js';
import type { DemoCall } from './call.js';
import type { DemoOptions } from './options.js';
import { Pace } from './pace.js';
import { hourAt } from './rhythm.js';
import { type Line, Refused, Sender } from './sender.js';
import { incidentLine, Status } from './status.js';
import { Traffic } from './traffic.js';

/** What the demo takes from its process; tests bring their own. */
export interface Surroundings {
  clock: Clock;
  random: () => number;
  /** Aborted when it is to stop. */
  stop: AbortSignal;
  say: (text: string) => void;
}

/** Calls that end within this time go together. */
const TICK_MS = 200;
const FIRST_STATUS_MS = 15_000;
const STATUS_MS = 30_000;
const SILENCE_MS = 10_000;
/** A request in flight may end by itself for so long when it is to stop. */
const PARTING_MS = 500;

/**
 * Sends calls until it is told to stop.
 * @param token null where the exporter wants none
 * @returns the exit code
 */
export async function runDemo(options: DemoOptions, token: string | null, around: Surroundings): Promise<number> {
  const { clock, say } = around;
  const where = options.url.origin;
  const stop = stopAfter(options.forMs, around.stop);
  const client = new ExporterClient({ url: options.url, token, connections: 1, silenceMs: SILENCE_MS });
  const sender = new Sender({ ...around, stop: stop.signal, where, post: (body) => client.post(body) });
  const traffic = new Traffic(options);
  const status = new Status();
  const pace = new Pace(() => clock.now());
  const run = Math.floor(clock.now()).toString(36);
  let numbered = 0;
  let nextStatus = FIRST_STATUS_MS;

  const lineOf = (call: DemoCall): Line => {
    numbered += 1;
    const id = `demo-${run}-${numbered}`;
    return () => {
      // The demo's own time stands still while it waits for the exporter, so the call ended just now all the same.
      const time = new Date(clock.now() - (pace.now - call.start) - call.lateMs).toISOString();
      return JSON.stringify({ id, time, ...call.record });
    };
  };

  /** What has happened since the last time. */
  const step = async (before: number): Promise<void> => {
    const calls = traffic.endedBy(pace.now);
    const hour = hourAt(pace.now, options.dayMs);
    for (const { incident, change } of traffic.incidents.changes(before, pace.now)) {
      say(incidentLine(incident, change, hour));
    }
    status.sent(calls.slice(0, await sender.send(calls.map(lineOf))));
    if (pace.now >= nextStatus) {
      say(status.line(pace.now, hour));
      nextStatus += STATUS_MS;
    }
  };

  say(
    `Sending about ${options.rate} calls a second to ${where}. A day takes ${options.dayMs / 60_000} minutes; ` +
      `seed ${options.seed}. Ctrl-C stops it.`,
  );
  try {
    while (!stop.signal.aborted) {
      const before = pace.now;
      pace.advance();
      await Promise.race([step(before), stop.parting]);
      await clock.sleep(TICK_MS, stop.signal);
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message);
    return 1;
  } finally {
    client.close();
    stop.clear();
    say(status.summary(pace.now));
  }
  // Whoever has stopped it knows why nothing was sent; a script with --for does not.
  const isIdle = sender.accepted === 0 && !around.stop.aborted;
  return sender.rejected > 0 || isIdle ? 1 : 0;
}

/** Aborted from outside, or after a while; `parting` comes a moment later. */
function stopAfter(forMs: number | null, outside: AbortSignal) {
  const inside = new AbortController();
  const signal = AbortSignal.any([outside, inside.signal]);
  const timers: NodeJS.Timeout[] = [];
  if (forMs !== null) timers.push(setTimeout(() => inside.abort(), forMs));
  const parting = new Promise<void>((resolve) => {
    const soon = (): void => {
      timers.push(setTimeout(resolve, PARTING_MS));
    };
    if (signal.aborted) soon();
    else signal.addEventListener('abort', soon, { once: true });
  });
  return { signal, parting, clear: () => timers.forEach(clearTimeout) };
}
