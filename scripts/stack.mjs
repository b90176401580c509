// `npm run stack`: the exporter, Prometheus and, where their programs are, Alertmanager, Loki and Grafana on this machine, with
// the repository's own configuration, until Ctrl-C.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { alertmanagerCommand } from './alertmanager.mjs';
import { run } from './child.mjs';
import { adminPassword, findGrafana, grafanaCommand, refuseAnonymous } from './grafana.mjs';
import { findLoki } from './loki.mjs';
import { explainWriteError, inProject, Problem, ROOT } from './project.mjs';
import { ensureBinaries } from './prometheus.mjs';

const PROMETHEUS_HOST = '127.0.0.1';
const PROMETHEUS_PORT = 9090;
/** As loki/loki.yml has them. */
const LOKI_HOST = '127.0.0.1';
const LOKI_PORT = 3100;
const ALERTMANAGER_HOST = '127.0.0.1';
const ALERTMANAGER_PORT = 9093;
const GRAFANA_HOST = '127.0.0.1';
const GRAFANA_PORT = 3000;
const RETENTION = '30d';
/** Of silences that have ended, and of what it has notified of. */
const ALERTMANAGER_RETENTION = '120h';
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;
/** npm passes the terminal's Ctrl-C on a second time; a person needs longer than this to press it again. */
const SAME_SIGNAL_MS = 1_000;

/**
 * @typedef {object} Service
 * @property {string} name
 * @property {string} url
 * @property {string} ready the path that answers 200 when it is
 * @property {string} data
 * @property {string} [note] what else to know of it
 * @property {string} command
 * @property {string[]} args
 * @property {NodeJS.ProcessEnv} [env] the process's own when it is left out
 * @property {string} [cwd] the project's folder when it is left out
 */

/** @typedef {Service & { child: import('node:child_process').ChildProcess, ended: Promise<string>, output: string }} Running */

/** @type {Running[]} */
const running = [];
let stopping = false;
let firstSignalAt = 0;

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    if (!stopping) {
      firstSignalAt = Date.now();
      void stopAll(0);
    } else if (Date.now() - firstSignalAt > SAME_SIGNAL_MS) {
      for (const { child } of running) child.kill('SIGKILL');
    }
  });
}

try {
  await start(process.argv.slice(2));
} catch (error) {
  if (stopping) await new Promise(() => {}); // the one that stops everything ends the process
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  await stopAll(1);
}

/** @param {string[]} exporterArgs */
async function start(exporterArgs) {
  const { paths, reason, fix } = await ensureBinaries((line) => console.error(line));
  if (!paths.prometheus) throw new Problem(`The stack needs Prometheus: ${reason}. To fix it: ${fix}`);

  const lokiProgram = findLoki();
  const grafanaProgram = findGrafana();

  const { listen, dataDir, loki: lokiSettings, logs } = await readSettings(exporterArgs);
  const prometheusData = dataFolder('prometheus');
  await requireFree(
    listen.host,
    listen.port,
    'the exporter',
    'stop what listens there, perhaps another "npm start" or "npm run stack"',
  );
  await requireFree(
    PROMETHEUS_HOST,
    PROMETHEUS_PORT,
    'Prometheus',
    'stop what listens there (a Prometheus of the system?)',
  );

  if (paths.alertmanager) {
    await requireFree(
      ALERTMANAGER_HOST,
      ALERTMANAGER_PORT,
      'Alertmanager',
      'stop what listens there (an Alertmanager of the system?)',
    );
  } else {
    console.error(`No notifications: there is no Alertmanager here (${reason}). To fix it: ${fix}`);
  }

  if (lokiProgram) {
    await requireFree(LOKI_HOST, LOKI_PORT, 'Loki', 'stop what listens there (a Loki of the system?)');
  } else {
    console.error(
      'No logs: there is no Loki here. Put its program on PATH or name it in LOKI_BINARY (one file, from ' +
        'https://github.com/grafana/loki/releases), and start the stack again.',
    );
  }

  if (grafanaProgram) {
    refuseAnonymous(logs);
    await requireFree(GRAFANA_HOST, GRAFANA_PORT, 'Grafana', 'stop what listens there (a Grafana of the system?)');
  } else {
    console.error(
      'No dashboards: there is no Grafana here. Put its program on PATH or name it in GRAFANA_BINARY (and, where it lies ' +
        'elsewhere, the folder with its "conf" in GRAFANA_HOME; from https://grafana.com/grafana/download), and start the stack again.',
    );
  }

  // First, because it takes a quarter of a minute until it is ready, which the others need not wait for.
  const loki = lokiProgram ? launchLoki(lokiProgram) : undefined;
  const webPages = await webPagesFlags(paths.prometheus);
  const exporterUrl = `http://${reachable(listen.host)}:${listen.port}`;
  const prometheusUrl = `http://${PROMETHEUS_HOST}:${PROMETHEUS_PORT}`;
  const exporter = launch({
    name: 'exporter',
    url: exporterUrl,
    ready: '/-/ready',
    data: dataDir,
    command: process.execPath,
    // The flag that package.json gives it, too: docs/decisions/benchmarks.md says what for.
    args: ['--concurrent-marking-max-worker-num=1', inProject('dist', 'exporter', 'main.js'), 'serve', ...exporterArgs],
    // Where the configuration names a Loki of its own, that one gets the logs.
    env: loki && !lokiSettings ? { ...process.env, MODEL_OBSERVATION_LOKI_URL: loki.url } : process.env,
  });
  await untilReady(exporter);
  // Before Prometheus, which has alerts for it from the first moment on.
  if (paths.alertmanager) await untilReady(launchAlertmanager(paths.alertmanager));
  const prometheus = launch({
    name: 'prometheus',
    url: prometheusUrl,
    ready: '/-/ready',
    data: prometheusData,
    command: paths.prometheus,
    args: [
      `--config.file=${inProject('prometheus', 'prometheus.yml')}`,
      `--storage.tsdb.path=${prometheusData}`,
      `--storage.tsdb.retention.time=${RETENTION}`,
      `--web.listen-address=${PROMETHEUS_HOST}:${PROMETHEUS_PORT}`,
      // So that `alerts apply` can have it read its rules again.
      '--web.enable-lifecycle',
      '--log.level=warn',
      ...webPages,
    ],
  });
  await untilReady(prometheus);
  const lokiUrl = lokiSettings?.url ?? `http://${LOKI_HOST}:${LOKI_PORT}`;
  if (grafanaProgram) await untilReady(launchGrafana(grafanaProgram, { prometheus: prometheusUrl, loki: lokiUrl }));
  if (loki) await untilReady(loki);
  printTable();
  await reportTarget(prometheusUrl);
}

