import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { systemClock } from '../exporter/replay/clock.js';
import { DEMO_USAGE, type DemoOptions, parseOptions, UsageError } from './options.js';
import { runDemo } from './run.js';

async function main(args: string[]): Promise<number> {
  let options: DemoOptions | null;
  let token: string | null;
  try {
    options = parseOptions(args);
    if (options === null) {
      process.stdout.write(DEMO_USAGE);
      return 0;
    }
    token = options.tokenFile === null ? null : readToken(options.tokenFile);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${DEMO_USAGE}`);
    return 2;
  }
  return runDemo(options, token, {
    clock: systemClock,
    random: Math.random,
    stop: stopSignal(),
    say: (text) => process.stdout.write(`${text}\n`),
  });
}

/** Told by a signal, or by the end of whoever reads the output. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort());
  return stop.signal;
}

function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`The file of --token-file cannot be read (${code ?? 'unknown reason'}).`);
  }
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new UsageError('The file of --token-file must hold the token alone: one word of plain ASCII.');
}

process.exitCode = await main(process.argv.slice(2));
