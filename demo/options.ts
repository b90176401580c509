import { parseArgs } from 'node:util';
import { parseDuration } from '../exporter/config/quantities.js';

export const DEMO_USAGE = `usage: npm run demo -- [options]

Sends believable calls of five workspaces to an exporter, until Ctrl-C: a day's rhythm in a quarter of an hour, rate
limits, failures, and an incident now and then. Waits for the exporter where it is not there yet.

  --url URL          the exporter (http://127.0.0.1:9490)
  --token-file FILE  a token with the scope ingest and no workspace
  --rate N           calls per second on average (9)
  --day TIME         how long a day takes (15m)
  --for TIME         stop by itself after so long (goes on until Ctrl-C)
  --seed TEXT        another seed makes other calls, the same one the same (1)

Exit code: 0 stopped, 1 the exporter refused calls or none could be sent, 2 wrong usage.
`;

export interface DemoOptions {
  /** Where records go, path included. */
  url: URL;
  tokenFile: string | null;
  /** Calls per second. */
  rate: number;
  dayMs: number;
  /** null = until it is told to stop. */
  forMs: number | null;
  seed: string;
}

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const LEAST_DAY_MS = 60_000;
const MOST_RATE = 2_000;

/**
 * Reads the command line.
 * @returns null when help is asked for
 * @throws UsageError
 */
export function parseOptions(args: string[]): DemoOptions | null {
  const values = parse(args);
  if (values.help) return null;
  const dayMs = duration('day', values.day);
  if (dayMs < LEAST_DAY_MS) throw wrong('day', 'a minute or more', values.day);
  if (values.seed === '') throw new UsageError('--seed needs a text, such as a number.');
  if (values['token-file'] === '') throw new UsageError('--token-file needs a file.');
  return {
    url: urlOf(values.url),
    tokenFile: values['token-file'] ?? null,
    rate: rateOf(values.rate),
    dayMs,
    forMs: values.for === undefined ? null : duration('for', values.for),
    seed: values.seed,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        url: { type: 'string', default: 'http://127.0.0.1:9490' },
        'token-file': { type: 'string' },
        rate: { type: 'string', default: '9' },
        day: { type: 'string', default: '15m' },
        for: { type: 'string' },
        seed: { type: 'string', default: '1' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw wrong('url', 'an address such as http://127.0.0.1:9490', text);
  }
  // Not shown again: it may be a secret.
  if (url.username !== '' || url.password !== '') throw new UsageError('No user in --url: use --token-file.');
  const base = url.pathname.replace(/\/+$/, '');
  if (!base.endsWith('/v1/calls')) url.pathname = `${base}/v1/calls`;
  return url;
}

function rateOf(text: string): number {
  const rate = /^(\d{1,6}\.?\d*|\.\d+)$/.test(text) ? Number(text) : 0;
  if (!(rate > 0) || rate > MOST_RATE) throw wrong('rate', `a number above 0, up to ${MOST_RATE}`, text);
  return rate;
}

function duration(option: string, text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms === 0) throw wrong(option, 'a time such as 30s, 15m or 1h30m', text);
  return ms;
}

function wrong(option: string, allowed: string, found: string): UsageError {
  return new UsageError(`--${option} must be ${allowed}, not "${found}".`);
}
