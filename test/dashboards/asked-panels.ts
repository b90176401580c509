import {
  type DashboardFile,
  isInstant,
  isLogql,
  type PanelOfFile,
  panelsOf,
  type TargetOfFile,
} from '../../grafana/dashboards/src/reading/dashboard-file.js';
import { interpolated, rangeOfTarget } from '../../grafana/dashboards/src/reading/interpolation.js';
import { rangeOf } from '../../grafana/dashboards/src/reading/time-range.js';
import { type VariableSource, variableValues } from '../../grafana/dashboards/src/reading/variable-values.js';
import type { PrometheusProcess } from '../harness/prometheus-process.js';
import { isEmptyVariable } from './empty-panels.js';

/** What somebody looks at. */
export interface View {
  /** Epoch seconds. */
  readonly start: number;
  readonly end: number;
  /** Variables that something was chosen for; the others are all, or the first. */
  readonly chosen: Readonly<Record<string, string>>;
}

/** What one query of a panel answered. */
export interface AskedQuery {
  readonly panel: PanelOfFile;
  readonly target: TargetOfFile;
  /** `<dashboard>: <panel> <letter>` */
  readonly name: string;
  /** With its variables filled in. */
  readonly promql: string;
  /** The label sets of what was found; those of its values that are no numbers are not. */
  readonly found: readonly Readonly<Record<string, string>>[];
  readonly error?: string;
}

/** Every Prometheus query of a dashboard, asked as Grafana asks it. */
export async function askedPanels(
  dashboard: DashboardFile,
  server: PrometheusProcess,
  { start, end, chosen }: View,
): Promise<AskedQuery[]> {
  const variables = await variableValues(dashboard, sourceOf(server), rangeOf(start, end), chosen, (name) =>
    isEmptyVariable(name, chosen),
  );
  const asked: AskedQuery[] = [];
  for (const panel of panelsOf(dashboard)) {
    for (const target of (panel.targets ?? []).filter((candidate) => !isLogql(candidate))) {
      const name = `${dashboard.title}: ${panel.title} ${target.refId}`;
      try {
        const range = rangeOfTarget(start, end, panel, target, variables);
        const promql = interpolated(target.expr, variables, range);
        const found = isInstant(target)
          ? await server.query(promql, end)
          : await server.queryRange(promql, { start, end, stepSeconds: range.intervalMs / 1000 });
        asked.push({ panel, target, name, promql, found: found.filter(hasNumber).map(({ metric }) => metric) });
      } catch (error) {
        asked.push({ panel, target, name, promql: '', found: [], error: (error as Error).message });
      }
    }
  }
  return asked;
}

/** The annotations of a dashboard, of which some find nothing and must only be understood. */
export async function annotationErrors(
  dashboard: DashboardFile,
  server: PrometheusProcess,
  { start, end, chosen }: View,
): Promise<string[]> {
  const variables = await variableValues(dashboard, sourceOf(server), rangeOf(start, end), chosen, (name) =>
    isEmptyVariable(name, chosen),
  );
  const errors: string[] = [];
  for (const { name, expr } of dashboard.annotations?.list ?? []) {
    if (expr === undefined) continue;
    try {
      const promql = interpolated(expr, variables, rangeOf(start, end));
      await server.queryRange(promql, { start, end, stepSeconds: 60 });
    } catch (error) {
      errors.push(`${dashboard.title}: annotation ${name}: ${(error as Error).message}`);
    }
  }
  return errors;
}

/** Labels that the answers to each panel's queries have, for its links. */
export function labelsByPanel(asked: readonly AskedQuery[]): ReadonlyMap<PanelOfFile, ReadonlySet<string>> {
  const labels = new Map<PanelOfFile, Set<string>>();
  for (const { panel, found } of asked) {
    const names = labels.get(panel) ?? new Set();
    labels.set(panel, names);
    for (const metric of found) for (const name of Object.keys(metric)) names.add(name);
  }
  return labels;
}

function sourceOf(server: PrometheusProcess): VariableSource {
  return {
    series: (selector) => server.series(selector),
    query: (promql, { end }) => server.query(promql, end),
  };
}

function hasNumber(found: { value: number } | { values: readonly (readonly [number, number])[] }): boolean {
  return 'values' in found ? found.values.some(([, value]) => !Number.isNaN(value)) : !Number.isNaN(found.value);
}
