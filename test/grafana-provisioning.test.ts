// What is committed for Grafana to start with: the files against each other, and a real Grafana that starts with them.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DATASOURCE_UIDS } from '../grafana/dashboards/src/frame/datasources.js';
import { dashboardFiles } from '../grafana/dashboards/src/reading/dashboard-file.js';
import { until } from './harness/condition.js';
import { GrafanaProcess, hasGrafana } from './harness/grafana-process.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { temporaryFolder } from './harness/temporary-folder.js';

interface Provisioned {
  uid: string;
  type: string;
  url: string;
}

const dashboards = dashboardFiles(join(PROJECT_ROOT, 'grafana/dashboards'));
const FOLDER = 'Model Observation';
const HOME = 'Model Observation';

function provisioning(path: string): string {
  return readFileSync(join(PROJECT_ROOT, 'grafana/provisioning', path), 'utf8');
}

it('provisions the data sources that the dashboards choose at first, by their uids', () => {
  const { datasources } = parse(provisioning('datasources/model-observation.yml')) as { datasources: Provisioned[] };
  const byType = Object.fromEntries(datasources.map(({ type, uid }) => [type, uid]));
  expect(byType).toEqual(DATASOURCE_UIDS);
  for (const { templating } of dashboards) {
    for (const { type, query, current } of templating.list.filter((variable) => variable.type === 'datasource')) {
      expect([type, current?.value]).toEqual(['datasource', byType[query ?? '']]);
    }
  }
});

describe('the links of alerts', () => {
  const rules = readFileSync(join(PROJECT_ROOT, 'prometheus/rules/alerts.yml'), 'utf8');
  const { groups } = parse(rules) as { groups: { rules: { annotations?: Record<string, string> }[] }[] };
  const urls = groups.flatMap((group) =>
    group.rules.flatMap(({ annotations = {} }) => Object.values(annotations).filter((text) => text.includes('/d/'))),
  );

  it('lead to dashboards that are there, and set variables that these have', () => {
    const found = urls.map((url) => {
      const [, uid = '', query = ''] = /\/d\/([\w-]+)\/[\w-]+(?:\?(.*))?$/s.exec(url) ?? [];
      const dashboard = dashboards.find((candidate) => candidate.uid === uid);
      expect(dashboard, url).toBeDefined();
      const variables = dashboard!.templating.list.map(({ name }) => name);
      for (const [, name] of query.matchAll(/\bvar-(\w+)=/g)) expect(variables, url).toContain(name);
      return uid;
    });
    expect([...new Set(found)].sort()).toEqual(['exporter-health', 'inference-logs', 'model-monitor']);
  });

  it('begin with the address at which Grafana is published', () => {
    expect(urls.filter((url) => !url.startsWith('http://127.0.0.1:3000/d/'))).toEqual([]);
  });
});

describe('the script that the container starts', () => {
  /** What Grafana would be started with, in place of which the password is printed. */
  async function start(data: string, password = ''): Promise<string> {
    const instead = join(await temporaryFolder('start'), 'instead');
    writeFileSync(instead, '#!/bin/sh\nprintf %s "$GF_SECURITY_ADMIN_PASSWORD"\n', { mode: 0o755 });
    const env = { PATH: process.env.PATH, GF_PATHS_DATA: data, GF_SECURITY_ADMIN_PASSWORD: password };
    const script = join(PROJECT_ROOT, 'grafana/start.sh');
    const { status, stdout, stderr } = spawnSync('sh', [script, instead], { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  }

  it('makes a password for the first start, which nobody else can read, and keeps it', async () => {
    const data = await temporaryFolder('start-data');
    const password = await start(data);
    expect(password).toMatch(/^[\w-]{24}$/);
    const file = join(data, 'admin-password');
    expect(readFileSync(file, 'utf8')).toBe(`${password}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await start(data)).toBe(password);
    expect(await start(await temporaryFolder('start-data'))).not.toBe(password);
  });

  it('takes one that is given, and writes it nowhere', async () => {
    const data = await temporaryFolder('start-data');
    expect(await start(data, 'chosen by hand')).toBe('chosen by hand');
    expect(existsSync(join(data, 'admin-password'))).toBe(false);
  });

  it('names none that would be wrong, where users are already', async () => {
    const data = await temporaryFolder('start-data');
    writeFileSync(join(data, 'grafana.db'), '');
    expect(await start(data)).toMatch(/^[\w-]{24}$/);
    expect(existsSync(join(data, 'admin-password'))).toBe(false);
  });
});

describe.runIf(hasGrafana())('real Grafana', () => {
  const urls = { prometheus: 'http://127.0.0.1:19', loki: 'http://127.0.0.1:20', alertmanager: 'http://127.0.0.1:21' };
  let grafana: GrafanaProcess;

  beforeAll(async () => {
    grafana = await GrafanaProcess.start(urls);
    await until('the dashboards', async () => {
      const found = await grafana.json<unknown[]>('/api/search?type=dash-db');
      return found.length >= dashboards.length;
    });
  });

  it('has the data sources, which nobody can edit, at the addresses that it was given', async () => {
    const found = await grafana.json<(Provisioned & { readOnly: boolean })[]>('/api/datasources');
    const byUid = (a: { uid: string }, b: { uid: string }) => a.uid.localeCompare(b.uid);
    expect(found.map(({ uid, type, url, readOnly }) => ({ uid, type, url, readOnly })).sort(byUid)).toEqual(
      (['prometheus', 'loki', 'alertmanager'] as const)
        .map((type) => ({ uid: DATASOURCE_UIDS[type], type, url: urls[type], readOnly: true }))
        .sort(byUid),
    );
    const { jsonData } = await grafana.json<{ jsonData: { derivedFields: { url: string }[] } }>(
      `/api/datasources/uid/${DATASOURCE_UIDS.loki}`,
    );
    // Not filled in from the environment, as all else that begins with a dollar.
    const [range, workspace, value] = [
      `\${__url_time_range}`,
      `\${workspace:queryparam}`,
      `\${__value.raw:percentencode}`,
    ];
    expect(jsonData.derivedFields.map(({ url }) => url)).toEqual([
      `/d/inference-logs/inference-logs?${range}&var-text=${value}`,
      `/d/model-monitor/model-monitor?${range}&${workspace}&var-model=${value}`,
      `/d/inference-logs/inference-logs?${range}&${workspace}&var-call_id=${value}&viewPanel=panel-7`,
    ]);
  });

  it('has every dashboard, in its folder', async () => {
    const found = await grafana.json<{ uid: string; title: string; folderTitle: string }[]>('/api/search?type=dash-db');
    expect(found.map(({ uid, title, folderTitle }) => [uid, title, folderTitle]).sort()).toEqual(
      dashboards.map(({ uid, title }) => [uid, title, FOLDER]).sort(),
    );
  });

  it('shows the first of them at the start', async () => {
    const { dashboard } = await grafana.json<{ dashboard: { title: string } }>('/api/dashboards/home');
    expect(dashboard.title).toBe(HOME);
  });

  it('lets nobody in without a password, nor with the one that everybody knows', async () => {
    expect((await grafana.get('/api/search', null)).status).toBe(401);
    expect((await grafana.get('/api/search', grafana.basic('admin', 'admin'))).status).toBe(401);
    expect((await grafana.get('/', null)).headers.get('location')).toContain('/login');
  });

  it('has no error in its log', () => {
    // An answer of 401 is told there as one; what was asked above is meant.
    const errors = grafana.log.split('\n').filter((line) => /level=(error|critical)/.test(line));
    expect(errors.filter((line) => !/logger=(authn|context)/.test(line))).toEqual([]);
  });
});
