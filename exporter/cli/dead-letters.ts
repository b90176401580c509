import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseDuration } from '../config/quantities.js';
import type { LokiSettings } from '../config/settings.js';
import { type DeadLetter, DeadLetters } from '../projections/loki/dead-letters.js';
import type { DeadLetterSink } from '../projections/loki/push/dead-letter-sink.js';
import { PushClient } from '../projections/loki/push/push-client.js';
import { type Resent, resend } from '../projections/loki/resend.js';
import { VERSION } from '../version.js';
import { lokiConfiguration, type Where } from './loki-configuration.js';
import type { Output } from './output.js';
import { printable } from './printable.js';

const USAGE = `usage: model-observation dead-letters list|resend [options]

Log entries that Loki refused for good, with its reason. They are kept in the data directory. list shows them; resend sends
them again, after what was wrong is mended, under the time of now and with their own time beside it. Both may run beside
an exporter.

  --id ID               only the letter of this id, or those of a call of this id
  --reason TEXT         only those with this in what Loki said
  --give-up-after TIME  resend: how long to go on without one that arrives (1m)
  --config FILE         the configuration of the exporter
  --json                list: one JSON object a line; resend: the summary as JSON

Exit code: 0 all shown or arrived, 1 some are refused or left, 2 wrong usage.
`;

interface Options {
  id: string | null;
  reason: string | null;
  giveUpAfterMs: number;
  config: string | undefined;
  json: boolean;
}

/** `model-observation dead-letters list`. @returns the exit code */
export async function deadLettersList(args: string[], out: Output, where: Where = {}): Promise<number> {
  const opened = await open(args, out, where);
  if (typeof opened === 'number') return opened;
  const { options, letters } = opened;
  let count = 0;
  for await (const letter of letters.list()) {
    if (!isChosen(letter, options)) continue;
    count += 1;
    out.stdout.write(options.json ? `${JSON.stringify(jsonOf(letter))}\n` : printable(textOf(letter)));
  }
  await letters.close();
  if (count === 0 && !options.json) out.stdout.write('No dead letters.\n');
  return 0;
}

/** `model-observation dead-letters resend`. @returns the exit code */
export async function deadLettersResend(args: string[], out: Output, where: Where = {}): Promise<number> {
  const opened = await open(args, out, where);
  if (typeof opened === 'number') return opened;
  const { options, letters, loki } = opened;
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  let patience = setTimeout(end, options.giveUpAfterMs);
  let sink: DeadLetterSink | null = null;
  const client = PushClient.to(loki, {
    userAgent: `model-observation/${VERSION}`,
    deadLetters: { add: async (entry, tenant, reason) => sink?.add(entry, tenant, reason) },
    observer: {
      sent() {},
      answered() {},
      retried() {},
      dead() {},
      stored() {
        clearTimeout(patience);
        patience = setTimeout(end, options.giveUpAfterMs);
      },
      trouble: (text, waitMs) => out.stderr.write(`${text} Trying again in ${Math.ceil(waitMs / 1000)} s.\n`),
    },
  });
  try {
    const resent = await resend({
      letters,
      push(tenant, entries, given, signal) {
        sink = given;
        return client.push(tenant, entries, signal);
      },
      choose: (letter) => isChosen(letter, options),
      signal: stop.signal,
    });
    out.stdout.write(options.json ? `${JSON.stringify(summaryOf(resent))}\n` : printable(summaryText(resent)));
    return resent.refused.length > 0 || resent.left > 0 ? 1 : 0;
  } finally {
    clearTimeout(patience);
    process.off('SIGINT', end).off('SIGTERM', end);
    await client.close();
    await letters.close();
  }
}

async function open(
  args: string[],
  out: Output,
  where: Where,
): Promise<{ options: Options; letters: DeadLetters; loki: LokiSettings } | number> {
  const options = parse(args, out);
  if (typeof options === 'number') return options;
  const configured = lokiConfiguration(options.config, out, where);
  if (configured === null) return 1;
  const { settings, loki } = configured;
  const folder = join(settings.dataDir, 'loki', 'dead-letters');
  try {
    return { options, loki, letters: await DeadLetters.open({ folder, maxBytes: loki.deadLetterBytes, owner: false }) };
  } catch (error) {
    out.stderr.write(`${(error as Error).message}: is data_dir right, and may this user read it?\n`);
    return 1;
  }
}

function parse(args: string[], out: Output): Options | number {
  try {
    const { values } = parseArgs({
      args,
      options: {
        id: { type: 'string' },
        reason: { type: 'string' },
        'give-up-after': { type: 'string', default: '1m' },
        config: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      out.stdout.write(USAGE);
      return 0;
    }
    const giveUpAfterMs = parseDuration(values['give-up-after']);
    if (giveUpAfterMs === null || giveUpAfterMs === 0) {
      throw new Error(`--give-up-after must be a time such as 30s or 5m, not "${values['give-up-after']}".`);
    }
    for (const name of ['id', 'reason', 'config'] as const) {
      if (values[name] === '') throw new Error(`--${name} needs a value`);
    }
    const { id = null, reason = null, config, json } = values;
    return { id, reason, giveUpAfterMs, config, json };
  } catch (error) {
    out.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
}

function isChosen(letter: DeadLetter, { id, reason }: Options): boolean {
  if (reason !== null && !letter.reason.includes(reason)) return false;
  return id === null || letter.id === id || callOf(letter) === id;
}

function callOf({ entry }: DeadLetter): string {
  return entry.metadata.find(([name]) => name === 'call_id')?.[1] ?? '';
}

function textOf(letter: DeadLetter): string {
  const { id, tenant, reason, refusedAt, entry } = letter;
  const { log = '', workspace_id = '' } = entry.labels;
  const of = `${log} of call ${callOf(letter)}, workspace ${workspace_id}${tenant === '' ? '' : `, tenant ${tenant}`}`;
  return `${id}  refused ${new Date(refusedAt).toISOString()}\n  ${of}, ${Buffer.byteLength(entry.line)} bytes\n  ${reason}\n`;
}

/** With what Loki was sent: it is content, and whoever lists it may read the files. */
function jsonOf({ id, tenant, reason, refusedAt, entry }: DeadLetter): object {
  return {
    id,
    refused_at: new Date(refusedAt).toISOString(),
    reason,
    tenant,
    timestamp_ns: String(entry.timestampNs),
    labels: entry.labels,
    metadata: Object.fromEntries(entry.metadata),
    line: entry.line,
  };
}

function summaryOf({ arrived, refused, left }: Resent): object {
  return { arrived, refused: refused.map(({ letter, reason }) => ({ id: letter.id, reason })), left };
}

function summaryText({ arrived, refused, left }: Resent): string {
  const lines = [`${arrived} arrived, ${refused.length} refused again, ${left} left.`];
  for (const { letter, reason } of refused) lines.push(`  ${letter.id}  ${reason}`);
  return `${lines.join('\n')}\n`;
}
