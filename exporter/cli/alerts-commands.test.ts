// `alerts check`, `build` and `list`, on files as users write them.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { HEALTH_ALERTS } from '../alerts/health/health-alerts.js';
import { alertsBuild } from './alerts-build.js';
import { alertsCheck } from './alerts-check.js';
import { alertsList } from './alerts-list.js';

const COMMANDS = { check: alertsCheck, build: alertsBuild, list: alertsList };

const GOOD = `contacts:
  mail: { type: email, to: [ops@example.com] }
  pager: { type: pagerduty, routing_key_file: /run/secrets/pagerduty }
email: { smarthost: 'smtp.example.com:587', from: alerts@example.com }
schedules:
  office: { hours: ['09:00-18:00'], weekdays: [mon-fri], time_zone: Asia/Shanghai }
rules:
  failures: { template: failure-rate, for: 5m, contacts: [mail, pager], models: ['qwen-*'] }
  失败率: { template: slow, schedule: office, workspaces: [checkout] }
templates:
  slow:
    summary: Slow.
    conditions: [{ metric: call_duration, aggregation: p95, window: 5m, thresholds: { warning: 20s } }]
`;
const FILES = ['alertmanager/alertmanager.yml', 'alertmanager/compose/alertmanager.yml', 'prometheus/rules/alerts.yml'];

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'alerts-commands-'));
  mkdirSync(join(cwd, 'config'));
  writeAlerts(GOOD);
});
afterEach(() => rmSync(cwd, { recursive: true }));

function writeAlerts(text: string): void {
  writeFileSync(join(cwd, 'config/alerts.yml'), text);
}

async function run(command: keyof typeof COMMANDS, ...args: string[]) {
  const written = { stdout: '', stderr: '' };
  const out = {
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
  };
  return { code: await COMMANDS[command](args, out, { cwd, env: {} }), ...written };
}

function filesThere(): string[] {
  return readdirSync(cwd, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cwd.length + 1))
    .filter((name) => !name.startsWith('config/'))
    .toSorted();
}

function read(name: string): string {
  return readFileSync(join(cwd, name), 'utf8');
}

describe.each(['check', 'build', 'list'] as const)('alerts %s', (command) => {
  test('mistakes: each with its place, exit code 1, nothing written', async () => {
    writeAlerts('rules:\n  a: { template: failure-rat }\n  b: { template: failure-rate, fro: 5m }\n');
    const { code, stdout, stderr } = await run(command);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('config/alerts.yml:2:');
    expect(stderr).toContain('config/alerts.yml:3:');
    expect(stderr).toMatch(/\n\n2 problems: nothing is written or loaded\.\n$/);
    expect(filesThere()).toEqual([]);
  });

  test('no such file, exit code 1', async () => {
    const { code, stderr } = await run(command, '--alerts', 'none.yml');
    expect(code).toBe(1);
    expect(stderr).toContain('none.yml');
  });

  test('mistakes of the configuration, which it needs too, exit code 1', async () => {
    writeFileSync(join(cwd, 'c.yml'), 'lisen: 1\n');
    const { code, stderr } = await run(command, '--config', 'c.yml');
    expect(code).toBe(1);
    expect(stderr).toContain('c.yml:1:1  lisen: unknown key');
  });

  test('wrong usage, exit code 2', async () => {
    const { code, stderr } = await run(command, '--alert', 'a');
    expect(code).toBe(2);
    expect(stderr).toContain(`usage: model-observation alerts ${command} `);
  });

  test('help names each of its options', async () => {
    const { code, stdout } = await run(command, '--help');
    expect(code).toBe(0);
    for (const option of ['--alerts', '--config']) expect(stdout).toContain(option);
  });
});

describe('alerts check', () => {
  test('good: what there is, and nothing written', async () => {
    const { code, stdout, stderr } = await run('check');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(
        `^config/alerts\\.yml: ok\\. 2 rules with [3-5] alerts, ${HEALTH_ALERTS.length} of the exporter's own, 1 own template, 2 contacts, 1 schedule\\.\\n`,
      ),
    );
    expect(filesThere()).toEqual([]);
  });
});

