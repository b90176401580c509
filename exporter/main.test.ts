import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const MAIN = join(ROOT, 'dist/exporter/main.js');

let cwd: string;

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'main-'));
  execFileSync(process.execPath, [join(ROOT, 'scripts/run.mjs'), 'build'], { cwd: ROOT });
}, 120_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Run {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line in an empty folder until it ends. `said` is called with all of stdout so far. */
function run(
  args: readonly string[],
  env: Record<string, string> = {},
  said: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => {
      stdout += data;
      said(stdout, (signal) => child.kill(signal));
    });
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

const USAGE = `usage: model-observation COMMAND [options]

  serve                 take call records and serve metrics
  replay FILE|-         send call records (NDJSON) to an exporter
  logs get ID           put one call together again from its logs in Loki
  dead-letters list     show the log entries that Loki refused, and why
  dead-letters resend   send them again
  alerts check          say what is wrong with the alerts
  alerts build          write them as rules of Prometheus and routes of Alertmanager
  alerts list           show every alert, and who is told
  alerts apply          build them, and have Prometheus and Alertmanager load them
  config check          say what is wrong with the configuration
  spool verify          say what is in the data directory, and whether it is intact

  COMMAND --help        the options of a command
  --version
`;

describe('the command line', () => {
  test.each([[['--help']], [['-h']], [['help']]])('%j: how it is used, exit code 0', async (args) => {
    expect(await run(args)).toMatchObject({ code: 0, stdout: USAGE, stderr: '' });
  });

  test('nothing: how it is used, on stderr, exit code 2', async () => {
    expect(await run([])).toMatchObject({ code: 2, stdout: '', stderr: USAGE });
  });

  test('--version: the one in package.json', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test.each([
    ['sevre', 'serve'],
    ['config', 'config check'],
    ['spool', 'spool verify'],
    ['alerts', 'alerts check'],
    ['alerts aply', 'alerts apply'],
    ['spool verfy', 'spool verify'],
    ['config chek', 'config check'],
    ['constructor', null],
    ['__proto__', null],
    ['toString', null],
    ['--serve', 'serve'],
    ['Serve', 'serve'],
  ])('%s is no command: exit code 2', async (command, meant) => {
    const suggestion = meant === null ? '' : `. Did you mean ${meant}?`;
    expect(await run(command.split(' '))).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `model-observation: there is no command "${command}"${suggestion}\n\n${USAGE}`,
    });
  });

  test.each([
    ['serve', 'usage: model-observation serve '],
    ['replay', 'usage: model-observation replay '],
    ['logs get', 'usage: model-observation logs get '],
    ['dead-letters list', 'usage: model-observation dead-letters '],
    ['alerts check', 'usage: model-observation alerts check '],
    ['alerts build', 'usage: model-observation alerts build '],
    ['alerts list', 'usage: model-observation alerts list '],
    ['alerts apply', 'usage: model-observation alerts apply '],
    ['config check', 'usage: model-observation config check '],
    ['spool verify', 'usage: model-observation spool verify '],
  ])('%s --help: exit code 0', async (command, usage) => {
    const { code, stdout, stderr } = await run([...command.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.startsWith(usage)).toBe(true);
  });

  test('nothing of it leaves anything behind', () => {
    expect(readdirSync(cwd)).toEqual([]);
  });
});

describe('serve', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s: drains, exit code 0', async (signal) => {
    const env = { MODEL_OBSERVATION_LISTEN: '127.0.0.1:0', MODEL_OBSERVATION_DATA_DIR: `data-${signal}` };
    let told = false;
    const { code, stdout, stderr } = await run(['serve'], env, (_stdout, kill) => {
      if (!told) kill(signal);
      told = true;
    });
    expect(stdout).toMatch(
      /^Model Observation is ready: http:\/\/127\.0\.0\.1:\d+ {3}\(data in \S+data-SIG[A-Z]+; Ctrl-C stops it\)\n$/,
    );
    const messages = stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.slice(-3)).toEqual(['Ready', 'Stopping: answering what was accepted', 'Stopped']);
    expect(code).toBe(0);
  });

  test('a mistake in the configuration: the place, exit code 1, and no data directory', async () => {
    writeFileSync(join(cwd, 'bad.yml'), 'lisen: 1\n');
    const { code, stdout, stderr } = await run(['serve', '--config', 'bad.yml']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe('bad.yml:1:1  lisen: unknown key. Did you mean listen?\n');
    expect(readdirSync(cwd)).not.toContain('data');
  });

  test('a port that is taken: what to do, without a stack, exit code 1', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const env = { MODEL_OBSERVATION_LISTEN: `127.0.0.1:${port}`, MODEL_OBSERVATION_LOG_LEVEL: 'silent' };
    expect(await run(['serve'], env)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `Port ${port} on 127.0.0.1 is taken by another process. Stop it, or set listen (MODEL_OBSERVATION_LISTEN) to another address.\n`,
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test('a data directory in use: who has it, exit code 1; the one that has it goes on', async () => {
    const env = {
      MODEL_OBSERVATION_LISTEN: '127.0.0.1:0',
      MODEL_OBSERVATION_DATA_DIR: 'shared',
      MODEL_OBSERVATION_LOG_LEVEL: 'silent',
    };
    let second: Promise<Run> | null = null;
    const first = await run(['serve'], env, (_stdout, kill) => {
      second ??= run(['serve'], env).finally(() => kill('SIGTERM'));
    });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const { code, stdout, stderr } = await second!;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^The data directory \S+shared is in use by process \d+\. .*another folder\.\n$/);
  });
});
