import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileRules } from '../../../../exporter/alerts/rules/compile.js';
import { alertsOf, ruleOf } from '../../../../exporter/alerts/rules/testdata/alerts.js';
import { chosenLevels } from './alert-levels.js';
import { alertLevel } from './alert-series.js';

it.each([alertLevel(), chosenLevels()])('%s reads a series that the compiler makes, by labels that it has', (asked) => {
  const { groups } = parse(compileRules(alertsOf([ruleOf('failure-rate')]))) as { groups: { rules: Made[] }[] };
  const [, name = '', matchers = ''] = /^(\w+){(.*)}$/.exec(asked) ?? [];
  const made = groups.flatMap(({ rules }) => rules).find(({ record }) => record === name);
  const [, by = ''] = /^max by \(([^)]+)\)/.exec(made?.expr ?? '') ?? [];
  const labels = [...by.split(', '), ...Object.keys(made?.labels ?? {})];
  const wanted = [...matchers.matchAll(/(\w+)=~/g)].map(([, label]) => label as string);
  expect(wanted.length).toBeGreaterThan(1);
  expect(labels).toEqual(expect.arrayContaining(wanted));
});

interface Made {
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}
