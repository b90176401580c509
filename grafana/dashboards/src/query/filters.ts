import type { LabelName } from '../../../../exporter/projections/metrics/catalogue.js';

/** The variables by which every dashboard is filtered, and the labels that they stand for, in the order of the page. */
export const FILTERS = [
  { variable: 'workspace', label: 'workspace_id', title: 'Workspace' },
  { variable: 'model', label: 'model', title: 'Model' },
  { variable: 'apikey', label: 'apikey_id', title: 'API key' },
  { variable: 'inference_type', label: 'inference_type', title: 'Inference type' },
] as const satisfies readonly { variable: string; label: LabelName; title: string }[];

export type FilterName = (typeof FILTERS)[number]['variable'];
