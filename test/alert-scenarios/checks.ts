/** What is expected of alerts at chosen minutes, as promtool checks it. */

export const LEVELS = ['normal', 'warning', 'error', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

export interface ExpressionTest {
  readonly expr: string;
  readonly eval_time: string;
  readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
}

export interface Watched {
  readonly workspace: string;
  readonly model: string;
  readonly rule: string;
}

/** `unknown`: no series says anything about the model. */
export type Reached = Level | 'none' | 'unknown';

/**
 * The level that a rule says of a model at a minute: its alerts that fire, and `model_alert_level`.
 *
 * @param levels those that the rule has
 */
export function levelAt(
  watched: Watched,
  minute: number,
  reached: Reached,
  levels: readonly Level[],
): ExpressionTest[] {
  const number = (LEVELS as readonly string[]).indexOf(reached) + 1;
  const firing = levels.filter((level) => LEVELS.indexOf(level) < number);
  const { workspace, model, rule } = watched;
  const series = `{rule=${JSON.stringify(rule)},workspace_id=${JSON.stringify(workspace)},model=${JSON.stringify(model)}}`;
  return [
    {
      expr: `count by (level) (ALERTS${withMatcher(watched, 'alertstate="firing"')})`,
      eval_time: `${minute}m`,
      exp_samples: firing.map((level) => ({ labels: `{level="${level}"}`, value: 1 })),
    },
    {
      expr: `model_alert_level${series}`,
      eval_time: `${minute}m`,
      exp_samples: reached === 'unknown' ? [] : [{ labels: `model_alert_level${series}`, value: number }],
    },
  ];
}

/** Up to the minute nothing has ever fired; where `pending` is wanted too, nothing was about to. */
export function neverUntil(watched: Watched, minute: number, states: 'firing' | 'pending or firing'): ExpressionTest {
  const matcher = states === 'firing' ? 'alertstate="firing"' : null;
  return {
    expr: `count(count_over_time(ALERTS${withMatcher(watched, matcher)}[${minute}m]))`,
    eval_time: `${minute}m`,
    exp_samples: [],
  };
}

/** At the minute a level is reached, but not yet for long enough. */
export function pendingAt(watched: Watched, minute: number, level: Level): ExpressionTest {
  return {
    expr: `count(ALERTS${withMatcher(watched, `alertstate="pending",level="${level}"`)})`,
    eval_time: `${minute}m`,
    exp_samples: [{ labels: '{}', value: 1 }],
  };
}

function withMatcher({ rule, workspace, model }: Watched, matcher: string | null): string {
  const matchers = [
    `rule=${JSON.stringify(rule)}`,
    `workspace_id=${JSON.stringify(workspace)}`,
    `model=${JSON.stringify(model)}`,
    matcher,
  ];
  return `{${matchers.filter((part) => part !== null).join(',')}}`;
}
