import { labelText } from '../../projections/loki/label-text.js';
import { quotedForLoki } from '../../projections/loki/push/stream.js';
import { IncompleteCall, reassemble, type WholeCall } from '../../projections/loki/reassemble.js';
import type { FoundLine, QueryRange } from './loki-query.js';

export interface CallSearch {
  readonly id: string;
  /** null = in any. */
  readonly workspace: string | null;
  /** ns since the epoch. */
  readonly startNs: bigint;
  readonly endNs: bigint;
}

/** Several workspaces have a call of that id. */
export class AmbiguousCall extends Error {
  override readonly name = 'AmbiguousCall';
  constructor(readonly workspaces: readonly string[]) {
    super(`Calls of that id are in the workspaces ${workspaces.join(', ')}: say which with --workspace.`);
  }
}

/**
 * Lines of 200 KB: a page of so many stays below the 4 MiB that a Loki with default settings hands over in one message.
 */
const PAGE = 12;
/** Of audit and inference log: one each, and what Loki gives twice. */
const HEADS = 20;

/**
 * One call, put together from its log lines.
 * @param range asks Loki, see `LokiQuery`
 * @returns null where there is no line of it in that time
 * @throws AmbiguousCall, IncompleteCall, LokiQueryError
 */
export async function findCall(
  range: (query: QueryRange) => Promise<FoundLine[]>,
  { id, workspace, startNs, endNs }: CallSearch,
): Promise<WholeCall | null> {
  const queryOf = (log: string): string => {
    const labels = ['service_name="model-observation"', `log=~"${log}"`];
    if (workspace !== null) labels.push(`workspace_id=${quotedForLoki(labelText(workspace))}`);
    return `{${labels.join(', ')}} | call_id=${quotedForLoki(id)}`;
  };
  const heads = await range({ query: queryOf('audit|inference'), startNs, endNs, limit: HEADS });
  const workspaces = [...new Set(heads.map(({ fields }) => fields.workspace_id ?? ''))].sort();
  if (workspaces.length > 1) throw new AmbiguousCall(workspaces);
  const whole = (parts: readonly FoundLine[]): WholeCall | null =>
    reassemble([...heads, ...parts].map(({ line, fields }) => ({ log: fields.log ?? '', line, fields })));

  const opened = heads.find(({ fields }) => fields.log === 'inference');
  const expected = opened === undefined ? 0 : partsIn(opened.line);
  if (opened === undefined || expected === 0) return whole([]);
  const query = queryOf('inference_part');
  // Where they were put: 1 ns apart behind it.
  const { timestampNs } = opened;
  const near = await pages(range, query, timestampNs, timestampNs + BigInt(expected) + 1n);
  try {
    return whole(near);
  } catch (error) {
    if (!(error instanceof IncompleteCall)) throw error;
  }
  // Parts that were dead letters stand at the time at which they were sent again.
  return whole(await pages(range, query, startNs, endNs));
}

function partsIn(line: string): number {
  try {
    const { parts } = JSON.parse(line) as { parts?: unknown };
    return typeof parts === 'number' ? parts : 0;
  } catch {
    // Whoever puts it together says so.
    return 0;
  }
}

async function pages(
  range: (query: QueryRange) => Promise<FoundLine[]>,
  query: string,
  startNs: bigint,
  endNs: bigint,
): Promise<FoundLine[]> {
  const found: FoundLine[] = [];
  let from = startNs;
  for (;;) {
    const page = await range({ query, startNs: from, endNs, limit: PAGE });
    found.push(...page);
    if (page.length < PAGE) return found;
    // No two parts of a call have the same time, but Loki may give the last one twice.
    from = page.at(-1)!.timestampNs + 1n;
  }
}
