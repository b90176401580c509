// `alerts apply` against a real Prometheus and a real Alertmanager, which read the files that it writes.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { AlertmanagerProcess } from './harness/alertmanager-process.js';
import { type Answer, commandLine } from './harness/command-line.js';
import { freePort } from './harness/free-port.js';
import { hasPrograms, programPath } from './harness/prometheus-binaries.js';
import { PrometheusProcess } from './harness/prometheus-process.js';
import { ServerProcess } from './harness/server-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';

const ALERTS = `contacts:
  hook: { type: webhook, url: 'http://127.0.0.1:9/alerts' }
rules:
  failures: { template: failure-rate, for: 5m, contacts: [hook] }
`;
const NOTHING = 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n';

let cwd: string;
let rulesFile: string;
let configFile: string;

beforeEach(async () => {
  cwd = await temporaryFolder('alerts-apply');
  await mkdir(join(cwd, 'config'));
  await writeFile(join(cwd, 'config/alerts.yml'), ALERTS);
  rulesFile = join(cwd, 'rules.yml');
  configFile = join(cwd, 'alertmanager.yml');
});

describe.runIf(hasPrograms('prometheus', 'promtool', 'alertmanager', 'amtool'))('alerts apply', () => {
  it('has both servers load what changed, and says so', async () => {
    const { prometheus, alertmanager } = await servers();
    const answer = await apply(prometheus, alertmanager);
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(answer.stdout).toContain(`${rulesFile}: promtool has nothing to say against it\n`);
    expect(answer.stdout).toContain(`${configFile}: amtool has nothing to say against it\n`);
    expect(answer.stdout).toContain(`${rulesFile}: written\n`);
    expect(answer.stdout).toContain(`Prometheus at ${prometheus.url}: reloaded\n`);
    expect(answer.stdout).toMatch(/\nPrometheus has all \d+ rules, none with an error/);
    expect(answer.stdout).toContain(`Alertmanager at ${alertmanager.url}: reloaded\n`);
    expect(answer.stdout).toMatch(/\nAlertmanager has all \d+ receivers\n/);
    expect(await durationsOf(prometheus)).toEqual([300]);

    await writeFile(join(cwd, 'config/alerts.yml'), ALERTS.replace('5m', '7m'));
    const again = await apply(prometheus, alertmanager);
    expect(again).toMatchObject({ code: 0, stderr: '' });
    expect(again.stdout).toContain(`${configFile}: unchanged\n`);
    expect(await durationsOf(prometheus)).toEqual([420]);
  });

  it('mistakes: nothing is written over the good files, and nothing is reloaded', async () => {
    const { prometheus, alertmanager } = await servers();
    await apply(prometheus, alertmanager);
    const before = await readFile(rulesFile, 'utf8');
    await writeFile(join(cwd, 'config/alerts.yml'), ALERTS.replace('failure-rate', 'failure'));
    expect(await apply(prometheus, alertmanager)).toMatchObject({ code: 1, stdout: '' });
    expect(await readFile(rulesFile, 'utf8')).toBe(before);
  });

  it('a check that fails: nothing is written, nothing is reloaded', async () => {
    const { prometheus, alertmanager } = await servers();
    const broken = join(cwd, 'broken-amtool');
    await writeFile(broken, '#!/bin/sh\necho "it is bad"; exit 1\n', { mode: 0o755 });
    const answer = await apply(prometheus, alertmanager, { AMTOOL: broken });
    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain(`${configFile}: amtool refuses it:\n    it is bad\n`);
    expect(answer.stderr).toMatch(/Nothing is written, nothing is reloaded\.\n$/);
    expect(answer.stdout).not.toContain('reloaded');
    expect(await readFile(configFile, 'utf8')).toBe(NOTHING);
  });

  it('without promtool and amtool: says so, and goes on', async () => {
    const { prometheus, alertmanager } = await servers();
    const answer = await apply(prometheus, alertmanager, { PROMTOOL: undefined, AMTOOL: undefined, PATH: cwd });
    expect(answer).toMatchObject({ code: 0, stderr: '' });
    expect(answer.stdout).toContain('not checked by promtool, which is not here');
    expect(answer.stdout).toContain('not checked by amtool, which is not here');
  });

  it('servers that are not there: the files are written, exit code 1', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const answer = await apply({ url }, { url });
    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain(`Prometheus does not answer at ${url}`);
    expect(answer.stderr).toContain(`Alertmanager does not answer at ${url}`);
    expect(await readFile(rulesFile, 'utf8')).toContain('model-observation-alerts');
  });

  it('a Prometheus that cannot be told to reload: what to do; Alertmanager is reloaded all the same', async () => {
    const { alertmanager } = await servers();
    const prometheus = await prometheusWithoutLifecycle();
    const answer = await apply(prometheus, alertmanager);
    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain('start it with --web.enable-lifecycle, or send its process SIGHUP');
    expect(answer.stdout).toContain(`Alertmanager at ${alertmanager.url}: reloaded\n`);
  });

  it('servers that read other files: told, exit code 1', async () => {
    const { prometheus, alertmanager } = await servers();
    rulesFile = join(cwd, 'elsewhere.yml');
    configFile = join(cwd, 'elsewhere-too.yml');
    const answer = await apply(prometheus, alertmanager);
    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain('    group model-observation-alerts is not there');
    expect(answer.stderr).toContain('has other receivers than the file');
  });

  it('an Alertmanager that refuses its configuration: why', async () => {
    const { prometheus, alertmanager } = await servers();
    const own = join(alertmanager.folder, 'alertmanager.yml');
    await writeFile(own, 'route: { receiver: nobody }\n');
    configFile = join(cwd, 'elsewhere.yml');
    const answer = await apply(prometheus, alertmanager);
    expect(answer.code).toBe(1);
    expect(answer.stderr).toMatch(
      /Alertmanager at \S+ refuses its configuration, and goes on with the old one: .*nobody/,
    );
    expect(answer.stdout).toContain(`Prometheus at ${prometheus.url}: reloaded\n`);
  });

  it('no address of a server: exit code 2', async () => {
    const args = ['alerts', 'apply', '--prometheus', 'localhost:9090'];
    expect(await commandLine(args, { cwd })).toMatchObject({ code: 2, stdout: '' });
  });
});

