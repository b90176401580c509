/*
 * What the compiled alert rules leave in Prometheus: `model_alert_level`, by workspace, model and rule, and Prometheus' own `ALERTS`.
 * Alerts of a whole account have `*` for its workspaces, those of a workspace `*` for its models: the filters let them by.
 */
const WHERE = 'workspace_id=~"$workspace|\\\\*", model=~"$model|\\\\*"';

/** The level of each workspace, model and rule: 0 none, 1 normal, 2 warning, 3 error, 4 critical. */
export function alertLevel(): string {
  return `model_alert_level{${WHERE}}`;
}

/** 1 for each alert of a level that fires. */
export function firingAlerts(level: string): string {
  return `ALERTS{alertstate="firing", rule!="", level="${level}", ${WHERE}}`;
}
