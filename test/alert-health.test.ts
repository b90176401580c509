// The exporter's own alerts, evaluated by promtool: each is quiet, fires, and ends.
import { beforeAll, describe, expect, it } from 'vitest';
import { HEALTH_ALERTS } from '../exporter/alerts/health/health-alerts.js';
import { compileRules } from '../exporter/alerts/rules/compile.js';
import { alertsOf } from '../exporter/alerts/rules/testdata/alerts.js';
import { HEALTH_SCENARIOS } from './alert-scenarios/health-scenarios.js';
import { type Answer, runProgram, writeRuleTests } from './alert-scenarios/promtool.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { temporaryFolder } from './harness/temporary-folder.js';

const names = Object.keys(HEALTH_SCENARIOS);

it('all of them have a scenario, at each level', () => {
  expect(names.toSorted()).toEqual([...new Set(HEALTH_ALERTS.map(({ name }) => name))].toSorted());
  for (const name of names) {
    const levels = HEALTH_ALERTS.filter((alert) => alert.name === name).map(({ level }) => level);
    expect(HEALTH_SCENARIOS[name]?.levels, name).toEqual(levels.toSorted());
  }
});

describe.runIf(hasPrograms('promtool'))("the exporter's own alerts, by promtool", () => {
  let answer: Answer;

  beforeAll(async () => {
    const tests = Object.entries(HEALTH_SCENARIOS).map(([name, { series, levels, ends }]) => {
      const firing = `count by (level) (ALERTS{rule="${name}",template="exporter",alertstate="firing"})`;
      const samples = levels.map((level) => ({ labels: `{level="${level}"}`, value: 1 }));
      return {
        interval: 60,
        subjects: [],
        series,
        checks: [
          { expr: firing, eval_time: '28m', exp_samples: [] },
          { expr: firing, eval_time: '58m', exp_samples: samples },
          { expr: firing, eval_time: `${61 + ends}m`, exp_samples: [] },
          {
            expr: 'count(ALERTS{alertname="Watchdog",rule="",level="",alertstate="firing"})',
            eval_time: '5m',
            exp_samples: [{ labels: '{}', value: 1 }],
          },
        ],
      };
    });
    const rules = compileRules(alertsOf([]));
    const file = { name: 'health', rules, recorded: [], evaluation: 1, tests };
    answer = await runProgram('promtool', [
      'test',
      'rules',
      await writeRuleTests(await temporaryFolder('alert-health'), file),
    ]);
  });

  it.each(names)('%s is quiet, fires, and ends', (name) => {
    const failures = answer.output.replaceAll('\\"', '"').split(/\n(?=\s*expr: )/);
    expect(failures.filter((text) => /^\s*expr: /.test(text) && text.includes(`rule="${name}"`)).join('\n')).toBe('');
  });

  it('and nothing else is wrong', () => {
    expect(answer.output).toMatch(/SUCCESS\s*$/);
    expect(answer.code).toBe(0);
  });
});
