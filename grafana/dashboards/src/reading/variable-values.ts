import type { DashboardFile, VariableOfFile } from './dashboard-file.js';
import { interpolated, type VariableValue, type VariableValues } from './interpolation.js';
import type { TimeRange } from './time-range.js';

/** What variables are asked of: Prometheus or, for those of logs, Loki. */
export interface VariableSource {
  /** The label sets that a selector matches in the range. */
  series(selector: string, range: TimeRange): Promise<readonly Readonly<Record<string, string>>[]>;
  /** The answer to a query at the end of the range. */
  query(
    promql: string,
    range: TimeRange,
  ): Promise<readonly { readonly metric: Readonly<Record<string, string>>; readonly value: number }[]>;
}

/**
 * The variables of a dashboard as Grafana fills them: each by its own query, in turn, since later ones depend on earlier ones. What is
 * chosen for a variable stands for what somebody clicked; otherwise it is all, or the first.
 *
 * @param mayBeEmpty variables that have nothing to choose from but all
 * @throws naming the variable, when its query fails or finds nothing to choose
 */
export async function variableValues(
  { title, templating }: DashboardFile,
  source: VariableSource,
  range: TimeRange,
  chosen: Readonly<Record<string, string>> = {},
  mayBeEmpty: (name: string) => boolean = () => false,
): Promise<VariableValues> {
  const values = new Map<string, VariableValue>();
  for (const variable of templating.list) {
    try {
      const value = await filledFrom(variable, values, source, range, chosen[variable.name]);
      if (value === null && !mayBeEmpty(variable.name)) throw new Error(`nothing to choose from: ${variable.query}`);
      values.set(variable.name, value ?? ALL);
    } catch (error) {
      throw new Error(`${title}: variable ${variable.name}: ${(error as Error).message}`, { cause: error });
    }
  }
  return values;
}

const ALL: VariableValue = { values: ['.*'], isMulti: true, isRaw: true };

async function filledFrom(
  variable: VariableOfFile,
  before: VariableValues,
  source: VariableSource,
  range: TimeRange,
  chosen: string | undefined,
): Promise<VariableValue | null> {
  const { type, multi = false, includeAll = false, allValue, current } = variable;
  if (type !== 'query') {
    const value = chosen ?? [current?.value ?? ''].flat()[0]!;
    if (value === '$__all') return { values: [allValue ?? '.*'], isMulti: multi, isRaw: true };
    return { values: [value], isMulti: multi };
  }
  const options = await optionsOf(variable, before, source, range);
  if (options.length === 0) return null;
  if (chosen !== undefined) {
    if (!options.includes(chosen)) throw new Error(`${chosen} cannot be chosen, but ${options.join(', ')}`);
    return { values: [chosen], isMulti: multi };
  }
  if (includeAll) return { values: [allValue ?? '.*'], isMulti: multi, isRaw: true };
  return { values: [options[0]!], isMulti: multi };
}

async function optionsOf(
  { query = '', regex = '' }: VariableOfFile,
  before: VariableValues,
  source: VariableSource,
  range: TimeRange,
): Promise<string[]> {
  const filledIn = interpolated(query, before, range);
  const [, selector = '', label = ''] = /^label_values\((.*), *(\w+)\)$/s.exec(filledIn) ?? [];
  if (selector !== '') {
    const series = await source.series(selector, range);
    return [...new Set(series.flatMap((labels) => labels[label] ?? []))].toSorted();
  }
  const [, expression] = /^query_result\((.*)\)$/s.exec(filledIn) ?? [];
  if (expression === undefined) throw new Error(`unknown kind of query: ${query}`);
  const [, pattern = '(.*)'] = /^\/(.*)\/$/.exec(regex) ?? [];
  const answers = await source.query(expression, range);
  return answers.flatMap(({ metric, value }) => {
    const labels = Object.entries(metric).map(([name, text]) => `${name}="${text}"`);
    return new RegExp(pattern).exec(`{${labels.join(',')}} ${value}`)?.[1] ?? [];
  });
}
