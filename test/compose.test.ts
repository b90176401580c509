// docker-compose.yml without an engine: against the Compose Specification's schema, and for what a schema cannot know.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadSettings } from '../exporter/config/load.js';
import {
  type ComposeFile,
  inRepository,
  milliseconds,
  mountsOf,
  readComposeFile,
  type Service,
} from './compose-file.js';
import { environment, healthCheck, only, readDockerfile } from './dockerfile.js';
import { GRAFANA_SETTINGS } from './harness/grafana-process.js';
import { lokiConfig } from './harness/loki/loki-config.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { hasPrograms, programPath } from './harness/prometheus-binaries.js';
import { temporaryFolder } from './harness/temporary-folder.js';

const compose = readComposeFile();
const services = Object.entries(compose.services);
const exporter = compose.services.exporter!;
const prometheus = compose.services.prometheus!;
const alertmanager = compose.services.alertmanager!;
const loki = compose.services.loki!;
const grafana = compose.services.grafana!;
const image = readDockerfile().at(-1)!;

describe('the schema of the Compose Specification', () => {
  const { $schema: _, ...schema } = JSON.parse(
    readFileSync(join(PROJECT_ROOT, 'test/testdata/compose-spec/compose-spec.json'), 'utf8'),
  ) as Record<string, unknown>;
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema);

  it('has nothing to say', () => {
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  it.each<[what: string, damage: (file: ComposeFile) => unknown, at: string]>([
    ['a misspelt key', (file) => Object.assign(file.services.exporter!, { port: [] }), '/services/exporter'],
    ['a wrong type', (file) => Object.assign(file.services.prometheus!, { read_only: {} }), '/services/prometheus'],
    ['an unknown section', (file) => Object.assign(file, { service: {} }), ''],
  ])('would tell %s', (_what, damage, at) => {
    const file = readComposeFile();
    damage(file);
    expect(validate(file)).toBe(false);
    expect(validate.errors!.map(({ instancePath }) => instancePath)).toContainEqual(expect.stringContaining(at));
  });
});

describe.each(services)('%s', (name, service: Service) => {
  it('is reached from this machine alone', () => {
    expect(service.ports?.length).toBeGreaterThan(0);
    for (const port of service.ports!) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
    expect(service.network_mode).toBeUndefined();
    for (const network of service.networks ?? []) expect(Object.keys(compose.networks!)).toContain(network);
    expect(service.networks).toEqual(['observation']);
  });

  it('is of an exact version', () => {
    if (service.build !== undefined) expect(existsSync(join(PROJECT_ROOT, service.build, 'Dockerfile'))).toBe(true);
    // Without a name of its own an image is built here, and never looked for in a registry.
    if (service.build !== undefined) expect(service.image).toBeUndefined();
    else expect(service.image).toMatch(/^[a-z][\w./-]*:v?\d+\.\d+\.\d+(-[\w.]+)?(@sha256:[0-9a-f]{64})?$/);
  });

  it('has no more rights than it needs', () => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: expect.any(Number),
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
    });
    expect(service.privileged ?? false).toBe(false);
    expect(service.cap_add ?? []).toEqual([]);
    const user = service.user ?? (service.build === undefined ? '' : only(image, 'USER'));
    expect(user, 'a number, and not root').toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  it('comes back after a crash, and fills no disk with its log', () => {
    expect(service).toMatchObject({ restart: 'unless-stopped', init: true });
    expect(service.logging?.options).toMatchObject({ 'max-size': expect.any(String), 'max-file': expect.any(String) });
  });

  it('has time to stop in order', () => {
    // The exporter itself cuts off after 20 s what is not answered, and takes a snapshot then.
    expect(milliseconds(service.stop_grace_period!)).toBeGreaterThanOrEqual(30_000);
  });

  it('tells its health', () => {
    if (service.build !== undefined) {
      expect(healthCheck(image)[0]).toBe('node');
      return;
    }
    const { test, interval, timeout, start_period } = service.healthcheck!;
    // Not every image has a shell, which CMD-SHELL needs.
    expect(test[0]).toBe('CMD');
    expect(milliseconds(timeout)).toBeLessThan(milliseconds(interval));
    expect(milliseconds(start_period)).toBeGreaterThan(0);
  });

  it('mounts what there is, and changes nothing in the repository', () => {
    for (const { source, readOnly } of mountsOf(service)) {
      if (source.startsWith('./')) {
        expect(existsSync(join(PROJECT_ROOT, source)), source).toBe(true);
        expect(readOnly, `${source} is read-only`).toBe(true);
      } else {
        expect(Object.keys(compose.volumes!)).toContain(source);
        expect(source.startsWith(name), `${source} is ${name}'s own`).toBe(true);
      }
    }
  });

  it('waits for services that are there and tell their health', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition).toBe('service_healthy');
      expect(Object.keys(compose.services)).toContain(other);
    }
  });
});

