import { parseArgs } from 'node:util';
import { parseDuration } from '../config/quantities.js';
import { IncompleteCall, type WholeCall } from '../projections/loki/reassemble.js';
import { tenantOfWorkspace } from '../projections/loki/tenant.js';
import { AmbiguousCall, findCall } from '../readers/loki/find-call.js';
import { LokiQuery, LokiQueryError } from '../readers/loki/loki-query.js';
import { VERSION } from '../version.js';
import { lokiConfiguration, type Where } from './loki-configuration.js';
import type { Output } from './output.js';

const USAGE = `usage: model-observation logs get ID [options]

Puts one call together again from its log lines in Loki: who, what and how long, and where the inference log is on the
whole request and response.

  --workspace ID   where several workspaces have a call of that id, or each is a tenant of its own
  --since TIME     how far back to look (7d)
  --config FILE    the configuration of the exporter, which says where Loki is
  --json           one JSON object

Exit code: 0 found, 1 not found, not whole, or no answer from Loki, 2 wrong usage.
`;

const DEFAULT_SINCE = '7d';
/** The clock of this machine may be behind that of the exporter. */
const AHEAD_MS = 5 * 60_000;

interface LogsGet {
  id: string;
  workspace: string | null;
  since: string;
  sinceMs: number;
  config: string | undefined;
  json: boolean;
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
    const now = Date.now();
    const call = await findCall((range) => query.range(range), {
      id: command.id,
      workspace: command.workspace,
      startNs: BigInt(now - command.sinceMs) * 1_000_000n,
      endNs: BigInt(now + AHEAD_MS) * 1_000_000n,
    });
    if (call === null) {
      out.stderr.write(notFound(command));
      return 1;
    }
    out.stdout.write(command.json ? jsonOf(call) : textOf(call));
    return 0;
  } catch (error) {
    const isExpected =
      error instanceof LokiQueryError || error instanceof IncompleteCall || error instanceof AmbiguousCall;
    if (!isExpected) throw error;
    out.stderr.write(`${error.message}\n`);
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
        since: { type: 'string', default: DEFAULT_SINCE },
        config: { type: 'string' },
        json: { type: 'boolean', default: false },
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
    const sinceMs = parseDuration(values.since);
    if (sinceMs === null || sinceMs === 0) {
      throw new Error(`--since must be a time such as 90m, 24h or 7d, not "${values.since}".`);
    }
    const { since, config, json, workspace = null } = values;
    return { id, workspace, since, sinceMs, config, json };
  } catch (error) {
    out.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
}

function notFound({ id, workspace, since }: LogsGet): string {
  const place = workspace === null ? '' : ` in the workspace ${workspace}`;
  return (
    `Loki has no line of a call ${JSON.stringify(id)}${place} in the last ${since}. Was it longer ago (--since)? Is the ` +
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
  if (content === null) return `${lines.join('\n')}\n\nNo content: there is no inference log of this call.\n`;
  const sides = Object.entries(JSON.parse(content) as Record<string, unknown>);
  const parts = sides.map(([name, value]) => `\n${name}\n${JSON.stringify(value, null, 2)}`);
  return `${[...lines, ...parts].join('\n')}\n`;
}
