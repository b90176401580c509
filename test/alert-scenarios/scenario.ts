import type { ExpressionTest, Level } from './checks.js';
import type { Subject } from './input-series.js';

/** What every template is put through. */
export const SCENARIOS = [
  'below',
  'each level',
  'not held long enough',
  'recovered',
  'flapping',
  'no data',
  'too few calls',
  'counter restart',
  'born',
  'basic mode',
  'late records',
] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

/** Some models, each with a workspace of its own that begins with the name of the scenario, and what is expected of them. */
export interface Scenario {
  readonly subjects: readonly Subject[];
  readonly checks: readonly ExpressionTest[];
  /** Where the scenario makes no sense for a template: why, and what is tested in its place. */
  readonly instead?: string;
}

export type Thresholds = Readonly<Partial<Record<Level, number>>>;

/** All scenarios of a template; they run side by side in one history. */
export interface TemplateCase {
  /** As they stand in the runbooks. Written here, too: a threshold that changes is noticed. */
  readonly thresholds: Thresholds;
  readonly recorded: readonly ('minute' | '5-minute' | 'hour')[];
  /** Seconds between two scrapes. */
  readonly interval: number;
  /** Minutes between two evaluations. */
  readonly evaluation: number;
  /** Of its rules, minutes. */
  readonly forMinutes: { readonly plain: number; readonly patient: number };
  /** How long the rule `held` goes on, minutes. */
  readonly holdMinutes: number;
  /** Where the rule `steady` clears, by level. */
  readonly clearAt: Thresholds;
  readonly budget?: { readonly amount: number; readonly currency: string };
  readonly scenarios: Readonly<Partial<Record<ScenarioName, Scenario>>>;
  /** What this template alone has to show. */
  readonly more?: Readonly<Record<string, Scenario>>;
}
