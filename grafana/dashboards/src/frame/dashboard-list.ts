import { FILTERS, type FilterName } from '../query/filters.js';

/** A dashboard as others know it. */
interface Entry {
  readonly title: string;
  /** Variables that links may set beside those by which every dashboard is filtered. */
  readonly further: readonly string[];
}

/** Every dashboard by its uid, which is also the name of its file and never changes: people keep links. */
export const DASHBOARDS = {
  'model-observation': { title: 'Model Observation', further: [] },
  'model-monitor': { title: 'Model Monitor', further: [] },
  'inference-logs': {
    title: 'Inference Logs',
    further: ['outcome', 'failure', 'status_code', 'error_code', 'call_id'],
  },
  'usage-and-cost': { title: 'Usage and Cost', further: [] },
  capacity: { title: 'Capacity', further: [] },
  alerts: { title: 'Alerts', further: [] },
  'exporter-health': { title: 'Exporter Health', further: [] },
} as const satisfies Readonly<Record<string, Entry>>;

export type DashboardUid = keyof typeof DASHBOARDS;

/** A variable that a link to the dashboard may set. */
export type LinkVariable<Uid extends DashboardUid> = FilterName | (typeof DASHBOARDS)[Uid]['further'][number];

/** Whether a dashboard is filtered by workspace, model, key and inference type. The exporter's health is of them all. */
export function isFiltered(uid: DashboardUid): boolean {
  return uid !== 'exporter-health';
}

/** All variables that links to a dashboard may set. */
export function linkVariables(uid: DashboardUid): string[] {
  return [...(isFiltered(uid) ? FILTERS.map(({ variable }) => variable) : []), ...DASHBOARDS[uid].further];
}
