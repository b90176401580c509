import { parseArgs } from 'node:util';
import { parseDuration, parseSize } from '../config/quantities.js';

export const REPLAY_USAGE = `usage: model-observation replay FILE|- [options]

Sends call records, one JSON object a line (NDJSON, also gzip), to an exporter. What fails on the way is sent again
under the same ids, so that nothing is lost and nothing is counted twice. FILE - is standard input.

  --url URL             the exporter (http://127.0.0.1:9490)
  --token-file FILE     a token with the scope ingest
  --batch N             most records in a request (500)
  --batch-bytes SIZE    most bytes in a request (4MiB)
  --concurrency N       requests at a time (4)
  --speed N             keep the records' own pace: 1 = as it was, 10 = ten times as fast; otherwise as fast as possible
  --rebase now          move the records' times: the last call starts now; with --speed, each when it is sent
  --give-up-after TIME  how long a request is tried again (5m)
  --source NAME         tells records without ids from equal lines of another file
  --new-ids             give every record a new id, so that the same file counts again
  --quiet               no progress
  --json                the summary as JSON

Exit code: 0 all accepted or duplicates, 1 something was not, 2 wrong usage, 130 interrupted.
`;

export interface ReplayCommand {
  /** A path, or `-`. */
  file: string;
  /** Where records go, path included. */
  url: URL;
  tokenFile: string | null;
  batchRecords: number;
  batchBytes: number;
  concurrency: number;
  /** null = as fast as possible. */
  speed: number | null;
  rebase: boolean;
  giveUpAfterMs: number;
  source: string;
  newIds: boolean;
  quiet: boolean;
  json: boolean;
}

/** The command line is wrong; the message says how. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Reads what follows `replay` on the command line.
 * @returns null when help is asked for
 * @throws UsageError
 */
export function parseReplay(args: string[]): ReplayCommand | null {
  const { values, positionals } = parse(args);
  if (values.help) return null;
  const [file, more] = positionals;
  if (file === undefined || file === '') throw new UsageError('Which file? Give its path, or - for standard input.');
  if (more !== undefined) throw new UsageError(`One file at a time, not also "${more}".`);
  if (values.rebase !== undefined && values.rebase !== 'now') throw wrong('rebase', 'now', values.rebase);
  const command: ReplayCommand = {
    file,
    url: urlOf(values.url),
    tokenFile: values['token-file'] ?? null,
    batchRecords: wholeNumber('batch', values.batch, 1_000_000),
    batchBytes: size(values['batch-bytes']),
    concurrency: wholeNumber('concurrency', values.concurrency, 64),
    speed: values.speed === undefined ? null : speedOf(values.speed),
    rebase: values.rebase === 'now',
    giveUpAfterMs: duration(values['give-up-after']),
    source: values.source,
    newIds: values['new-ids'],
    quiet: values.quiet,
    json: values.json,
  };
  if (command.rebase && command.speed === null && file === '-') {
    throw new UsageError(
      '--rebase now needs to know the last call before it sends the first, and cannot read standard input twice. ' +
        'Give a file, or add --speed, which moves times as it goes.',
    );
  }
  return command;
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'http://127.0.0.1:9490' },
        'token-file': { type: 'string' },
        batch: { type: 'string', default: '500' },
        'batch-bytes': { type: 'string', default: '4MiB' },
        concurrency: { type: 'string', default: '4' },
        speed: { type: 'string' },
        rebase: { type: 'string' },
        'give-up-after': { type: 'string', default: '5m' },
        source: { type: 'string', default: '' },
        'new-ids': { type: 'boolean', default: false },
        quiet: { type: 'boolean', short: 'q', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
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

function wholeNumber(option: string, text: string, most: number): number {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw wrong(option, `a whole number from 1 to ${most}`, text);
  return number;
}

function speedOf(text: string): number {
  const speed = /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : 0;
  if (!(speed > 0) || !Number.isFinite(speed)) throw wrong('speed', 'a number above 0', text);
  return speed;
}

function size(text: string): number {
  const bytes = parseSize(text);
  if (bytes === null || bytes < 1 || bytes > 2 ** 29) throw wrong('batch-bytes', 'a size up to 512MiB', text);
  return bytes;
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw wrong('give-up-after', 'a time such as 30s or 1h30m', text);
  return ms;
}

function wrong(option: string, allowed: string, found: string): UsageError {
  return new UsageError(`--${option} must be ${allowed}, not "${found}".`);
}
