import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alerts } from './alerts.js';
import { capacity } from './capacity.js';
import { exporterHealth } from './exporter-health.js';
import type { DashboardUid } from './frame/dashboard-list.js';
import { home } from './home.js';
import { inferenceLogs } from './inference-logs.js';
import { modelMonitor } from './model-monitor.js';
import { usageAndCost } from './usage-and-cost.js';

/** The dashboards that there are. */
const BUILDERS: Readonly<Partial<Record<DashboardUid, () => Dashboard>>> = {
  'model-observation': home,
  'model-monitor': modelMonitor,
  'inference-logs': inferenceLogs,
  'usage-and-cost': usageAndCost,
  capacity,
  alerts,
  'exporter-health': exporterHealth,
};

/** Their uids, which are also the names of their files. */
export const BUILT = Object.keys(BUILDERS) as DashboardUid[];

/** A dashboard as an object. */
export function dashboardOf(uid: DashboardUid): Dashboard {
  const build = BUILDERS[uid];
  if (build === undefined) throw new Error(`no dashboard ${uid}`);
  return build();
}

/** `grafana/dashboards/<uid>.json`. */
export function dashboardFile(uid: DashboardUid): string {
  return `${JSON.stringify(dashboardOf(uid), null, 2)}\n`;
}
