import { parseArgs } from 'node:util';
import { moment, parseMoment } from '../config/moment.js';
import { parseDuration } from '../config/quantities.js';
import { IncompleteCall, type WholeCall } from '../projections/loki/reassemble.js';
import { tenantOfWorkspace } from '../projections/loki/tenant.js';
import { AmbiguousCall, findCall } from '../readers/loki/find-call.js';
import { LokiQuery, LokiQueryError } from '../readers/loki/loki-query.js';
import { VERSION } from '../version.js';
import { lokiConfiguration, type Where } from './loki-configuration.js';
import type { Output } from './output.js';
import { printable } from './printable.js';

const USAGE = `usage: model-observation logs get ID [options]

Puts one call together again from its log lines in Loki: who, what and how long, and where the inference log is on the
whole request and response.

  --workspace ID   where several workspaces have a call of that id, or each is a tenant of its own
  --since TIME     how far back to look (7d)
  --from, --to     instead: the call ended between these, such as 2025-01-31 or 2025-01-31T16:00:00Z
  --config FILE    the configuration of the exporter, which says where Loki is
  --json           one JSON object
  --content-only   request and response alone, as one JSON object

Exit code: 0 found, 1 not found, not whole, or no answer from Loki, 2 wrong usage.
`;

const DEFAULT_SINCE = '7d';
/** The clock of this machine may be behind that of the exporter. */
const AHEAD_MS = 5 * 60_000;

interface LogsGet {
  id: string;
  workspace: string | null;
  /** The range as it was asked for, in words. */
  range: string;
  /** ms since the epoch. */
  fromMs: number;
  toMs: number;
  config: string | undefined;
  json: boolean;
  contentOnly: boolean;
}

/**
 * `model-observation logs get ID`.
 * @returns the exit code
 */
export async function logsGet(args: string[], out: Output, where: Where = {}): Promise<number> {
  const command = parse(args, out);
  if (typeof command === 'number') return command;
  const configured = lokiConfiguration(command.config, out, where);
  if (configured === null) return 1;
  const { loki } = configured;
  if (loki.tenantPerWorkspace && command.workspace === null) {
    out.stderr.write(
      'Each workspace is a tenant of its own (loki.tenant_per_workspace): say which with --workspace.\n',
    );
    return 2;
  }
  const tenant = loki.tenantPerWorkspace ? tenantOfWorkspace(command.workspace ?? '') : loki.tenant;
  const query = new LokiQuery({ ...loki, tenant, userAgent: `model-observation/${VERSION}` });
  try {
    const call = await findCall((range) => query.range(range), {
      id: command.id,
      workspace: command.workspace,
      startNs: BigInt(command.fromMs) * 1_000_000n,
      endNs: BigInt(command.toMs) * 1_000_000n,
    });
    if (call === null) {
      out.stderr.write(notFound(command));
      return 1;
    }
    if (command.contentOnly && !hasContent(call)) {
      out.stderr.write(`The call is there, its content is not: ${whyNoContent(call)}\n`);
      return 1;
    }
    if (command.contentOnly) out.stdout.write(`${call.content}\n`);
    else out.stdout.write(command.json ? jsonOf(call) : printable(textOf(call)));
    return 0;
  } catch (error) {
    const isExpected =
      error instanceof LokiQueryError || error instanceof IncompleteCall || error instanceof AmbiguousCall;
    if (!isExpected) throw error;
    out.stderr.write(`${printable(error.message)}\n`);
    return 1;
  } finally {
    await query.close();
  }
}

function parse(args: string[], out: Output): LogsGet | number {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        workspace: { type: 'string' },
        since: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        config: { type: 'string' },
        json: { type: 'boolean', default: false },
        'content-only': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      out.stdout.write(USAGE);
      return 0;
    }
    const [id, more] = positionals;
    if (id === undefined || id === '') throw new Error('Which call? Give its id.');
    if (more !== undefined) throw new Error(`One call at a time, not also "${more}".`);
    for (const name of ['workspace', 'config'] as const) {
      if (values[name] === '') throw new Error(`--${name} needs a value`);
    }
    const { config, json, workspace = null, 'content-only': contentOnly } = values;
    return { id, workspace, ...rangeOf(values), config, json, contentOnly };
  } catch (error) {
    out.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
}

/** @throws Error what is wrong with it */
function rangeOf(given: {
  since?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}): Pick<LogsGet, 'range' | 'fromMs' | 'toMs'> {
  const { since = DEFAULT_SINCE, from, to } = given;
  const now = Date.now();
  if (from === undefined) {
    if (to !== undefined) throw new Error('--to needs --from beside it.');
    const sinceMs = parseDuration(since);
    if (sinceMs === null || sinceMs === 0) {
      throw new Error(`--since must be a time such as 90m, 24h or 7d, not "${since}".`);
    }
    return { range: `in the last ${since}`, fromMs: now - sinceMs, toMs: now + AHEAD_MS };
  }
  if (given.since !== undefined) throw new Error('--since and --from say the same: give one of the two.');
  const fromMs = momentOf('from', from);
  const toMs = to === undefined ? now + AHEAD_MS : momentOf('to', to);
  if (toMs <= fromMs) throw new Error('--to must be later than --from.');
  return { range: to === undefined ? `since ${from}` : `from ${from} to ${to}`, fromMs, toMs };
}

function momentOf(option: string, text: string): number {
  const ms = parseMoment(text);
  if (ms === null) throw new Error(`--${option} must be ${moment.allowed}, not "${text}".`);
  return ms;
}

function notFound({ id, workspace, range }: LogsGet): string {
  const place = workspace === null ? '' : ` in the workspace ${workspace}`;
  return (
    `Loki has no line of a call ${JSON.stringify(id)}${place} ${range}. Was it at another time (--since)? Is the ` +
    "workspace's log off (logs.default, logs.workspaces)?\nDoes the exporter still wait for Loki (/-/ready says so)?\n"
  );
}

/** Content stands in it as it stands in Loki, to the byte. */
function jsonOf({ head, content }: WholeCall): string {
  const opened = JSON.stringify(head).slice(0, -1);
  return content === null || content === '{}' ? `${opened}}\n` : `${opened},${content.slice(1)}\n`;
}

function textOf({ head, content }: WholeCall): string {
  const width = Math.max(...Object.keys(head).map((name) => name.length));
  const lines = Object.entries(head).map(
    ([name, value]) => `${name.padEnd(width)}  ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  if (!hasContent({ head, content })) return `${lines.join('\n')}\n\nNo content: ${whyNoContent({ head, content })}\n`;
  const sides = Object.entries(JSON.parse(content ?? '{}') as Record<string, unknown>);
  const parts = sides.map(([name, value]) => `\n${name}\n${JSON.stringify(value, null, 2)}`);
  return `${[...lines, ...parts].join('\n')}\n`;
}

/** A call whose content was withheld has an inference log with neither side. */
function hasContent({ content }: WholeCall): boolean {
  return content !== null && content !== '{}';
}

function whyNoContent({ head, content }: WholeCall): string {
  if (typeof head.withheld === 'string') return `it was withheld, ${head.withheld}.`;
  return content === null ? 'there is no inference log of this call.' : 'neither request nor response was sent.';
}
