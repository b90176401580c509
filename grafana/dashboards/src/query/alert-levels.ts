import { ALERT_LEVELS, LEVEL_NUMBERS } from '../../../../exporter/alerts/model/levels.js';

/** Alerts of a whole account have `*` for its workspaces, those of a workspace `*` for its models: the filters let them by. */
export const CHOSEN_ALERTS = 'workspace_id=~"$workspace|\\\\*", model=~"$model|\\\\*", rule=~"$rule"';

/** The exporter's own alerts, as `ALERTS` has them. */
export const EXPORTER_ALERTS = 'template="exporter"';

/** What panels say where neither levels nor the Watchdog are. */
export const NO_RULES = 'No alert rules in this range';

/** Alerts on what a workspace spends. */
export const BUDGET_ALERTS = 'template="daily-budget", workspace_id=~"$workspace|\\\\*"';

/** The level of the chosen rules for each workspace, model and rule: 0 none, 1 normal, 2 warning, 3 error, 4 critical. */
export function chosenLevels(): string {
  return `model_alert_level{${CHOSEN_ALERTS}}`;
}

/** 1 for each alert that fires. */
export function firing(where: string): string {
  return `ALERTS{alertstate="firing", ${where}}`;
}

/** 1 to 4 for each alert that fires, by its level. */
export function firingLevels(where: string): string {
  const levels = ALERT_LEVELS.map((level) => `${LEVEL_NUMBERS[level]} * ${firing(`level="${level}", ${where}`)}`);
  return `(${levels.join(' or ')})`;
}

/**
 * 0 where alert rules are loaded, and nothing where they are not: without rules no alert fires either, and that is not well. The
 * Watchdog is an alert that always fires.
 */
export function rulesAreLoaded(): string {
  return '0 * max(ALERTS{alertname="Watchdog"})';
}

/** When the lowest level of each alert began to hold, in seconds since the epoch: its rule may ask that it holds a while. */
export function pendingSince(where: string, by: readonly string[]): string {
  return `min by (${by.join(', ')}) (ALERTS_FOR_STATE{${where}})`;
}
