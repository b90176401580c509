/** The scenarios of every template whose value follows the traffic of its window: shares, durations, quotas, growth. */
import type { Adapter } from './amounts.js';
import { LEVELS, type Level, levelAt, neverUntil, pendingAt, type Reached } from './checks.js';
import type { Segment, Subject } from './input-series.js';
import type { Scenario, ScenarioName, TemplateCase, Thresholds } from './scenario.js';

export interface RatioCase {
  readonly thresholds: Thresholds;
  readonly adapter: Adapter;
  readonly recorded: TemplateCase['recorded'];
  /** Minutes after which a window has forgotten what was before. */
  readonly settled: number;
  /** How far a value goes. */
  readonly largest?: number;
  /** It is bad to be below. */
  readonly isFalling?: boolean;
  /** The value of a model that is well. */
  readonly well: number;
  /** Minutes and value of a spike that crosses the lowest threshold and no more. */
  readonly spike?: { readonly minutes: number; readonly value: number };
  /** Calls a minute of which a window has 8, and 14: one below and one above the least. */
  readonly calls: { readonly few: number; readonly enough: number };
  readonly gauges?: Readonly<Record<string, number>>;
  /** Growth: so many minutes of what is usual go before. */
  readonly lead?: number;
  /** Minutes between evaluations, where not each. */
  readonly grid?: number;
  /** Instead of those below. */
  readonly scenarios?: Readonly<Partial<Record<ScenarioName, Scenario>>>;
  readonly more?: Readonly<Record<string, Scenario>>;
}

/** Many calls a minute. */
const USUAL_CALLS = 120;

/** A story of one model: what comes, and what is expected at which minute. */
export class Story {
  readonly segments: Segment[] = [];
  readonly checks: Scenario['checks'][number][] = [];
  now = 0;

  constructor(
    readonly workspace: string,
    readonly model: string,
    readonly levels: readonly Level[],
  ) {}

  goesOn(segment: Segment): this {
    this.segments.push(segment);
    this.now += segment.minutes;
    return this;
  }

  /** At the last evaluation before now, or so many minutes before now. */
  expects(rule: string, reached: Reached, before = 4): this {
    this.checks.push(
      ...levelAt({ workspace: this.workspace, model: this.model, rule }, this.now - before, reached, this.levels),
    );
    return this;
  }

  expectsNever(rule: string, states: 'firing' | 'pending or firing'): this {
    this.checks.push(neverUntil({ workspace: this.workspace, model: this.model, rule }, this.now, states));
    return this;
  }

  expectsPending(rule: string, level: Level, before = 0): this {
    this.checks.push(pendingAt({ workspace: this.workspace, model: this.model, rule }, this.now - before, level));
    return this;
  }

  subject(given: Partial<Subject> = {}): Subject {
    return { workspace: this.workspace, model: this.model, segments: this.segments, ...given };
  }
}

export function together(stories: readonly (readonly [Story, Partial<Subject>?])[], instead?: string): Scenario {
  return {
    subjects: stories.map(([story, given]) => story.subject(given)),
    checks: stories.flatMap(([{ checks }]) => checks),
    ...(instead !== undefined && { instead }),
  };
}

export function levelsIn(thresholds: Thresholds): Level[] {
  return LEVELS.filter((level) => thresholds[level] !== undefined);
}

