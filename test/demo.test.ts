// The demo as a newcomer runs it: a real exporter, the built command, and whatever comes of it in the metrics.
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from './harness/condition.js';
import { ExporterProcess } from './harness/exporter-process.js';
import { freePort } from './harness/free-port.js';
import { PROJECT_ROOT } from './harness/project-root.js';
import { ServerProcess } from './harness/server-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';
import { parseExposition, type SeriesValues } from './series.js';

const DEMO = join(PROJECT_ROOT, 'dist/demo/main.js');
const WORKSPACES = ['checkout', 'nightly', 'playground', 'search', 'support'];
/** What a stop may take on a busy machine; without other work it is a fraction of it. */
const STOP_MS = 3_000;
const CONFIG = { pricing_file: join(PROJECT_ROOT, 'config/pricing.yml'), metrics: { birth_hold: '0s' } };

async function demo(port: number, ...args: string[]): Promise<{ process: ServerProcess; cwd: string }> {
  const cwd = await temporaryFolder('demo');
  const url = `http://127.0.0.1:${port}`;
  const process = await ServerProcess.spawn({
    name: 'demo',
    command: globalThis.process.execPath,
    args: [DEMO, '--url', url, ...args],
    cwd,
  });
  return { process, cwd };
}

async function shown(exporter: ExporterProcess): Promise<SeriesValues> {
  return parseExposition(await (await exporter.fetch('/metrics')).text());
}

/** The sum of a family's series, by workspace. */
function byWorkspace(values: SeriesValues, family: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of values) {
    const workspace = /workspace_id="([^"]*)"/.exec(key)?.[1];
    if (key.startsWith(`${family}{`) && workspace) sums.set(workspace, (sums.get(workspace) ?? 0) + value);
  }
  return sums;
}

function total(values: SeriesValues, start: string): number {
  return [...values].reduce((sum, [key, value]) => (key.startsWith(start) ? sum + value : sum), 0);
}

it('moves every call family for every workspace within seconds, stops by itself and leaves nothing behind', async () => {
  const exporter = await ExporterProcess.start({ config: CONFIG });
  const { process, cwd } = await demo(exporter.port, '--for', '5s');
  expect(await process.exited).toEqual({ code: 0, signal: null });
  expect(process.stderr).toBe('');
  expect(process.stdout).toMatch(/^Sending about 9 calls a second to http:\/\/127\.0\.0\.1:\d+\. .*seed 1\./);
  const sent = Number(
    /^Stopped after \d+ seconds?: (\d+) calls sent, .* tokens, \d+ failed, \d+ cancelled\.$/m.exec(process.stdout)?.[1],
  );

  const values = await shown(exporter);
  expect(total(values, 'model_calls_total{')).toBe(sent);
  // The opening alone.
  expect(sent).toBeGreaterThanOrEqual(30);
  expect(total(values, 'model_observation_records_total{answer="accepted"')).toBe(sent);
  expect(total(values, 'model_observation_rejected_records_total{')).toBe(0);
  for (const family of ['model_calls_total', 'model_usage_total', 'model_call_duration_seconds_count']) {
    const sums = byWorkspace(values, family);
    expect([...sums.keys()].toSorted()).toEqual(WORKSPACES);
    expect(Math.min(...sums.values())).toBeGreaterThan(0);
  }
  for (const start of [
    ...['success', 'failure', 'cancelled'].map((outcome) => `outcome="${outcome}"`),
    ...['content_moderation', 'rate_limited', 'timeout', 'client_error', 'server_error'].map(
      (kind) => `failure="${kind}"`,
    ),
    ...['first_token', 'generation'].map((stage) => `stage="${stage}"`),
    ...['cache_tokens', 'reasoning_tokens', 'image_tokens', 'image_count', 'characters', 'duration'].map(
      (type) => `usage_type="${type}"`,
    ),
    ...['HTTP', 'SSE', 'WS'].map((protocol) => `protocol="${protocol}"`),
    'status_code="429"',
    'inference_type="batch"',
  ]) {
    expect([start, [...values].some(([key, value]) => key.includes(start) && value > 0)]).toEqual([start, true]);
  }
  for (const family of [
    'model_cost_total',
    'model_call_errors_total',
    'model_first_token_duration_seconds_count',
    'model_generation_duration_per_token_seconds_count',
    'model_last_call_timestamp_seconds',
    'model_workspace_info',
    'model_observation_late_calls_total',
    'model_observation_unpriced_calls_total',
  ]) {
    expect([family, total(values, `${family}{`) > 0]).toEqual([family, true]);
  }
  expect(await readdir(cwd)).toEqual([]);
});

