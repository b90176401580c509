import type { AskedQuery } from './asked-panels.js';
import { BASIC } from './sample-traffic.js';

type Chosen = Readonly<Record<string, string>>;

/** Queries that may find nothing, and why. Keys are `<dashboard>: <panel>`, with or without the letter of the query. */
const EMPTY: Readonly<Record<string, string>> = {
  'Exporter Health: Exporters B': 'none is down',
};

/** The same where a workspace with basic monitoring is looked at. */
const EMPTY_WHEN_BASIC: Readonly<Record<string, string>> = {
  'Model Monitor: Failures by status and error code': 'error codes are not counted',
};

/** Whether a variable may have nothing to choose from: of basic monitoring there are no error codes. */
export function isEmptyVariable(name: string, { workspace }: Chosen): boolean {
  return workspace === BASIC && (name === 'status_code' || name === 'error_code');
}

/** Why a query may find nothing, or null where it may not. */
export function reasonToBeEmpty(query: AskedQuery, asked: readonly AskedQuery[], { workspace }: Chosen): string | null {
  const panel = query.name.slice(0, query.name.lastIndexOf(' '));
  const named = EMPTY[query.name] ?? EMPTY[panel];
  if (named !== undefined) return named;
  if (otherHalf(query, asked)?.found.length) return 'it is either more or less than before';
  if (workspace !== BASIC) return null;
  if (/_bucket\b/.test(query.target.expr)) return 'there are no buckets';
  if (/\b(model_alert_level|ALERTS)\b/.test(query.target.expr)) return 'there are no alerts';
  return EMPTY_WHEN_BASIC[panel] ?? null;
}

/** Of `now ÷ before - 1 >= 0` the query for less, and the other way round. */
function otherHalf({ panel, target }: AskedQuery, asked: readonly AskedQuery[]): AskedQuery | undefined {
  const isMore = (expr: string) => / - 1 >= 0$/.test(expr);
  const isLess = (expr: string) => /^1 - .* > 0$/s.test(expr);
  const wanted = isMore(target.expr) ? isLess : isLess(target.expr) ? isMore : () => false;
  return asked.find((other) => other.panel === panel && wanted(other.target.expr));
}
