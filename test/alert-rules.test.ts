// Prometheus' own verdict on the compiled alerts: every official template through every scenario, evaluated by promtool.
import { availableParallelism } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Rule } from '../exporter/alerts/model/alerts.js';
import type { AlertLevel } from '../exporter/alerts/model/levels.js';
import { compileRules } from '../exporter/alerts/rules/compile.js';
import { alertsOf, ruleOf } from '../exporter/alerts/rules/testdata/alerts.js';
import { OFFICIAL_TEMPLATES } from '../exporter/alerts/templates/official.js';
import { type Answer, runProgram, writeRuleTests } from './alert-scenarios/promtool.js';
import { SCENARIOS, type Scenario, type TemplateCase, type Thresholds } from './alert-scenarios/scenario.js';
import { TEMPLATE_CASES } from './alert-scenarios/template-cases.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { temporaryFolder } from './harness/temporary-folder.js';

const MINUTE = 60_000;
const cases = Object.entries(TEMPLATE_CASES);

it.each([...OFFICIAL_TEMPLATES.keys()])('%s has its thresholds and every scenario', (name) => {
  const known = TEMPLATE_CASES[name];
  const [condition] = OFFICIAL_TEMPLATES.get(name)?.conditions ?? [];
  expect(known, `${name} has no scenarios: write them in test/alert-scenarios/template-cases.ts`).toBeDefined();
  expect(condition?.thresholds).toEqual(byLevel(known?.thresholds ?? {}));
  expect(Object.keys(known?.scenarios ?? {})).toEqual(SCENARIOS.slice());
  for (const [scenario, { checks, subjects }] of scenariosOf(known)) {
    expect(checks.length, scenario).toBeGreaterThan(0);
    expect(subjects.length, scenario).toBeGreaterThan(0);
  }
});

describe.runIf(hasPrograms('promtool'))('official templates, by promtool', () => {
  const answers = new Map<string, Answer>();

  beforeAll(async () => {
    const folder = await temporaryFolder('alert-rules');
    // Days of history first: they take longest.
    const waiting = cases.toSorted(([, one], [, other]) => other.interval - one.interval);
    const work = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        answers.set(next[0], await runProgram('promtool', ['test', 'rules', await written(folder, ...next)]));
      }
    };
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, work));
  }, 180_000);

  describe.each(cases)('%s', (name, given) => {
    it.each(scenariosOf(given).map(([scenario, { instead }]) => [scenario, instead ?? 'as everywhere'] as const))(
      '%s (%s)',
      (scenario) => {
        const failures = failuresIn(answers.get(name)?.output ?? '');
        expect(failures.filter((text) => text.includes(`workspace_id="${scenario}/`)).join('\n')).toBe('');
      },
    );

    it('ends well', () => {
      expect(answers.get(name)?.output).toMatch(/SUCCESS\s*$/);
      expect(answers.get(name)?.code).toBe(0);
    });
  });

  it('would be noticed with another threshold', async () => {
    const folder = await temporaryFolder('alert-rules-changed');
    const given = TEMPLATE_CASES['failure-rate'] as TemplateCase;
    const path = await written(folder, 'failure-rate', given, (rules) => rules.replaceAll('> 0.05', '> 0.06'));
    const { output, code } = await runProgram('promtool', ['test', 'rules', path]);
    expect(code).not.toBe(0);
    expect(failuresIn(output).some((text) => text.includes('workspace_id="each level/m"'))).toBe(true);
  });
});

/** The rules under which each template is tested: as it is, with a long `for`, with `clear_at`, with a hold. */
function rulesOf(
  name: string,
  { forMinutes, holdMinutes, clearAt, budget = null }: Omit<TemplateCase, 'budget'> & { budget?: Rule['budget'] },
): Rule[] {
  const forMs = forMinutes.plain * MINUTE;
  const rules = [
    ruleOf(name, { name: 'plain', forMs, budget }),
    ruleOf(name, { name: 'patient', forMs: forMinutes.patient * MINUTE, budget }),
    ruleOf(name, { name: 'held', forMs, holdMs: holdMinutes * MINUTE, budget }),
  ];
  if (Object.keys(clearAt).length === 0) return rules;
  return [...rules, ruleOf(name, { name: 'steady', forMs, clearAt: byLevel(clearAt), budget })];
}

async function written(
  folder: string,
  name: string,
  given: TemplateCase,
  changed = (rules: string) => rules,
): Promise<string> {
  const scenarios = scenariosOf(given).map(([, scenario]) => scenario);
  const minutesOf = ({ checks }: Scenario) =>
    Math.max(...checks.map(({ eval_time }) => Number.parseInt(eval_time, 10)));
  const longest = Math.max(...scenarios.map(minutesOf));
  const isLong = (scenario: Scenario) => minutesOf(scenario) > longest / 2;
  return writeRuleTests(folder, {
    name,
    rules: changed(compileRules(alertsOf(rulesOf(name, given)))),
    recorded: given.recorded,
    evaluation: given.evaluation,
    // Long histories apart, so that short ones are not evaluated to their end.
    tests: [scenarios.filter((scenario) => !isLong(scenario)), scenarios.filter(isLong)].map((group) => ({
      interval: given.interval,
      subjects: group.flatMap(({ subjects }) => subjects),
      checks: group.flatMap(({ checks }) => checks),
    })),
  });
}

function scenariosOf(given: TemplateCase | undefined): [string, Scenario][] {
  return given === undefined ? [] : Object.entries({ ...given.scenarios, ...given.more });
}

function byLevel(thresholds: Thresholds): Map<AlertLevel, number> {
  return new Map(Object.entries(thresholds) as [AlertLevel, number][]);
}

/** What promtool says of each expression that is not as expected. */
function failuresIn(output: string): string[] {
  return output
    .replaceAll('\\"', '"')
    .split(/\n(?=\s*expr: )/)
    .filter((text) => /^\s*expr: /.test(text));
}