it('every volume belongs to somebody', () => {
  const used = services.flatMap(([, service]) => mountsOf(service).map(({ source }) => source));
  expect(Object.keys(compose.volumes!).filter((volume) => !used.includes(volume))).toEqual([]);
});

describe('the exporter', () => {
  it('starts with the environment and the configuration that it gets', () => {
    const env = { ...environment(image), ...exporter.environment };
    const { settings, configFile } = loadSettings({ env, cwd: PROJECT_ROOT });
    expect(configFile).toBe('config/model-observation.yml');
    expect(settings).toMatchObject({ listen: { host: '', port: 9490 }, auth: { anonymous: true, tokens: [] } });
    expect(exporter.ports).toEqual([`127.0.0.1:${settings.listen.port}:${settings.listen.port}`]);
    const data = mountsOf(exporter).find(({ target }) => target === settings.dataDir);
    expect(data).toMatchObject({ source: 'exporter-data', readOnly: false });
    const workingDirectory = only(image, 'WORKDIR');
    expect(inRepository(exporter, `${workingDirectory}/${configFile}`)).toBe(configFile);
  });
});

describe('Prometheus', () => {
  const flags = Object.fromEntries(prometheus.command!.map((flag) => flag.split('=') as [string, string]));
  const configFile = flags['--config.file']!;

  it('keeps its data for 30 days on its volume, and can be told to read its rules again, but not to change its data', () => {
    expect(flags).toMatchObject({ '--storage.tsdb.retention.time': '30d' });
    expect(Object.keys(flags)).toContain('--web.enable-lifecycle');
    const data = mountsOf(prometheus).find(({ target }) => target === flags['--storage.tsdb.path']);
    expect(data).toMatchObject({ source: 'prometheus-data', readOnly: false });
    expect(Object.keys(flags).filter((flag) => /admin-api|remote-write-receiver/.test(flag))).toEqual([]);
  });

  it('finds every target at a service of this file', () => {
    expect(inRepository(prometheus, configFile)).toBe('prometheus/prometheus.yml');
    const native = readdirSync(join(PROJECT_ROOT, 'prometheus/targets')).filter((name) => name.endsWith('.yml'));
    expect(native).toEqual(expect.arrayContaining(['alertmanager.yml', 'exporter.yml']));
    for (const name of native) {
      const path = inRepository(prometheus, `/etc/prometheus/targets/${name}`);
      expect(path).toBe(`prometheus/targets/compose/${name}`);
      const groups = parse(readFileSync(join(PROJECT_ROOT, path), 'utf8')) as { targets: string[] }[];
      for (const target of groups.flatMap(({ targets }) => targets)) {
        const [host = '', port] = target.split(':');
        const published = compose.services[host]?.ports ?? [];
        expect(published, `${target} of ${path}`).toContainEqual(expect.stringMatching(`:${port}$`));
      }
    }
  });

  it.runIf(hasPrograms('promtool'))('reads its configuration from what is mounted', async () => {
    const container = await temporaryFolder('compose');
    const mounts = mountsOf(prometheus).filter(({ source }) => source.startsWith('./'));
    for (const { source, target } of mounts.sort((a, b) => a.target.length - b.target.length)) {
      cpSync(join(PROJECT_ROOT, source), join(container, target), { recursive: true });
    }
    const checked = spawnSync(programPath('promtool'), ['check', 'config', join(container, configFile)], {
      encoding: 'utf8',
    });
    expect(checked.status, `${checked.stdout}${checked.stderr}`).toBe(0);
  });
});