/** The scenarios of such a template, with those that its case brings itself. */
export function ratioCase(given: RatioCase): TemplateCase {
  const { thresholds, adapter, settled, isFalling = false, well, calls, gauges = {}, lead = 0, grid = 1 } = given;
  const largest = given.largest ?? Number.POSITIVE_INFINITY;
  const levels = levelsIn(thresholds);
  const [lowest, highest] = [levels[0] as Level, levels.at(-1) as Level];
  const threshold = (level: Level) => thresholds[level] as number;
  const onGrid = (minutes: number) => Math.ceil(minutes / grid) * grid;

  const plainFor = 2 * grid;
  const spike = given.spike ?? {
    minutes: 3,
    value: Math.min(largest, threshold(lowest) * Math.max(1.5, (1.5 * settled) / 3)),
  };
  const patientFor = onGrid(2 * settled + spike.minutes);
  /** A window over windows shows a spike some minutes late. */
  const lag = grid === 1 && settled > 5 ? 3 : grid;
  const holdMinutes = onGrid(settled + 12);
  const rising = onGrid(settled + plainFor + 4);
  const falling = onGrid(settled + 4);

  const beyond = (level: Level, by = 1.05) =>
    isFalling ? threshold(level) / by : Math.min(largest, threshold(level) * by);
  const short = (level: Level) => (isFalling ? threshold(level) * 1.05 : threshold(level) * 0.95);
  const at = (value: number, minutes: number, ofCalls = USUAL_CALLS): Segment => ({
    minutes,
    amounts: adapter(value, ofCalls),
  });
  const story = (workspace: string, model: string) => new Story(`${workspace}/${model}`, model, levels);
  /** After what is usual, where growth wants it. */
  const begun = (workspace: string, model: string, ofCalls = USUAL_CALLS) => {
    const made = story(workspace, model);
    return lead === 0 ? made : made.goesOn(at(1, lead, ofCalls));
  };
  const absent = (minutes: number): Segment => ({ minutes, amounts: null });

  const stairs = begun('each level', 'm');
  for (const level of levels) stairs.goesOn(at(beyond(level), rising)).expects('plain', level, grid);

  const scenarios: Readonly<Record<ScenarioName, () => Scenario>> = {
    below: () => {
      const told = begun('below', 'm')
        .goesOn(at(short(lowest), rising))
        .expects('plain', 'none', grid)
        .goesOn(at(short(lowest), rising))
        .expects('plain', 'none', grid)
        .expectsNever('plain', 'pending or firing');
      return together([[told, { gauges }]]);
    },
    'each level': () => together([[stairs, { gauges }]]),
    'not held long enough': () => {
      const short_ = begun('not held long enough', 'spike')
        .goesOn(at(well, falling))
        .goesOn(at(spike.value, spike.minutes))
        .goesOn(at(well, lag))
        .expectsPending('patient', lowest, lag === 3 ? 0 : lag)
        .goesOn(at(well, onGrid(patientFor + settled)))
        .expects('patient', 'none', grid)
        .expectsNever('patient', 'firing');
      const long = begun('not held long enough', 'long')
        .goesOn(at(beyond(lowest), onGrid(patientFor + rising)))
        .expects('patient', lowest, grid);
      return together([
        [short_, { gauges }],
        [long, { gauges }],
      ]);
    },
    recovered: () => {
      const told = begun('recovered', 'm')
        .goesOn(at(beyond(highest), rising))
        .expects('plain', highest, grid)
        .expects('held', highest, grid)
        .goesOn(at(well, falling))
        .expects('plain', 'none', grid)
        .expects('held', highest, grid)
        .goesOn(at(well, holdMinutes))
        .expects('held', 'none', grid);
      return together([[told, { gauges }]]);
    },
    flapping: () => {
      const told = begun('flapping', 'm');
      for (let time = 0; time < 2; time += 1) {
        told
          .goesOn(at(beyond(lowest), rising))
          .expects('plain', lowest, grid)
          .expects('steady', lowest, grid);
        told
          .goesOn(at(short(lowest), falling))
          .expects('plain', 'none', grid)
          .expects('steady', lowest, grid);
      }
      told.goesOn(at(well, falling)).expects('plain', 'none', grid).expects('steady', 'none', grid);
      return together([[told, { gauges }]]);
    },
    'no data': () => {
      const quiet = begun('no data', 'quiet')
        .goesOn(at(beyond(highest), rising))
        .expects('plain', highest, grid)
        .goesOn({ minutes: onGrid(falling + 5), amounts: {} })
        .expects('plain', 'none', grid)
        .goesOn(absent(onGrid(12)))
        .expects('plain', 'unknown', grid);
      const gone = begun('no data', 'gone')
        .goesOn(at(beyond(highest), rising))
        .expects('plain', highest, grid)
        .goesOn(absent(onGrid(falling + 8)))
        .expects('plain', 'unknown', grid);
      return together([
        [quiet, { gauges }],
        [gone, { gauges }],
      ]);
    },
    'too few calls': () => {
      const few = begun('too few calls', 'few', calls.few)
        .goesOn(at(beyond(highest), rising, calls.few))
        .expects('plain', 'none', grid)
        .expectsNever('plain', 'pending or firing');
      const enough = begun('too few calls', 'enough', calls.enough)
        .goesOn(at(beyond(highest), rising, calls.enough))
        .expects('plain', highest, grid);
      return together([
        [few, { gauges }],
        [enough, { gauges }],
      ]);
    },
    'counter restart': () => {
      const calm = begun('counter restart', 'calm')
        .goesOn(at(short(lowest), rising))
        .goesOn({ ...at(short(lowest), rising), restarts: true })
        .expects('plain', 'none', grid)
        .expectsNever('plain', 'pending or firing');
      const broken = begun('counter restart', 'broken')
        .goesOn(at(beyond(highest, 1.5), rising))
        .expects('plain', highest, grid)
        .goesOn({ ...at(beyond(highest, 1.5), grid), restarts: true })
        .expects('plain', highest, 0);
      for (let time = 1; time <= 3; time += 1) {
        broken.goesOn(at(beyond(highest, 1.5), grid)).expects('plain', highest, 0);
      }
      return together([
        [calm, { gauges }],
        [broken, { gauges }],
      ]);
    },
    born: () => {
      const bad = story('born', 'bad')
        .goesOn(absent(8))
        .expects('plain', 'unknown', 4)
        .goesOn({ ...at(0, 1), amounts: zero(adapter(well, USUAL_CALLS)) })
        .goesOn(at(beyond(highest), rising))
        .expects('plain', highest, grid);
      const good = story('born', 'good')
        .goesOn(absent(8))
        .goesOn({ minutes: 1, amounts: zero(adapter(well, USUAL_CALLS)) })
        .goesOn(at(short(lowest), rising))
        .expects('plain', 'none', grid)
        .expectsNever('plain', 'pending or firing');
      return together([
        [bad, { gauges }],
        [good, { gauges }],
      ]);
    },
    'basic mode': () => {
      const basic = begun('basic mode', 'basic')
        .goesOn(at(beyond(highest), rising))
        .expects('plain', 'unknown', grid)
        // The gauge that tells of basic monitoring goes with the exporter; what its windows saw stays a while.
        .goesOn(absent(onGrid(settled + 8)))
        .expects('plain', 'unknown', grid)
        .expectsNever('plain', 'pending or firing');
      const advanced = begun('basic mode', 'advanced')
        .goesOn(at(beyond(highest), rising))
        .expects('plain', highest, grid);
      return together([
        [basic, { gauges, monitoring: 'basic' }],
        [advanced, { gauges }],
      ]);
    },
    'late records': () => {
      const late = begun('late records', 'late')
        .goesOn(at(beyond(highest), rising))
        .expects('plain', 'none', grid)
        .expectsNever('plain', 'pending or firing');
      const punctual = begun('late records', 'punctual')
        .goesOn(at(beyond(highest), rising))
        .expects('plain', highest, grid);
      return together([
        [late, { gauges, late: 0.3 }],
        [punctual, { gauges, late: 0.1 }],
      ]);
    },
  };

  return {
    thresholds,
    recorded: given.recorded,
    interval: grid === 1 ? 15 : 60,
    evaluation: grid,
    forMinutes: { plain: plainFor, patient: patientFor },
    holdMinutes,
    clearAt: Object.fromEntries(levels.map((level) => [level, threshold(level) * (isFalling ? 1.25 : 0.8)])),
    scenarios: Object.fromEntries(
      Object.entries(scenarios).map(([name, make]) => [name, given.scenarios?.[name as ScenarioName] ?? make()]),
    ),
    ...(given.more !== undefined && { more: given.more }),
  };
}

/** The series of these amounts, at zero. */
export function zero(amounts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.keys(amounts).map((name) => [name, 0]));
}
