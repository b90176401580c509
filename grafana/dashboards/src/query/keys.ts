/** Begins the names of series that tell keys apart. */
export const WITH_KEYS = /^workspace_model_apikey:/;

/** A hidden variable: `workspace_model` while all keys are chosen, which are far fewer series, and else those that tell keys apart. */
export const SERIES = 'series';

/** Begins the name of a recorded series of which either is read. */
export const ALL_KEYS = `$${SERIES}:`;

/** An expression whose result tells keys apart, whatever is chosen. */
export function toldApartByKey(expression: string): string {
  return expression.replaceAll(ALL_KEYS, 'workspace_model_apikey:');
}

/** An expression of all keys together, whatever is chosen. */
export function ofAllKeys(expression: string): string {
  return expression.replaceAll(ALL_KEYS, 'workspace_model:');
}

/** Prometheus compares what is chosen: Grafana cannot. The matchers of a key let series without one by, where all are chosen. */
export function seriesQuery(): string {
  const withKeys = `label_replace(vector(0), "${SERIES}", "workspace_model_apikey", "", "")`;
  const chosen = `label_replace(${withKeys}, "chosen", "$apikey", "", "")`;
  return `query_result(label_replace(${chosen}, "${SERIES}", "workspace_model", "chosen", "\\\\.\\\\*"))`;
}
