import { alertText } from './alert-text.js';
import { writeFiles } from './alerts-build.js';
import { notesOf } from './alerts-check.js';
import {
  ALERTS_INPUTS,
  ALERTS_OUTPUTS,
  type CompiledFile,
  compileFiles,
  isExporterUrl,
  isServerUrl,
  readAlerts,
  type Where,
} from './alerts-compile.js';
import { checkWithTool } from './check-tools.js';
import { readOptions } from './options.js';
import type { Output } from './output.js';
import { reload, type Said, verifyReceivers, verifyRules } from './reload-server.js';

const USAGE = `usage: model-observation alerts apply [options]

Builds the alerts, has promtool and amtool check them where they are on PATH, and has Prometheus and Alertmanager load them.
Where a check fails nothing is written and nothing is reloaded.

  --alerts FILE            the alerts (config/alerts.yml)
  --config FILE            the configuration of the exporter: monitoring modes, quotas, prices
  --rules-out FILE         prometheus/rules/alerts.yml
  --alertmanager-out FILE  alertmanager/alertmanager.yml; without this option also the one that docker-compose.yml takes,
                           alertmanager/compose/alertmanager.yml
  --exporter-url URL       where Alertmanager reaches the exporter, instead of exporter.url
  --prometheus URL         http://127.0.0.1:9090; it must run with --web.enable-lifecycle
  --alertmanager URL       http://127.0.0.1:9093

Exit code: 0 both have loaded all, 1 something is not good, 2 wrong usage.
`;

const PROMETHEUS_URL = 'http://127.0.0.1:9090';
const ALERTMANAGER_URL = 'http://127.0.0.1:9093';

/**
 * `model-observation alerts apply`.
 * @returns the exit code: 0 = all good, 1 = something is not, 2 = wrong usage
 */
export async function alertsApply(args: string[], out: Output, where: Where = {}): Promise<number> {
  const servers = { prometheus: 'an address', alertmanager: 'an address' };
  const options = readOptions(args, USAGE, out, { ...ALERTS_INPUTS, ...ALERTS_OUTPUTS, ...servers });
  if (typeof options === 'number') return options;
  const { prometheus = PROMETHEUS_URL, alertmanager = ALERTMANAGER_URL } = options;
  for (const [option, url] of Object.entries({ prometheus, alertmanager })) {
    if (isServerUrl(url)) continue;
    out.stderr.write(`--${option} must be an address such as http://127.0.0.1:9090, without user and password\n`);
    return 2;
  }
  if (!isExporterUrl(options['exporter-url'], out)) return 2;
  const loaded = readAlerts(options, out, where);
  if (loaded === null) return 1;
  out.stdout.write(notesOf(loaded));
  const files = compileFiles(loaded, options, where);
  if (!checkAll(files, out, where)) {
    out.stderr.write('Nothing is written, nothing is reloaded.\n');
    return 1;
  }
  if (!writeFiles(files, out)) {
    out.stderr.write('Nothing is reloaded.\n');
    return 1;
  }
  // What is wrong with one keeps nothing from the other.
  const hasRules = await loadRules(prometheus, files, out);
  const hasRoutes = await loadConfiguration(alertmanager, files, out);
  return hasRules && hasRoutes ? 0 : 1;
}

/** @returns whether no check found something; all of them are told */
function checkAll(files: readonly CompiledFile[], out: Output, { env = process.env, cwd = process.cwd() }: Where) {
  const checks = files.map((file) => checkWithTool(file, { env, cwd }));
  for (const { outcome, says } of checks) {
    (outcome === 'bad' ? out.stderr : out.stdout).write(`${alertText(says)}\n`);
  }
  return !checks.some(({ outcome }) => outcome === 'bad');
}

async function loadRules(url: string, files: readonly CompiledFile[], out: Output): Promise<boolean> {
  if (!tell(await reload('Prometheus', url), out)) return false;
  const [rules] = files.filter(({ kind }) => kind === 'rules');
  return tell(await verifyRules(url, rules?.text ?? ''), out);
}

async function loadConfiguration(url: string, files: readonly CompiledFile[], out: Output): Promise<boolean> {
  if (!tell(await reload('Alertmanager', url), out)) return false;
  const texts = files.filter(({ kind }) => kind === 'alertmanager').map(({ text }) => text);
  return tell(await verifyReceivers(url, texts), out);
}

function tell({ isGood, says }: Said, out: Output): boolean {
  (isGood ? out.stdout : out.stderr).write(`${alertText(says)}\n`);
  return isGood;
}
