import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { compileAlertmanager } from '../exporter/alerts/alertmanager/compile-alertmanager.js';
import type { Receiver } from '../exporter/alerts/alertmanager/receivers.js';
import type { Route } from '../exporter/alerts/alertmanager/routes.js';
import type { Alerts } from '../exporter/alerts/model/alerts.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { programPath } from './harness/prometheus-binaries.js';
import { ServerProcess } from './harness/server-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';

/** The texts of messages, as they lie beside alertmanager.yml. */
export const TEMPLATE_FILES = {
  'templates/model-observation.tmpl': readFileSync(
    join(PROJECT_ROOT, 'alertmanager/templates/model-observation.tmpl'),
    'utf8',
  ),
};

interface Changes {
  /** Laid over every route that has timings. */
  timings?: (route: Route) => Pick<Route, 'group_wait' | 'group_interval' | 'repeat_interval'>;
  receiver?: (receiver: Receiver) => Receiver;
}

/** What is compiled, with shorter times than people want, or with receivers that lead here. */
export function compiledForTest(alerts: Alerts, exporterUrl: string, { timings, receiver }: Changes): string {
  const config = parse(compileAlertmanager(alerts, { exporterUrl })) as { route: Route; receivers: Receiver[] };
  const changed = (route: Route): Route => ({
    ...route,
    ...(route.group_interval !== undefined && timings?.(route)),
    ...(route.routes && { routes: route.routes.map(changed) }),
  });
  return stringify(
    { ...config, route: changed(config.route), receivers: config.receivers.map((one) => receiver?.(one) ?? one) },
    { lineWidth: 0 },
  );
}

/** A folder with what is compiled and its templates, for amtool. */
export async function configFolder(alerts: Alerts): Promise<string> {
  const folder = await temporaryFolder('amtool');
  await mkdir(join(folder, 'templates'));
  await writeFile(
    join(folder, 'alertmanager.yml'),
    compileAlertmanager(alerts, { exporterUrl: 'http://exporter:9490' }),
  );
  for (const [name, text] of Object.entries(TEMPLATE_FILES)) await writeFile(join(folder, name), text);
  return folder;
}

/** Runs amtool to its end. */
export async function amtool(
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const process_ = await ServerProcess.spawn({ name: 'amtool', command: programPath('amtool'), args });
  const { code } = await process_.exited;
  return { code, stdout: process_.stdout, stderr: process_.stderr };
}
