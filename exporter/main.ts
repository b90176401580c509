#!/usr/bin/env node
import type { Output } from './cli/output.js';
import { nearest } from './config/nearest.js';
import { VERSION } from './version.js';

const USAGE = `usage: model-observation COMMAND [options]

  serve                 take call records and serve metrics
  replay FILE|-         send call records (NDJSON) to an exporter
  logs get ID           put one call together again from its logs in Loki
  dead-letters list     show the log entries that Loki refused, and why
  dead-letters resend   send them again
  alerts check          say what is wrong with the alerts
  alerts build          write them as rules of Prometheus and routes of Alertmanager
  alerts list           show every alert, and who is told
  alerts apply          build them, and have Prometheus and Alertmanager load them
  config check          say what is wrong with the configuration
  spool verify          say what is in the data directory, and whether it is intact

  COMMAND --help        the options of a command
  --version
`;

type Command = (args: string[], out: Output) => Promise<number>;

/** Loaded when it is called, so that a command starts no slower for the others. A map: `constructor` is no command. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./cli/serve.js')).serve],
  ['replay', async () => (await import('./cli/replay.js')).replay],
  ['logs get', async () => (await import('./cli/logs-get.js')).logsGet],
  ['dead-letters list', async () => (await import('./cli/dead-letters.js')).deadLettersList],
  ['dead-letters resend', async () => (await import('./cli/dead-letters.js')).deadLettersResend],
  ['alerts check', async () => (await import('./cli/alerts-check.js')).alertsCheck],
  ['alerts build', async () => (await import('./cli/alerts-build.js')).alertsBuild],
  ['alerts list', async () => (await import('./cli/alerts-list.js')).alertsList],
  ['alerts apply', async () => (await import('./cli/alerts-apply.js')).alertsApply],
  ['config check', async () => (await import('./cli/config-check.js')).configCheck],
  ['spool verify', async () => (await import('./cli/spool-verify.js')).spoolVerify],
]);

async function main(args: string[], out: Output): Promise<number> {
  const [first = '', second = ''] = args;
  if (first === '--version') {
    out.stdout.write(`${VERSION}\n`);
    return 0;
  }
  if (first === '--help' || first === '-h' || first === 'help') {
    out.stdout.write(USAGE);
    return 0;
  }
  const two = COMMANDS.get(`${first} ${second}`);
  if (two !== undefined) return (await two())(args.slice(2), out);
  const one = COMMANDS.get(first);
  if (one !== undefined) return (await one())(args.slice(1), out);
  out.stderr.write(first === '' ? USAGE : `model-observation: ${unknownCommand(first, second)}\n\n${USAGE}`);
  return 2;
}

function unknownCommand(first: string, second: string): string {
  const names = [...COMMANDS.keys()];
  // `spool` alone is half a command: what is wrong is then the word behind it.
  const isHalf = names.some((name) => name.startsWith(`${first} `));
  const said = isHalf && second !== '' ? `${first} ${second}` : first;
  const meant = isHalf && second === '' ? names.find((name) => name.startsWith(`${first} `)) : nearest(said, names);
  return `there is no command "${said}"${meant ? `. Did you mean ${meant}?` : ''}`;
}

process.exitCode = await main(process.argv.slice(2), process);
