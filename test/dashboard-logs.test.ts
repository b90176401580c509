// Every panel that reads logs, as its file stands, asks a real Loki that holds what the exporter writes of varied calls and alerts, and must
// find something. Each failure names the dashboard, the panel and the query.
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type DashboardFile,
  dashboardFiles,
  isInstant,
  isLogql,
  type PanelOfFile,
  panelsOf,
  type TargetOfFile,
} from '../grafana/dashboards/src/reading/dashboard-file.js';
import { interpolated } from '../grafana/dashboards/src/reading/interpolation.js';
import { rangeOf } from '../grafana/dashboards/src/reading/time-range.js';
import { variableValues } from '../grafana/dashboards/src/reading/variable-values.js';
import { ONE_CALL, sampleLogs } from './dashboards/sample-logs.js';
import { lokiBinary } from './harness/loki/loki-binary.js';
import { LokiClient } from './harness/loki/loki-client.js';
import { LokiProcess } from './harness/loki/loki-process.js';
import { PROJECT_ROOT } from './harness/project-root.js';

const RANGE_SECONDS = 20 * 60;
const ASKED = dashboardFiles(join(PROJECT_ROOT, 'grafana/dashboards')).flatMap((dashboard) =>
  panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? [])
      .filter(isLogql)
      .map((target) => ({ name: `${dashboard.title}: ${panel.title} ${target.refId}`, dashboard, panel, target })),
  ),
);

let client: LokiClient;
let end: number;

/** How many lines or series Loki answers a query with, as Grafana asks it while one call is chosen. */
async function found(dashboard: DashboardFile, panel: PanelOfFile, target: TargetOfFile): Promise<number> {
  const range = rangeOf(end - RANGE_SECONDS, end, panel);
  // What variables would ask Prometheus is not there: they stand for all.
  const nothing = { series: async () => [], query: async () => [] };
  const chosen = target.expr.includes('call_id=`') ? { call_id: ONE_CALL } : {};
  const variables = await variableValues(dashboard, nothing, range, chosen, () => true);
  const query = interpolated(target.expr, variables, range);
  const times: Readonly<Record<string, string>> = isInstant(target)
    ? { time: String(range.end) }
    : { start: String(range.start), end: String(range.end), step: `${range.intervalMs / 1000}s` };
  const path = isInstant(target) ? 'query' : 'query_range';
  const { status, body } = await client.get(`/loki/api/v1/${path}?${new URLSearchParams({ query, ...times })}`);
  if (status !== 200) throw new Error(`${query}: ${status} ${body}`);
  const { result } = (JSON.parse(body) as { data: { result: readonly Found[] } }).data;
  const mistakes = result.flatMap(({ stream, metric }) => (stream ?? metric)?.__error__ ?? []);
  if (mistakes.length > 0) throw new Error(`${query}: ${mistakes[0]}`);
  return result.length;
}

interface Found {
  readonly stream?: Readonly<Record<string, string>>;
  readonly metric?: Readonly<Record<string, string>>;
}

describe.runIf(lokiBinary() !== undefined)('real Loki', () => {
  beforeAll(async () => {
    const loki = await LokiProcess.start();
    client = new LokiClient(loki.url);
    end = Math.floor(Date.now() / 1000);
    const pushed = await client.push(sampleLogs((end - RANGE_SECONDS) * 1000, end * 1000));
    expect(pushed).toMatchObject({ status: 204, body: '' });
  });

  it.each(ASKED)('$name finds something', async ({ name, dashboard, panel, target }) => {
    expect(await found(dashboard, panel, target), `${name}: no data: ${target.expr}`).toBeGreaterThan(0);
  });
});
