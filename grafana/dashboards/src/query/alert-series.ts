/*
 * What the compiled alert rules leave in Prometheus: `model_alert_level`, by workspace, model and rule, and Prometheus' own `ALERTS`.
 * Alerts of a whole account have `*` for its workspaces, those of a workspace `*` for its models: the filters let them by.
 */
const WHERE = 'workspace_id=~"$workspace|\\\\*", model=~"$model|\\\\*"';

/** The level of each workspace, model and rule: 0 none, 1 normal, 2 warning, 3 error, 4 critical. */
export function alertLevel(): string {
  return `model_alert_level{${WHERE}}`;
}

/** The same without alerts of a whole account or workspace: for rows that each are a model of a workspace. */
export function alertLevelOfModels(): string {
  return 'model_alert_level{workspace_id=~"$workspace", workspace_id!="*", model=~"$model", model!="*"}';
}

/** 1 for each alert of a level that fires. */
export function firingAlerts(level: string): string {
  return `ALERTS{alertstate="firing", rule!="", level="${level}", ${WHERE}}`;
}

/** Labels by which a link chooses workspace and model; where the alert is of all of them, all. */
export type LinkLabel = 'link_workspace' | 'link_model';

/** Adds the labels of links to series that have a workspace and a model. */
export function withLinkLabels(expression: string): string {
  const labels: readonly (readonly [LinkLabel, string])[] = [
    ['link_workspace', 'workspace_id'],
    ['link_model', 'model'],
  ];
  return labels.reduce((inner, [link, label]) => {
    const same = `label_replace(${inner}, "${link}", "$1", "${label}", "(.*)")`;
    // `$$` is a dollar: Grafana's name for all values of a variable.
    return `label_replace(${same}, "${link}", "$$__all", "${label}", "\\\\*")`;
  }, expression);
}
