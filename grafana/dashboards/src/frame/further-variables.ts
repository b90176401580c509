import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PROMETHEUS } from './datasources.js';

type Variable = Builder<VariableModel>;

const ALL = { text: 'All', value: '$__all' };

/** Several of the values of a label that Prometheus has; others can be typed in. */
export function labelVariable(name: string, title: string, source: string, label: string): Variable {
  const query = `label_values(${source}, ${label})`;
  return new QueryVariableBuilder(name)
    .label(title)
    .datasource(PROMETHEUS)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allowCustomValue(true)
    .allValue('.*')
    .current(ALL);
}

/** Several of fixed values, all by default. */
export function choiceVariable(name: string, title: string, values: readonly string[]): Variable {
  const options = [{ ...ALL, selected: true }, ...values.map((value) => ({ text: value, value, selected: false }))];
  return new CustomVariableBuilder(name)
    .label(title)
    .values(values.join(','))
    .options(options)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current(ALL);
}

/** One of fixed values, by the text that people choose; the first is chosen. */
export function oneOfVariable(name: string, title: string, choices: Readonly<Record<string, string>>): Variable {
  const options = Object.entries(choices).map(([text, value], index) => ({ text, value, selected: index === 0 }));
  return new CustomVariableBuilder(name)
    .label(title)
    .values(options.map(({ text, value }) => `${text} : ${value}`).join(', '))
    .options(options)
    .multi(false)
    .includeAll(false)
    .current(options[0]!);
}

/** Something to type in; empty at first. */
export function textVariable(name: string, title: string): Variable {
  return new TextBoxVariableBuilder(name).label(title).defaultValue('').current({ text: '', value: '' });
}