describe('alerts build', () => {
  test('writes what is not there, and what changed', async () => {
    expect(await run('build')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'prometheus/rules/alerts.yml: written\nalertmanager/alertmanager.yml: written\nalertmanager/compose/alertmanager.yml: written\n',
      ),
    });
    expect(filesThere()).toEqual(FILES);
    const before = statSync(join(cwd, FILES[0]!)).ino;
    writeAlerts(GOOD.replace('for: 5m', 'for: 6m'));
    expect(await run('build')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'prometheus/rules/alerts.yml: written\nalertmanager/alertmanager.yml: unchanged\nalertmanager/compose/alertmanager.yml: unchanged\n',
      ),
    });
    expect(read('prometheus/rules/alerts.yml')).toContain('for: 6m');
    expect(statSync(join(cwd, FILES[0]!)).ino).toBe(before);
  });

  test('the file for Compose differs in where the exporter is, and in nothing else', async () => {
    await run('build');
    const native = read('alertmanager/alertmanager.yml');
    const compose = read('alertmanager/compose/alertmanager.yml');
    expect(native).toContain('http://127.0.0.1:9490/notify/');
    expect(compose).toBe(native.replaceAll('http://127.0.0.1:9490/', 'http://exporter:9490/'));
  });

  test('elsewhere, and for another address: those files alone', async () => {
    const args = ['--rules-out', 'out/r.yml', '--alertmanager-out', join(cwd, 'out/a.yml')];
    expect(await run('build', ...args, '--exporter-url', 'https://exporter.example/')).toMatchObject({ code: 0 });
    expect(filesThere()).toEqual(['out/a.yml', 'out/r.yml']);
    expect(read('out/a.yml')).toContain('https://exporter.example/notify/');
  });

  test.each(['exporter:9490', 'ftp://exporter', 'http://user:secret@exporter'])(
    'no address of an exporter: %s, exit code 2',
    async (url) => {
      const { code, stderr } = await run('build', '--exporter-url', url);
      expect(code).toBe(2);
      expect(stderr).toContain('--exporter-url must be an address');
      expect(stderr).not.toContain('secret');
    },
  );

  test('--check: names what differs, and writes nothing', async () => {
    await run('build');
    expect(await run('build', '--check')).toEqual({ code: 0, stdout: '', stderr: '' });
    writeFileSync(join(cwd, 'prometheus/rules/alerts.yml'), 'by hand');
    rmSync(join(cwd, 'alertmanager/alertmanager.yml'));
    expect(await run('build', '--check')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'prometheus/rules/alerts.yml is out of date: run model-observation alerts build\n' +
        'alertmanager/alertmanager.yml is out of date: run model-observation alerts build\n',
    });
    expect(read('prometheus/rules/alerts.yml')).toBe('by hand');
  });

  test('a place where it cannot write: which, exit code 1; the others are written', async () => {
    mkdirSync(join(cwd, 'prometheus/rules/alerts.yml'), { recursive: true });
    const { code, stderr } = await run('build');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^prometheus\/rules\/alerts\.yml cannot be written: /);
    expect(read('alertmanager/alertmanager.yml')).toContain('receivers:');
  });
});

describe('alerts list', () => {
  test('each alert of each rule, with whom it reaches; then the own ones', async () => {
    const { code, stdout } = await run('list');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^RULE +TEMPLATE +LEVEL +WHEN +WORKSPACES +MODELS +FOR +HOLD +SCHEDULE +CONTACTS$/);
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^failures +failure-rate +error +share of failures over \S+ > \S+ +all +qwen-\* +5m +\S+ +mail$/,
      ),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^failures +failure-rate +critical +share of failures .* mail, pager$/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^失败率 +slow +warning +p95 of call duration over 5m > 20s +checkout +all +\S+ +\S+ +office +nobody$/,
      ),
    );
    const own = lines.filter((line) => / exporter +(normal|warning|error|critical) /.test(line));
    expect(own).toHaveLength(HEALTH_ALERTS.length);
  });

  test('--json: as many as there are rules of Prometheus, but for the Watchdog', async () => {
    await run('build');
    const { groups } = parse(read('prometheus/rules/alerts.yml')) as {
      groups: { rules: { alert?: string; labels?: { rule: string; level: string } }[] }[];
    };
    const compiled = groups
      .flatMap(({ rules }) => rules)
      .flatMap(({ labels, alert }) =>
        alert === undefined || alert === 'Watchdog' ? [] : [`${labels?.rule} ${labels?.level}`],
      );
    const { stdout } = await run('list', '--json');
    const listed = JSON.parse(stdout) as { rule: string; level: string; contacts: string[] }[];
    expect(listed.map(({ rule, level }) => `${rule} ${level}`).toSorted()).toEqual(compiled.toSorted());
    expect(listed.find(({ rule, level }) => rule === 'failures' && level === 'critical')?.contacts).toEqual([
      'mail',
      'pager',
    ]);
  });

  test.each(['check', 'build', 'list'] as const)(
    'names that would move a terminal are harmless, also in notes and mistakes (%s)',
    async (command) => {
      // The file itself refuses control characters; what turns the direction of writing it may hold.
      for (const template of ['failure-rate', 'none']) {
        writeAlerts(`rules:\n  "a\\u202eb": { template: ${template} }\n`);
        const { stdout, stderr } = await run(command);
        expect(`${stdout}${stderr}`).not.toContain('\u202e');
        expect(`${stdout}${stderr}`).toContain('a\\u202eb');
      }
    },
  );
});