/** @param {string} program */
function launchAlertmanager(program) {
  const data = dataFolder('alertmanager');
  const { command, cwd } = alertmanagerCommand(program);
  return launch({
    name: 'alertmanager',
    url: `http://${ALERTMANAGER_HOST}:${ALERTMANAGER_PORT}`,
    ready: '/-/ready',
    data,
    command,
    ...(cwd && { cwd }),
    args: [
      `--config.file=${inProject('alertmanager', 'alertmanager.yml')}`,
      `--storage.path=${data}`,
      `--data.retention=${ALERTMANAGER_RETENTION}`,
      `--web.listen-address=${ALERTMANAGER_HOST}:${ALERTMANAGER_PORT}`,
      // One alone: otherwise it listens on every address for others.
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
  });
}

/**
 * A folder below data/, which is the exporter's too, and as closed as it makes it.
 *
 * @param {string} name
 */
function dataFolder(name) {
  const folder = inProject('data', name);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw explainWriteError(error, folder);
  }
  return folder;
}

/**
 * Its data go where loki/loki.yml says, relative to the project's folder.
 *
 * @param {string} command
 */
function launchLoki(command) {
  return launch({
    name: 'loki',
    url: `http://${LOKI_HOST}:${LOKI_PORT}`,
    ready: '/ready',
    data: inProject('data', 'loki'),
    command,
    args: [`-config.file=${inProject('loki', 'loki.yml')}`],
  });
}

/**
 * @param {{ command: string, home: string }} program
 * @param {{ prometheus: string, loki: string }} urls
 */
function launchGrafana(program, urls) {
  const data = dataFolder('grafana');
  // It complains when that is not there, and puts nothing into it.
  dataFolder(join('grafana', 'plugins'));
  const { password, file } = adminPassword(data);
  const alertmanager = `http://${ALERTMANAGER_HOST}:${ALERTMANAGER_PORT}`;
  return launch({
    name: 'grafana',
    url: `http://${GRAFANA_HOST}:${GRAFANA_PORT}`,
    ready: '/api/health',
    data,
    ...(file && { note: `user admin, password in ${relative(ROOT, file)}` }),
    ...grafanaCommand(program, {
      data,
      host: GRAFANA_HOST,
      port: GRAFANA_PORT,
      password,
      urls: { ...urls, alertmanager },
    }),
  });
}

/**
 * Debian's and Ubuntu's build keeps its web pages in files of the system, which are not there when it is only unpacked.
 *
 * @param {string} prometheus
 * @returns {Promise<string[]>}
 */
async function webPagesFlags(prometheus) {
  const folder = join(dirname(prometheus), '..', 'share', 'prometheus', 'web');
  if (!prometheus.startsWith(inProject('.tools')) || !existsSync(folder)) return [];
  const { output } = await run(prometheus, ['--help']);
  return output.includes('--web.local-assets') ? [`--web.local-assets=${folder}`] : [];
}