describe('Alertmanager', () => {
  const flags = Object.fromEntries(alertmanager.command!.map((flag) => flag.split('=') as [string, string]));
  const configFile = flags['--config.file']!;

  it('keeps its data on its volume, and talks to no other of its kind', () => {
    const data = mountsOf(alertmanager).find(({ target }) => target === flags['--storage.path']);
    expect(data).toMatchObject({ source: 'alertmanager-data', readOnly: false });
    expect(flags).toMatchObject({ '--cluster.listen-address': '', '--data.retention': '120h' });
  });

  it('starts with the file that is made for it, which sends to the exporter of this file', () => {
    const file = inRepository(alertmanager, configFile);
    expect(file).toBe('alertmanager/compose/alertmanager.yml');
    const config = readFileSync(join(PROJECT_ROOT, file), 'utf8');
    const urls = [...config.matchAll(/http:\/\/[^/"\s]+/g)].map(([url]) => url);
    expect(new Set(urls)).toEqual(new Set(['http://exporter:9490']));
  });

  it('finds the texts of its messages beside that file, also as it is mounted', async () => {
    const container = await temporaryFolder('compose');
    const [mount] = mountsOf(alertmanager).filter(({ source }) => source.startsWith('./'));
    cpSync(join(PROJECT_ROOT, mount!.source), join(container, mount!.target), {
      recursive: true,
      verbatimSymlinks: true,
    });
    expect(readdirSync(join(container, dirname(configFile), 'templates'))).toContain('model-observation.tmpl');
    if (!hasPrograms('amtool')) return;
    const checked = spawnSync(programPath('amtool'), ['check-config', join(container, configFile)], {
      encoding: 'utf8',
    });
    expect(checked.status, `${checked.stdout}${checked.stderr}`).toBe(0);
    expect(checked.stdout).toMatch(/[1-9]\d* templates/);
  });
});

describe('Loki', () => {
  const flags = Object.fromEntries(loki.command!.map((flag) => flag.split('=') as [string, string]));
  const config = lokiConfig() as unknown as {
    server: { http_listen_port: number };
    common: { path_prefix: string };
    storage_config: { object_store: { filesystem: { dir: string } } };
    compactor: { working_directory: string };
  };

  it('starts with the configuration of the repository', () => {
    expect(inRepository(loki, flags['-config.file']!)).toBe('loki/loki.yml');
    expect(loki.ports).toEqual([`127.0.0.1:${config.server.http_listen_port}:${config.server.http_listen_port}`]);
    expect(flags['-server.http-listen-address']).toBe('0.0.0.0');
  });

  it('has all its data on its volume', () => {
    const { common, storage_config, compactor } = config;
    const folders = [common.path_prefix, storage_config.object_store.filesystem.dir, compactor.working_directory];
    for (const folder of folders) {
      const path = posix.resolve(loki.working_dir!, folder);
      const mount = mountsOf(loki).find(({ target }) => path.startsWith(`${target}/`));
      expect(mount, path).toMatchObject({ source: 'loki-data', readOnly: false });
    }
  });

  it('is asked for its health where it listens', () => {
    expect(loki.healthcheck!.test).toContain(`-health.url=http://127.0.0.1:${config.server.http_listen_port}/ready`);
  });
});

describe('Grafana', () => {
  const env = grafana.environment!;

  it('is of the versions that the dashboards are for', () => {
    expect(Number(/:(\d+)\./.exec(grafana.image!)?.[1])).toBeGreaterThanOrEqual(12);
  });

  it('starts with what is provisioned, and shows the first dashboard, all from one mount', () => {
    expect(grafana.entrypoint).toEqual(['sh', expect.any(String)]);
    expect(inRepository(grafana, grafana.entrypoint![1]!)).toBe('grafana/start.sh');
    expect(inRepository(grafana, env.GF_PATHS_PROVISIONING!)).toBe('grafana/provisioning');
    expect(inRepository(grafana, env.MODEL_OBSERVATION_DASHBOARDS!)).toBe('grafana/dashboards');
    const home = inRepository(grafana, env.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH!);
    expect(existsSync(join(PROJECT_ROOT, home)), home).toBe(true);
  });

  it('keeps its users on its volume', () => {
    const data = mountsOf(grafana).find(({ target }) => target === '/var/lib/grafana');
    expect(data).toMatchObject({ source: 'grafana-data', readOnly: false });
  });

  it('has no password of its own in the file, and lets nobody in without one', () => {
    expect(env.GF_SECURITY_ADMIN_PASSWORD).toBe(`\${GRAFANA_ADMIN_PASSWORD:-}`);
    expect(env.GF_AUTH_ANONYMOUS_ENABLED).toBe('false');
  });

  it('finds every data source at a service of this file, by the variables that are filled in', () => {
    const files = readdirSync(join(PROJECT_ROOT, 'grafana/provisioning'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yml'))
      .map((name) => readFileSync(join(PROJECT_ROOT, 'grafana/provisioning', name), 'utf8'));
    const asked = files.flatMap((text) => [...text.matchAll(/(?<!\$)\$\{(\w+)\}/g)].map(([, name]) => name));
    expect(Object.keys(env).filter((name) => name.startsWith('MODEL_OBSERVATION_'))).toEqual(
      expect.arrayContaining(asked.filter((name) => name !== 'NAME')),
    );
    for (const name of ['PROMETHEUS', 'LOKI', 'ALERTMANAGER']) {
      const { hostname, port } = new URL(env[`MODEL_OBSERVATION_${name}_URL`]!);
      expect(hostname).toBe(name.toLowerCase());
      expect(compose.services[hostname]?.ports).toContainEqual(expect.stringMatching(`:${port}$`));
    }
  });

  it('has the same settings as in the native stack', () => {
    expect(env).toMatchObject(GRAFANA_SETTINGS);
  });
});

it.each([
  ['40s', 40_000],
  ['1m30s', 90_000],
  ['500ms', 500],
])('a duration of Compose: %s', (text, expected) => expect(milliseconds(text)).toBe(expected));

it.each(['40', 's', '1 m', ''])('no duration of Compose: "%s"', (text) => expect(() => milliseconds(text)).toThrow());