interface Server {
  url: string;
}

/** Both, on files that `apply` writes over. */
async function servers(): Promise<{ prometheus: PrometheusProcess; alertmanager: AlertmanagerProcess }> {
  const alertmanager = await AlertmanagerProcess.start({ config: NOTHING });
  configFile = join(alertmanager.folder, 'alertmanager.yml');
  return { prometheus: await startPrometheus(), alertmanager };
}

function startPrometheus(): Promise<PrometheusProcess> {
  return PrometheusProcess.start({ config: { rule_files: [rulesFile] } });
}

/** As it is started by itself. */
async function prometheusWithoutLifecycle(): Promise<Server> {
  const config = join(cwd, 'prometheus.yml');
  await writeFile(config, `rule_files: [${JSON.stringify(rulesFile)}]\n`);
  const address = `127.0.0.1:${await freePort()}`;
  const server = await ServerProcess.spawn({
    name: 'prometheus',
    command: programPath('prometheus'),
    args: [`--config.file=${config}`, `--storage.tsdb.path=${join(cwd, 'data')}`, `--web.listen-address=${address}`],
    cwd,
  });
  await server.untilOk(`http://${address}/-/ready`);
  return { url: `http://${address}` };
}

function apply(
  prometheus: Server,
  alertmanager: Server,
  env: Record<string, string | undefined> = {},
): Promise<Answer> {
  const args = ['--rules-out', rulesFile, '--alertmanager-out', configFile];
  const tools = { PROMTOOL: programPath('promtool'), AMTOOL: programPath('amtool') };
  return commandLine(['alerts', 'apply', ...args, '--prometheus', prometheus.url, '--alertmanager', alertmanager.url], {
    cwd,
    env: { ...tools, ...env },
  });
}

/** `for` of the rules at level error, in seconds. */
async function durationsOf({ url }: Server): Promise<number[]> {
  const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as {
    data: { groups: { rules: { labels?: Record<string, string>; duration?: number }[] }[] };
  };
  return data.groups
    .flatMap(({ rules }) => rules)
    .flatMap(({ labels, duration }) =>
      labels?.rule === 'failures' && labels.level === 'error' ? [duration ?? 0] : [],
    );
}
