/** The budget of a day: what is spent stays spent for 24 hours, and then goes. Its alerts are of a workspace, their model is `*`. */
import { cost, plainCalls } from './amounts.js';
import type { Segment, Subject } from './input-series.js';
import { levelsIn, Story, together, zero } from './ratio-scenarios.js';
import type { Scenario, TemplateCase, Thresholds } from './scenario.js';

const HOUR = 60;
const BUDGET = 100;

/** An hour in which a share of the budget is spent. */
function spends(share: number, given: Partial<Segment> = {}): Segment {
  return { minutes: HOUR, amounts: cost((share * BUDGET) / HOUR), ...given };
}

/** Hours of calls that cost nothing. */
function idles(hours: number): Segment {
  return { minutes: hours * HOUR, amounts: plainCalls(1) };
}

export function budgetCase(thresholds: Thresholds): TemplateCase {
  const levels = levelsIn(thresholds);
  const story = (scenario: string, name: string) => new Story(`${scenario}/${name}`, '*', levels);
  const all = (stories: readonly (readonly [Story, Partial<Subject>?])[], instead?: string): Scenario =>
    together(
      stories.map(([told, given]) => [told, { model: 'qwen-plus', ...given }]),
      instead,
    );

  const stairs = story('each level', 'w');
  for (const [level, share] of [
    ['normal', 0.525],
    ['warning', 0.315],
    ['error', 0.21],
    ['critical', 0.525],
  ] as const) {
    stairs.goesOn(spends(share)).goesOn(idles(1.5)).expects('plain', level);
  }

  return {
    thresholds,
    recorded: ['hour'],
    interval: 60,
    evaluation: 2,
    forMinutes: { plain: 4, patient: 4 * HOUR },
    holdMinutes: 3 * HOUR,
    clearAt: { normal: 0.4, warning: 0.64, error: 0.8, critical: 1.2 },
    budget: { amount: BUDGET, currency: 'USD' },
    scenarios: {
      below: all([
        [
          story('below', 'w')
            .goesOn({ minutes: 30 * HOUR, amounts: cost((0.475 * BUDGET) / 1440) })
            .expects('plain', 'none')
            .expectsNever('plain', 'pending or firing'),
        ],
      ]),
      'each level': all([[stairs]]),
      'not held long enough': all([
        [
          story('not held long enough', 'short')
            .goesOn(spends(0.45))
            .goesOn(idles(22))
            .goesOn(spends(0.45))
            .expectsPending('patient', 'normal')
            .goesOn(idles(6))
            .expects('patient', 'none')
            .expectsNever('patient', 'firing'),
        ],
        [story('not held long enough', 'long').goesOn(spends(0.6)).goesOn(idles(6)).expects('patient', 'normal')],
      ]),
      recovered: all([
        [
          story('recovered', 'w')
            .goesOn(spends(1.6))
            .goesOn(idles(20))
            .expects('plain', 'critical')
            .goesOn(idles(5.5))
            .expects('plain', 'none')
            .expects('held', 'critical')
            .goesOn(idles(4))
            .expects('held', 'none'),
        ],
      ]),
      flapping: all([
        [
          story('flapping', 'w')
            .goesOn(spends(0.1))
            .goesOn(idles(3))
            .goesOn(spends(0.425))
            .goesOn(idles(2))
            .expects('plain', 'normal')
            .expects('steady', 'normal')
            .goesOn(idles(19))
            .expects('plain', 'none')
            .expects('steady', 'normal')
            .goesOn(spends(0.1))
            .goesOn(idles(1.25))
            .expects('plain', 'normal', 20)
            .expects('steady', 'normal', 20)
            .goesOn(idles(4))
            .expects('plain', 'none')
            .expects('steady', 'none'),
        ],
      ]),
      'no data': all([
        [
          story('no data', 'gone')
            .goesOn(spends(0.6))
            .goesOn(idles(2))
            .expects('plain', 'normal')
            .goesOn({ minutes: 26 * HOUR, amounts: null })
            .expects('plain', 'unknown'),
        ],
        [
          story('no data', 'quiet')
            .goesOn(spends(0.6))
            .goesOn({ minutes: 20 * HOUR, amounts: {} })
            .expects('plain', 'normal')
            .goesOn({ minutes: 6 * HOUR, amounts: {} })
            .expects('plain', 'none'),
        ],
      ]),
      'too few calls': all(
        [
          [
            story('too few calls', 'one dear call')
              .goesOn({ minutes: 10, amounts: zero(cost(1)) })
              .goesOn({ minutes: 1, amounts: cost(60) })
              .goesOn({ minutes: 2 * HOUR + 1, amounts: {} })
              .expects('plain', 'normal'),
          ],
          [
            story('too few calls', 'other currency')
              .goesOn({ minutes: 3 * HOUR, amounts: cost(10, 'CNY') })
              .expects('plain', 'none')
              .expectsNever('plain', 'pending or firing'),
          ],
        ],
        'Money that one call has spent is spent. What is left out is money of another currency.',
      ),
      'counter restart': all([
        [
          story('counter restart', 'spent')
            .goesOn(spends(0.6))
            .goesOn(idles(2))
            .expects('plain', 'normal')
            .goesOn({ ...idles(2), restarts: true })
            .expects('plain', 'normal', 118)
            .expects('plain', 'normal'),
        ],
        [
          story('counter restart', 'calm')
            .goesOn(spends(0.45))
            .goesOn({ ...idles(4), restarts: true })
            .expects('plain', 'none')
            .expectsNever('plain', 'pending or firing'),
        ],
      ]),
      born: all([
        [
          story('born', 'bad')
            .goesOn({ minutes: 2 * HOUR, amounts: null })
            .expects('plain', 'unknown')
            .goesOn({ minutes: 2, amounts: zero(cost(1)) })
            .goesOn(spends(0.54))
            .goesOn(idles(1.5))
            .expects('plain', 'normal'),
        ],
        [
          story('born', 'good')
            .goesOn({ minutes: 2 * HOUR, amounts: null })
            .goesOn({ minutes: 2, amounts: zero(cost(1)) })
            .goesOn(spends(0.46))
            .goesOn(idles(1.5))
            .expects('plain', 'none')
            .expectsNever('plain', 'pending or firing'),
        ],
      ]),
      'basic mode': all([
        [
          story('basic mode', 'basic')
            .goesOn(spends(2))
            .goesOn(idles(2))
            .expects('plain', 'unknown')
            .expectsNever('plain', 'pending or firing'),
          { monitoring: 'basic' },
        ],
        [story('basic mode', 'advanced').goesOn(spends(2)).goesOn(idles(2)).expects('plain', 'critical')],
      ]),
      'late records': all([
        [
          story('late records', 'late')
            .goesOn(spends(2))
            .goesOn(idles(2))
            .expects('plain', 'none')
            .expectsNever('plain', 'pending or firing'),
          { late: 0.3 },
        ],
        [
          story('late records', 'punctual').goesOn(spends(2)).goesOn(idles(2)).expects('plain', 'critical'),
          { late: 0.1 },
        ],
      ]),
    },
    more: { 'two models': twoModels(levels) },
  };
}

/** A workspace spends with all its models together. */
function twoModels(levels: ReturnType<typeof levelsIn>): Scenario {
  const told = new Story('two models/w', '*', levels).goesOn(spends(0.3)).goesOn(idles(1.5)).expects('plain', 'normal');
  const { segments } = told;
  return {
    subjects: [
      { workspace: 'two models/w', model: 'qwen-plus', segments },
      { workspace: 'two models/w', model: 'qwen-max', segments },
    ],
    checks: told.checks,
  };
}
