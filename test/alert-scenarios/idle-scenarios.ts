/** No traffic: seconds since the last call of a model that had calls at this hour yesterday, or in the hour before where it has no yesterday. */
import { plainCalls } from './amounts.js';
import type { Segment } from './input-series.js';
import { levelsIn, Story, together, zero } from './ratio-scenarios.js';
import type { TemplateCase, Thresholds } from './scenario.js';

const HOUR = 60;
const DAY = 24 * HOUR;

function calls(minutes: number, perHour = 120, given: Partial<Segment> = {}): Segment {
  return { minutes, amounts: plainCalls(perHour / 60), ...given };
}

function quiet(minutes: number): Segment {
  return { minutes, amounts: {} };
}

export function idleCase(thresholds: Thresholds): TemplateCase {
  const levels = levelsIn(thresholds);
  const story = (scenario: string, model: string) => new Story(`${scenario}/${model}`, model, levels);

  const pauses = story('below', 'pauses').goesOn(calls(2 * HOUR));
  for (let time = 0; time < 6; time += 1) pauses.goesOn(quiet(28)).goesOn(calls(32));
  pauses.expects('plain', 'none').expectsNever('plain', 'pending or firing');

  const evenings = story('below', 'evenings').goesOn(calls(10 * HOUR));
  for (let time = 0; time < 2; time += 1) evenings.goesOn(quiet(14 * HOUR)).goesOn(calls(10 * HOUR));
  evenings.goesOn(quiet(6 * HOUR)).expects('plain', 'none');

  // 40 calls within three minutes of each hour.
  const hourly = story('below', 'hourly');
  for (let hour = 0; hour < 30; hour += 1) hourly.goesOn(calls(3, 800)).goesOn(quiet(57));
  hourly.expects('plain', 'none').expectsNever('plain', 'pending or firing');

  const trickle = story('flapping', 'trickle').goesOn(calls(DAY + 2 * HOUR, 400));
  for (let time = 0; time < 3; time += 1) {
    trickle.goesOn(quiet(52)).expects('plain', 'warning').expects('held', 'warning');
    trickle.goesOn(calls(28, 400)).expects('plain', 'none').expects('held', 'warning');
  }

  return {
    thresholds,
    recorded: ['5-minute', 'hour'],
    interval: 60,
    evaluation: 4,
    forMinutes: { plain: 8, patient: 48 },
    holdMinutes: HOUR,
    clearAt: {},
    scenarios: {
      below: together([[pauses], [evenings], [hourly]]),
      'each level': together([
        [
          story('each level', 'm')
            .goesOn(calls(DAY + HOUR))
            .expects('plain', 'none')
            .goesOn(quiet(60))
            .expects('plain', 'warning')
            .goesOn(quiet(90))
            .expects('plain', 'error')
            .goesOn(quiet(DAY - 4 * HOUR))
            .expects('plain', 'error')
            // It was retired: a day after the last call nobody misses it any more.
            .goesOn(quiet(4 * HOUR))
            .expects('plain', 'none'),
        ],
      ]),
      'not held long enough': together([
        [
          story('not held long enough', 'short')
            .goesOn(calls(2 * HOUR))
            .goesOn(quiet(60))
            .expectsPending('patient', 'warning', 4)
            .goesOn(calls(2 * HOUR))
            .expectsNever('patient', 'firing'),
        ],
        [
          story('not held long enough', 'long')
            .goesOn(calls(2 * HOUR))
            .goesOn(quiet(96))
            .expects('patient', 'warning'),
        ],
      ]),
      recovered: together([
        [
          story('recovered', 'm')
            .goesOn(calls(DAY + HOUR))
            .goesOn(quiet(3 * HOUR))
            .expects('plain', 'error')
            .goesOn(calls(12))
            .expects('plain', 'none')
            .expects('held', 'error')
            .goesOn(calls(2 * HOUR))
            .expects('held', 'none'),
        ],
      ]),
      flapping: together(
        [[trickle]],
        'A call sets the value to 0, beyond any value at which it could clear: what helps a trickle of calls is a hold.',
      ),
      'no data': together([
        [
          story('no data', 'gone')
            .goesOn(calls(2 * HOUR))
            .goesOn(quiet(60))
            .expects('plain', 'warning')
            .goesOn({ minutes: 20, amounts: null })
            .expects('plain', 'unknown'),
        ],
      ]),
      'too few calls': together(
        [
          [
            story('too few calls', 'few')
              .goesOn(calls(DAY + HOUR, 16))
              .goesOn(quiet(3 * HOUR))
              .expects('plain', 'none')
              .expectsNever('plain', 'pending or firing'),
          ],
          [
            story('too few calls', 'enough')
              .goesOn(calls(DAY + HOUR, 26))
              .goesOn(quiet(3 * HOUR))
              .expects('plain', 'error'),
          ],
        ],
        'There are no calls to count; the least baseline, 20 calls in an hour, stands in their place.',
      ),
      'counter restart': together([
        [
          story('counter restart', 'calm')
            .goesOn(calls(2 * HOUR))
            .goesOn(calls(2 * HOUR, 120, { restarts: true }))
            .expects('plain', 'none')
            .expectsNever('plain', 'pending or firing'),
        ],
        [
          story('counter restart', 'missed')
            .goesOn(calls(2 * HOUR))
            .goesOn(quiet(56))
            .expects('plain', 'warning')
            .goesOn({ ...quiet(24), restarts: true })
            .expects('plain', 'warning', 20)
            .expects('plain', 'warning'),
        ],
      ]),
      born: together([
        [
          story('born', 'm')
            .goesOn({ minutes: HOUR, amounts: null })
            .expects('plain', 'unknown')
            .goesOn({ minutes: 4, amounts: zero(plainCalls(1)) })
            .goesOn(calls(HOUR))
            .expects('plain', 'none')
            .goesOn(quiet(80))
            .expects('plain', 'warning'),
        ],
      ]),
      'basic mode': together([
        [
          story('basic mode', 'basic')
            .goesOn(calls(2 * HOUR))
            .goesOn(quiet(80))
            .expects('plain', 'unknown')
            .expectsNever('plain', 'pending or firing'),
          { monitoring: 'basic' },
        ],
        [
          story('basic mode', 'advanced')
            .goesOn(calls(2 * HOUR))
            .goesOn(quiet(80))
            .expects('plain', 'warning'),
        ],
      ]),
      'late records': together([
        [
          // Records of calls that ended hours ago still come in: it is the sender that is behind.
          story('late records', 'late')
            .goesOn(calls(4 * HOUR, 120, { lastCallAgo: 130 }))
            .expects('plain', 'none')
            .expectsNever('plain', 'pending or firing'),
          { late: 0.9 },
        ],
        [
          story('late records', 'punctual')
            .goesOn(calls(4 * HOUR, 120, { lastCallAgo: 130 }))
            .expects('plain', 'error'),
          { late: 0.1 },
        ],
      ]),
    },
  };
}