it('waits for an exporter that is not there yet, goes on with it, and over its restarts', async () => {
  const port = await freePort();
  const { process } = await demo(port);
  await until('the demo to wait', () => process.stdout.includes(`Waiting for http://127.0.0.1:${port}: start it with`));
  const exporter = await ExporterProcess.start({ port, config: CONFIG });
  await until('the demo to go on', () => process.stdout.includes(`http://127.0.0.1:${port} takes calls.`));
  await exporter.restart();
  const before = total(await shown(exporter), 'model_calls_total{');
  await until('more calls', async () => total(await shown(exporter), 'model_calls_total{') > before + 10);

  const began = performance.now();
  expect(await process.stop()).toBe(0);
  expect(performance.now() - began).toBeLessThan(STOP_MS);
  expect(process.stdout).toMatch(/\nStopped after .*\n$/);
  const values = await shown(exporter);
  expect(total(values, 'model_observation_rejected_records_total{')).toBe(0);
});

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'stops at once by %s while it waits, and says that nothing was sent',
  async (signal) => {
    const { process } = await demo(await freePort());
    await until('the demo to wait', () => process.stdout.includes('Waiting for '));
    const began = performance.now();
    process.kill(signal);
    expect(await process.exited).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(STOP_MS);
    expect(process.stdout).toContain('0 calls sent');
  },
);

it('says which token it needs', async () => {
  const folder = await mkdtemp(join(await temporaryFolder('tokens'), 'demo-'));
  const token = 'a-token-that-is-long-enough-for-the-demo-0123';
  await writeFile(join(folder, 'token'), token);
  const auth = { tokens: [{ name: 'demo', scopes: ['ingest', 'scrape'], token_file: join(folder, 'token') }] };
  const exporter = await ExporterProcess.start({ config: { auth } });
  const without = await demo(exporter.port, '--for', '5s');
  expect((await without.process.exited).code).toBe(1);
  expect(without.process.stdout).toContain('Give one of the tokens of auth.tokens with --token-file FILE.');

  const withToken = await demo(exporter.port, '--for', '3s', '--token-file', join(folder, 'token'));
  expect((await withToken.process.exited).code).toBe(0);
  expect(withToken.process.stdout).not.toContain(token);
});

it('two runs with one seed send the same calls, and count twice', async () => {
  const exporter = await ExporterProcess.start({ config: CONFIG });
  for (let run = 0; run < 2; run += 1) {
    const { process } = await demo(exporter.port, '--for', '3s', '--seed', 'again');
    expect((await process.exited).code).toBe(0);
  }
  const values = await shown(exporter);
  expect(total(values, 'model_observation_records_total{answer="duplicate"')).toBe(0);
  expect(total(values, 'model_calls_total{')).toBeGreaterThanOrEqual(60);
});

it('wrong usage: exit code 2, and how it is meant', async () => {
  const { process } = await demo(1, '--rate', 'fast');
  expect((await process.exited).code).toBe(2);
  expect(process.stderr).toContain('--rate must be a number above 0, up to 2000, not "fast".');
  expect(process.stderr).toContain('usage: npm run demo -- [options]');
});
