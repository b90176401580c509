// A newcomer's first minutes: nothing configured, an empty folder, one call sent; then a configuration with mistakes.
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, commandLine, MAIN } from './harness/command-line.js';
import { until } from './harness/condition.js';
import { freePort } from './harness/free-port.js';
import { hasPrograms, programPath } from './harness/prometheus-binaries.js';
import { ServerProcess } from './harness/server-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';
import { parseExposition, type SeriesValues, seriesKey } from './series.js';

/** The first call, as the guide shows it. */
const FIRST_CALL = {
  model: 'qwen-plus',
  duration_ms: 1830,
  first_token_ms: 310,
  usage: { prompt_tokens: 3019, completion_tokens: 104, total_tokens: 3123 },
};
const LABELS = { workspace_id: 'default', model: 'qwen-plus', apikey_id: 'others', inference_type: 'realtime' };
const CALLS = seriesKey('model_calls_total', { ...LABELS, protocol: 'SSE', outcome: 'success' });
const INPUT = seriesKey('model_usage_total', { ...LABELS, usage_type: 'input_tokens' });

describe('a first run without any configuration', () => {
  it('answers where a newcomer looks, counts the first call, and keeps its data in ./data', async () => {
    const { url, server, cwd } = await serveInEmptyFolder();
    expect(server.stdout).toContain(
      `Model Observation is ready: ${url}   (data in ${join(cwd, 'data')}; Ctrl-C stops it)`,
    );
    const landing = await text(`${url}/`);
    for (const path of ['POST /v1/calls', 'GET /metrics', 'GET /-/ready']) expect(landing).toContain(path);
    expect(await text(`${url}/-/healthy`)).toBe('alive\n');
    expect(await (await fetch(`${url}/-/ready`)).json()).toEqual({ status: 'ready' });
    expect((await shown(url)).has(CALLS)).toBe(false);

    const response = await fetch(`${url}/v1/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(FIRST_CALL),
    });
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ accepted: 1, duplicates: 0, late: 0, rejected: [] });

    // At 0 first, so that increase() sees the call; then at its value, all of it at once.
    const born = await shown(url);
    expect([born.get(CALLS), born.get(INPUT)]).toEqual([0, 0]);
    const grown = await until('the call to be shown', async () => {
      const values = await shown(url);
      return values.get(CALLS) === 1 && values;
    });
    expect(grown.get(INPUT)).toBe(3019);
    expect(grown.get(seriesKey('model_call_duration_seconds_sum', LABELS))).toBe(1.83);

    expect(await server.stop()).toBe(0);
    expect(await readdir(cwd)).toEqual(['data']);
  });

  it('says what to do about a port that is taken', async () => {
    const { url, cwd } = await serveInEmptyFolder();
    const second = await commandLine(['serve'], { cwd, env: settings(url, { DATA_DIR: join(cwd, 'second') }) });
    expect(second.code).toBe(1);
    const { port } = new URL(url);
    expect(second.stderr).toContain(
      `Port ${port} on 127.0.0.1 is taken by another process. Stop it, or set listen (MODEL_OBSERVATION_LISTEN) to another address.`,
    );
    expect(second.stderr).not.toContain('    at ');
  });

  it.runIf(hasPrograms('promtool'))('has an exposition that promtool has nothing to say against', async () => {
    const { url } = await serveInEmptyFolder();
    const failed = { model: 'odd "m\\odel"\n', status_code: 504, error_code: 'RequestTimeOut' };
    const body = JSON.stringify([FIRST_CALL, failed, { model: 'qwen-tts', usage: { characters: 12 } }]);
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(`${url}/v1/calls`, { method: 'POST', headers, body })).status).toBe(202);
    const input = await text(`${url}/metrics`);
    expect(parseExposition(input).size).toBeGreaterThan(100);
    const { stdout, stderr } = spawnSync(programPath('promtool'), ['check', 'metrics'], { input, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).toBe('');
  });
});

describe('the command line', () => {
  it('config check: no configuration at all is good', async () => {
    const cwd = await temporaryFolder('first-run');
    expect(await commandLine(['config', 'check'], { cwd, env: NO_SETTINGS })).toEqual({
      code: 0,
      stdout: `No configuration file, defaults: ok. Listens on 127.0.0.1:9490, data in ${join(cwd, 'data')}, no tokens, anonymous requests may do everything, no models priced.\n`,
      stderr: '',
    });
    expect(await readdir(cwd), 'starts and makes nothing').toEqual([]);
  });

  it('config check: a good file, with a value from the environment', async () => {
    const cwd = await folderWith('model-observation.yml', 'listen: 127.0.0.1:9999\ndata_dir: /var/lib/calls\n');
    const env = { ...NO_SETTINGS, MODEL_OBSERVATION_LISTEN: '127.0.0.1:8888' };
    expect(await commandLine(['config', 'check', '--config', 'model-observation.yml'], { cwd, env })).toEqual({
      code: 0,
      stdout:
        'model-observation.yml: ok. Listens on 127.0.0.1:8888, data in /var/lib/calls, no tokens, anonymous requests may do everything, no models priced.\n' +
        'Set by the environment: listen.\n',
      stderr: '',
    });
  });

  it('config check and serve: every mistake at once, and nothing starts', async () => {
    const cwd = await folderWith('config/model-observation.yml', MISTAKES);
    const env = { ...NO_SETTINGS, MODEL_OBSERVATION_METRICS_BIRTHHOLD: '1s' };
    const checked = await commandLine(['config', 'check'], { cwd, env });
    expect(checked).toMatchObject({ code: 1, stdout: '' });
    for (const mistake of MISTAKEN) expect(checked.stderr).toContain(mistake);
    expect(checked.stderr).toMatch(/\n6 problems: nothing would start\.\n$/);

    const served = await commandLine(['serve'], { cwd, env });
    expect(served).toMatchObject({ code: 1, stdout: '' });
    for (const mistake of MISTAKEN) expect(served.stderr).toContain(mistake);
    expect(served.stderr).not.toContain('    at ');
    expect((await readdir(cwd, { recursive: true })).sort()).toEqual(['config', 'config/model-observation.yml']);
  });

  it('refuses to listen to others without a token, and says how to', async () => {
    const cwd = await temporaryFolder('first-run');
    const env = { ...NO_SETTINGS, MODEL_OBSERVATION_LISTEN: `0.0.0.0:${await freePort()}` };
    const refused = await commandLine(['serve'], { cwd, env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('auth.anonymous');
    expect(refused.stderr).toContain('auth.tokens');
  });

  it.each<[args: string[], code: number, says: RegExp]>([
    [[], 2, /usage: model-observation COMMAND/],
    [['sevre'], 2, /there is no command "sevre"/],
    [['serve', '--port', '1'], 2, /Unknown option '--port'/],
    [['serve', '--config', '/nonexistent/file.yml'], 1, /\/nonexistent\/file\.yml/],
    [['spool', 'verify', '--data-dir', '/nonexistent'], 1, /\/nonexistent is not a data directory/],
  ])('%j ends with %i and says why', async (args, code, says) => {
    const answer = await commandLine(args, { cwd: await temporaryFolder('first-run'), env: NO_SETTINGS });
    expect(answer.code).toBe(code);
    expect(answer.stdout).toBe('');
    expect(answer.stderr).toMatch(says);
    expect(answer.stderr).not.toContain('    at ');
  });

  it('tells its version and its commands', async () => {
    const { version } = JSON.parse(await readFile(join(MAIN, '../../../package.json'), 'utf8')) as { version: string };
    const told: Answer = await commandLine(['--version'], { env: NO_SETTINGS });
    expect(told).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await commandLine(['--help'], { env: NO_SETTINGS });
    expect(help.code).toBe(0);
    for (const command of ['serve', 'config check', 'spool verify']) expect(help.stdout).toContain(command);
  });
});

const MISTAKES = `listen: localhost
data_dir: 7
spool:
  segment_bytes: 64MB
  snapshot_intervall: 1m
metrics:
  buckets:
    duration_seconds: [1, 0.5]
`;

const MISTAKEN = ['listen', 'data_dir', 'segment_bytes', 'snapshot_intervall', 'duration_seconds', 'BIRTHHOLD'];

/** The developer's own settings must not reach into a test. */
const NO_SETTINGS: Record<string, undefined> = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => name.startsWith('MODEL_OBSERVATION_'))
    .map((name) => [name, undefined]),
);

/** All that is set is what the test cannot wait for, and a port of its own. */
function settings(url: string, more: Record<string, string> = {}): Record<string, string | undefined> {
  const own = { LISTEN: new URL(url).host, METRICS_BIRTH_HOLD: '2s', ...more };
  return {
    ...NO_SETTINGS,
    ...Object.fromEntries(Object.entries(own).map(([name, value]) => [`MODEL_OBSERVATION_${name}`, value])),
  };
}

async function serveInEmptyFolder(): Promise<{ url: string; server: ServerProcess; cwd: string }> {
  const cwd = await temporaryFolder('first-run');
  const url = `http://127.0.0.1:${await freePort()}`;
  const server = await ServerProcess.spawn({
    name: 'exporter',
    command: process.execPath,
    args: [MAIN, 'serve'],
    cwd,
    env: settings(url),
  });
  await server.untilOk(`${url}/-/ready`);
  return { url, server, cwd };
}

async function folderWith(file: string, content: string): Promise<string> {
  const folder = await temporaryFolder('first-run');
  await mkdir(join(folder, file, '..'), { recursive: true });
  await writeFile(join(folder, file), content);
  return folder;
}

async function text(url: string): Promise<string> {
  const response = await fetch(url);
  expect(response.status).toBe(200);
  return response.text();
}

async function shown(url: string): Promise<SeriesValues> {
  return parseExposition(await text(`${url}/metrics`));
}
