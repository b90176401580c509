// Grafana as this repository sets it up. docker-compose.yml has the same settings; a test compares them.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { findProgram } from './find-program.mjs';
import { explainWriteError, inProject, Problem } from './project.mjs';

/** What must not be left to its defaults, which load plugins, ask for updates and report. GF_* of the caller go before them. */
export const GRAFANA_SETTINGS = {
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_ENABLED: 'false',
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_AUTH_ANONYMOUS_ENABLED: 'false',
  GF_LOG_LEVEL: 'error',
  GF_LOG_MODE: 'console',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_PLUGINS_PLUGIN_ADMIN_ENABLED: 'false',
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: 'true',
  GF_PUBLIC_DASHBOARDS_ENABLED: 'false',
  GF_SECURITY_DISABLE_GRAVATAR: 'true',
  GF_SNAPSHOTS_EXTERNAL_ENABLED: 'false',
  GF_USERS_ALLOW_SIGN_UP: 'false',
};

/** In Grafana's data, the password of `admin` that was made for its first start. */
const PASSWORD_FILE = 'admin-password';
/** Where Grafana keeps its users; there from its first start on. */
const DATABASE = 'grafana.db';
/** 24 characters. */
const PASSWORD_BYTES = 18;

/**
 * Grafana's program, the one that GRAFANA_BINARY names, else `grafana` or `grafana-server` on PATH; and its home, the folder with
 * `conf` and `public`, which GRAFANA_HOME names where it does not lie where packages put it.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ command: string, home: string } | undefined} undefined when there is none
 * @throws {Problem} when a variable names something else, or a program that was named has no home
 */
export function findGrafana(env = process.env) {
  const wanted = { title: 'Grafana', variable: 'GRAFANA_BINARY', names: ['grafana', 'grafana-server'] };
  const command = findProgram(wanted, env);
  if (command === undefined) return undefined;
  if (env.GRAFANA_HOME) {
    if (isHome(env.GRAFANA_HOME)) return { command, home: resolve(env.GRAFANA_HOME) };
    throw new Problem(`GRAFANA_HOME names ${env.GRAFANA_HOME}, in which there is no conf/defaults.ini of Grafana.`);
  }
  const prefix = join(dirname(realpathSync(command)), '..');
  const home = [prefix, join(prefix, 'share', 'grafana'), '/usr/share/grafana'].find(isHome);
  if (home !== undefined) return { command, home };
  if (!env.GRAFANA_BINARY) return undefined;
  throw new Problem(`Grafana's home does not lie beside ${command}. Name the folder with its "conf" in GRAFANA_HOME.`);
}

/**
 * @typedef {object} GrafanaOptions
 * @property {string} data its folder, which exists
 * @property {string} host
 * @property {number} port
 * @property {string | undefined} password of `admin`, for the first start
 * @property {{ prometheus: string, loki: string, alertmanager: string }} urls what the dashboards read from
 */

/**
 * How to start it, with what lies in grafana/.
 *
 * @param {{ command: string, home: string }} grafana
 * @param {GrafanaOptions} options
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ command: string, args: string[], env: NodeJS.ProcessEnv }}
 */
export function grafanaCommand({ command, home }, { data, host, port, password, urls }, env = process.env) {
  const dashboards = inProject('grafana', 'dashboards');
  return {
    command,
    args: [...(basename(command) === 'grafana-server' ? [] : ['server']), `--homepath=${home}`],
    env: {
      ...GRAFANA_SETTINGS,
      ...env,
      GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: join(dashboards, 'model-observation.json'),
      GF_PATHS_DATA: data,
      GF_PATHS_LOGS: join(data, 'log'),
      GF_PATHS_PLUGINS: join(data, 'plugins'),
      GF_PATHS_PROVISIONING: inProject('grafana', 'provisioning'),
      GF_SERVER_HTTP_ADDR: host,
      GF_SERVER_HTTP_PORT: String(port),
      ...(password !== undefined && { GF_SECURITY_ADMIN_PASSWORD: password }),
      MODEL_OBSERVATION_DASHBOARDS: dashboards,
      MODEL_OBSERVATION_PROMETHEUS_URL: urls.prometheus,
      MODEL_OBSERVATION_LOKI_URL: urls.loki,
      MODEL_OBSERVATION_ALERTMANAGER_URL: urls.alertmanager,
    },
  };
}

/**
 * The password with which Grafana makes its `admin`: GRAFANA_ADMIN_PASSWORD, else one that is made for the first start and written to
 * its data. Later starts leave the user as it is, whatever they are given; grafana/start.sh does the same in a container.
 *
 * @param {string} data
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {{ password: string, file: string | undefined }} `file`: where it stands, if it was made
 */
export function adminPassword(data, env = process.env) {
  const file = join(data, PASSWORD_FILE);
  // Grafana reads the variable when it makes its database, and never again.
  if (env.GRAFANA_ADMIN_PASSWORD && !existsSync(join(data, DATABASE)))
    return { password: env.GRAFANA_ADMIN_PASSWORD, file: undefined };
  if (existsSync(file)) return { password: readFileSync(file, 'utf8').trim(), file };
  const password = randomBytes(PASSWORD_BYTES).toString('base64url');
  // Users are there, and their passwords somebody else's matter. Still not to be left out: `admin` would be the default.
  if (existsSync(join(data, DATABASE))) return { password, file: undefined };
  try {
    writeFileSync(`${file}.tmp`, `${password}\n`, { mode: 0o600 });
    renameSync(`${file}.tmp`, file);
  } catch (error) {
    throw explainWriteError(error, file);
  }
  return { password, file };
}

/**
 * Refuses to show content of calls to people who have not said who they are.
 *
 * @param {{ default: string, workspaces: ReadonlyMap<string, string> }} logs of the exporter's settings
 * @param {NodeJS.ProcessEnv} [env]
 * @throws {Problem}
 */
export function refuseAnonymous(logs, env = process.env) {
  if (!/^(1|t|true|y|yes|on)$/i.test(env.GF_AUTH_ANONYMOUS_ENABLED ?? '')) return;
  const open = [
    ['logs.default', logs.default],
    ...[...logs.workspaces].map(([name, mode]) => [`workspace ${name}`, mode]),
  ]
    .filter(([, mode]) => mode === 'masked' || mode === 'full')
    .map(([where, mode]) => `${where}: ${mode}`);
  if (open.length === 0) return;
  throw new Problem(
    `GF_AUTH_ANONYMOUS_ENABLED would show what was said in calls to everybody who reaches Grafana, because an inference log is on ` +
      `(${open.join(', ')}). Take the variable away, or set them to metadata or off.`,
  );
}

/** @param {string} folder */
function isHome(folder) {
  return existsSync(join(folder, 'conf', 'defaults.ini'));
}