/**
 * What the exporter will listen on, by its own reading of its configuration.
 *
 * @param {string[]} args
 * @returns {Promise<{ listen: { host: string, port: number }, dataDir: string, loki: { url: string } | null, logs: { default: string,
 *   workspaces: ReadonlyMap<string, string> } }>}
 */
async function readSettings(args) {
  const { loadSettings } = await import(pathToFileURL(inProject('dist', 'exporter', 'config', 'load.js')).href);
  const at = args.findIndex((arg) => arg === '--config' || arg.startsWith('--config='));
  const configFile = at < 0 ? undefined : args[at]?.startsWith('--config=') ? args[at].slice(9) : args[at + 1];
  try {
    return loadSettings({ configFile }).settings;
  } catch (error) {
    throw new Problem(error instanceof Error ? error.message : String(error));
  }
}

/**
 * @param {string} host
 * @param {number} port
 * @param {string} who
 * @param {string} fix
 */
async function requireFree(host, port, who, fix) {
  const error = await new Promise((resolve) => {
    const server = createServer().once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
  if (error) throw new Problem(`${who} cannot listen on ${host}:${port} (${error.code}): ${fix}, then run it again.`);
}

/** @param {string} host */
function reachable(host) {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

/**
 * @param {Service} service
 * @returns {Running}
 */
function launch(service) {
  // In a process group of its own: the terminal's Ctrl-C would reach it as well as the signal from here.
  const { command, args, env = process.env, cwd = ROOT } = service;
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  /** @type {Running} */
  const started = {
    ...service,
    child,
    output: '',
    ended: new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    }),
  };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => show(started, text));
  }
  running.push(started);
  void started.ended.then((how) => {
    if (stopping) return;
    console.error(`${service.name} ended with ${how}: stopping the rest.`);
    void stopAll(1);
  });
  return started;
}

/**
 * Whole lines with the service's name before them.
 *
 * @param {Running} service
 * @param {string} text
 */
function show(service, text) {
  const lines = (service.output + text).split('\n');
  service.output = lines.pop() ?? '';
  for (const line of lines) console.log(`${service.name.padEnd(12)} | ${line}`);
}

/** @param {Running} service */
async function untilReady({ name, url, ready, ended }) {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!(await answers(`${url}${ready}`))) {
    if (over || stopping) throw new Problem(`${name} did not start: see above.`);
    if (Date.now() > deadline) throw new Problem(`${name} is not ready after ${READY_TIMEOUT_MS / 1000} s at ${url}.`);
    await sleep(100);
  }
}

/** @param {string} url */
async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

function printTable() {
  const rows = running.map(({ name, url, data, note }) => {
    return [name, url, [`data in ${relative(ROOT, data) || data}`, ...(note ? [note] : [])].join('; ')];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  console.log('');
  for (const row of rows) console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')}`);
  console.log('\n  Ctrl-C stops everything; the data stays.\n');
}

/**
 * Says so when Prometheus does not get at the exporter, which nobody would see otherwise.
 *
 * @param {string} prometheusUrl
 */
async function reportTarget(prometheusUrl) {
  while (!stopping) {
    const target = await exporterTarget(prometheusUrl);
    if (target && target.health !== 'unknown') {
      if (target.health === 'down') {
        console.error(
          `Prometheus does not get metrics from ${target.scrapeUrl}: ${target.lastError}. ` +
            `The address stands in ${join('prometheus', 'targets', 'exporter.yml')}.`,
        );
      }
      return;
    }
    await sleep(500);
  }
}

/**
 * @param {string} prometheusUrl
 * @returns {Promise<{ health: string, scrapeUrl: string, lastError: string } | undefined>}
 */
async function exporterTarget(prometheusUrl) {
  try {
    const response = await fetch(`${prometheusUrl}/api/v1/targets`, { signal: AbortSignal.timeout(2_000) });
    const { data } = await response.json();
    return data.activeTargets.find((/** @type {{ scrapePool: string }} */ t) => t.scrapePool === 'model-observation');
  } catch {
    return undefined;
  }
}

/**
 * SIGTERM to all, waits for their ends, ends this process.
 *
 * @param {number} code
 */
async function stopAll(code) {
  stopping = true;
  for (const { child } of running) child.kill('SIGTERM');
  const late = setTimeout(() => {
    for (const { name, child } of running) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      console.error(`${name} is still there after ${STOP_TIMEOUT_MS / 1000} s: killing it.`);
      child.kill('SIGKILL');
    }
  }, STOP_TIMEOUT_MS);
  await Promise.all(running.map(({ ended }) => ended));
  clearTimeout(late);
  process.exit(code);
}
