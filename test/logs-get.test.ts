// A call in Loki, put together again by the command line; and what Loki refused, listed and sent again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLine } from './harness/command-line.js';
import { until } from './harness/condition.js';
import { ExporterProcess } from './harness/exporter-process.js';
import { lokiBinary } from './harness/loki/loki-binary.js';
import { LokiDouble } from './harness/loki/loki-double.js';
import { LokiProcess } from './harness/loki/loki-process.js';

const PATIENCE = { timeoutMs: 60_000 };
const REQUEST = { messages: [{ role: 'user', content: '气球 🎈 "quoted"\n' }], temperature: 0.2 };
/** Of several bytes each, so that parts cannot be cut just anywhere. */
const LONG = '模型观测🎉 '.repeat(60_000);

/** Accepted, and deeper than anything is masked to. */
const TOO_DEEP = `${'['.repeat(220)}"unread"${']'.repeat(220)}`;

interface Loki {
  url: string;
}

const kinds: [string, () => Promise<Loki>][] = [['the double', () => LokiDouble.start()]];
if (lokiBinary() !== undefined) kinds.push(['real Loki', () => LokiProcess.start()]);

async function send(exporter: ExporterProcess, ...records: object[]): Promise<void> {
  const answer = await exporter.fetch('/v1/calls', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(records),
  });
  expect(await answer.json()).toMatchObject({ accepted: records.length, rejected: [] });
}

async function waitForLogs(exporter: ExporterProcess): Promise<void> {
  await until(
    'everything to be in Loki',
    async () => /^model_observation_loki_backlog_entries 0$/m.test(await (await exporter.fetch('/metrics')).text()),
    PATIENCE,
  );
}

describe.each(kinds)('logs get, from %s', (_name, start) => {
  let exporter: ExporterProcess;
  const get = (...args: string[]) => commandLine(['logs', 'get', ...args, '--config', exporter.configFile]);

  beforeAll(async () => {
    const loki = await start();
    exporter = await ExporterProcess.start({
      config: {
        loki: { url: loki.url },
        logs: { default: 'metadata', workspaces: { shop: 'masked', lab: 'full' } },
        limits: { nesting_depth: 1000 },
      },
    });
    const call = { model: 'qwen-plus', duration_ms: 1900, request: REQUEST };
    await send(
      exporter,
      { ...call, id: 'short', workspace_id: 'shop', response: { text: 'mail me: someone@example.com' } },
      { ...call, id: 'long', workspace_id: 'lab', response: { text: LONG, mail: 'someone@example.com' } },
      { ...call, id: 'audit-only', workspace_id: 'desk', response: { text: 'kept nowhere' } },
      { ...call, id: 'same', workspace_id: 'shop', status_code: 500, error_message: 'for someone@example.com' },
      { ...call, id: 'same', workspace_id: 'lab' },
      { ...call, id: 'odd', workspace_id: 'l\ufffd', model: 'm\ufffd', duration_ms: 20 * 86_400_000 },
      { ...call, id: 'withheld', workspace_id: 'shop', request: JSON.parse(TOO_DEEP) },
    );
    await waitForLogs(exporter);
  }, 90_000);

  it('gives a short call with its content masked', async () => {
    const { code, stdout } = await get('short', '--json');
    expect(code).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ id: 'short', workspace_id: 'shop', model: 'qwen-plus', duration_ms: 1900 });
    expect(found.request).toEqual(REQUEST);
    expect(found.response.text).toBe('mail me: [email]');
  });

  it('puts one in parts together again', async () => {
    const { code, stdout } = await get('long', '--json');
    expect(code).toBe(0);
    const { request, response, parts, preview } = JSON.parse(stdout);
    expect({ request, parts, preview }).toEqual({ request: REQUEST });
    expect(response).toEqual({ text: LONG, mail: 'someone@example.com' });
  });

  it('finds one with a broken name and an end in the future', async () => {
    const { code, stdout } = await get('odd', '--workspace', 'l\ufffd', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ workspace_id: 'l\ufffd', model: 'm\ufffd' });
  });

  it('reads well for a person', async () => {
    const { code, stdout } = await get('short');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model +qwen-plus$/m);
    expect(stdout).toMatch(/^duration_ms +1900$/m);
    expect(stdout).toContain('\nrequest\n{\n  "messages": [');
  });

  it('gives request and response alone, as they were', async () => {
    const { code, stdout } = await get('long', '--content-only');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ request: REQUEST, response: { text: LONG, mail: 'someone@example.com' } });
  });

  it('says why content was withheld', async () => {
    const { code, stdout } = await get('withheld');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^No content: it was withheld, nested too deep to be redacted\.$/m);
    expect(stdout).not.toContain('unread');
  });

  it.each(['audit-only', 'withheld'])('has no content alone where there is none: %s', async (id) => {
    const { code, stdout, stderr } = await get(id, '--content-only');
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('The call is there, its content is not: ');
  });

  it('looks in the time that it is told', async () => {
    const [hourAgo, hourAhead] = [-1, 1].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
    expect((await get('short', '--from', hourAgo as string, '--to', hourAhead as string)).code).toBe(0);
    expect((await get('short', '--from', hourAgo as string)).code).toBe(0);
    const before = await get('short', '--from', '2026-01-01', '--to', '2026-01-02');
    expect(before.code).toBe(1);
    expect(before.stderr).toContain('from 2026-01-01 to 2026-01-02. Was it at another time');
  });

  it('says where there is no content', async () => {
    const { code, stdout } = await get('audit-only');
    expect(code).toBe(0);
    expect(stdout).toContain('there is no inference log of this call');
    expect(stdout).not.toContain('kept nowhere');
  });

  it('asks which of two it is', async () => {
    const both = await get('same');
    expect([both.code, both.stdout]).toEqual([1, '']);
    expect(both.stderr).toContain('lab, shop: say which with --workspace');
    const one = await get('same', '--workspace', 'shop', '--json');
    expect(JSON.parse(one.stdout)).toMatchObject({ workspace_id: 'shop', error_message: 'for [email]' });
  });

  it.each(['nobody', '" or 1=1 `{}'])('says so when there is none: %s', async (id) => {
    const { code, stdout, stderr } = await get(id);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('Loki has no line of a call');
  });
});

describe('what keeps logs get from its work', () => {
  it('no Loki configured', async () => {
    const { code, stderr } = await commandLine(['logs', 'get', 'a'], { cwd: '/', env: {} });
    expect(code).toBe(1);
    expect(stderr).toContain('set loki.url');
  });

  it('a Loki that is not there', async () => {
    const env = { MODEL_OBSERVATION_LOKI_URL: 'http://127.0.0.1:9' };
    const { code, stderr } = await commandLine(['logs', 'get', 'a'], { cwd: '/', env });
    expect(code).toBe(1);
    expect(stderr).toContain('Loki does not answer at http://127.0.0.1:9/loki/api/v1/query_range');
  });

  it.each([
    [[]],
    [['a', 'b']],
    [['a', '--since', 'soon']],
    [['a', '--since', '1d', '--from', '2026-01-01']],
    [['a', '--to', '2026-01-01']],
    [['a', '--from', '2026-01-02', '--to', '2026-01-01']],
    [['a', '--from', '2026-02-30']],
  ])('wrong usage: %j', async (args) => {
    expect((await commandLine(['logs', 'get', ...args])).code).toBe(2);
  });
});

describe('dead letters', () => {
  let loki: LokiDouble;
  let exporter: ExporterProcess;
  const run = (...args: string[]) => commandLine(['dead-letters', ...args, '--config', exporter.configFile]);

  beforeAll(async () => {
    loki = await LokiDouble.start({ config: { limits_config: { max_line_size: '2KB' } } });
    exporter = await ExporterProcess.start({ config: { loki: { url: loki.url }, logs: { default: 'full' } } });
    const call = { model: 'qwen-plus', request: 'hello' };
    await send(exporter, { ...call, id: 'good' }, { ...call, id: 'too-long', response: 'x'.repeat(5000) });
    await waitForLogs(exporter);
  }, 90_000);
  afterAll(() => exporter?.stop());

  it('are listed with what Loki said, and only the culprits are', async () => {
    const { code, stdout } = await run('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/inference of call too-long, workspace default, \d+ bytes\n {2}.*[Mm]ax/);
    expect(stdout.match(/refused/g)).toHaveLength(1);
    const [letter, ...others] = (await run('list', '--json')).stdout.trim().split('\n');
    expect(others).toEqual([]);
    expect(JSON.parse(letter as string)).toMatchObject({
      metadata: { call_id: 'too-long' },
      labels: { log: 'inference' },
    });
  });

  it('are chosen by what Loki said', async () => {
    const { reason } = JSON.parse((await run('list', '--json')).stdout);
    expect((await run('list', '--reason', reason.slice(10, 30))).stdout.match(/refused/g)).toHaveLength(1);
    expect((await run('list', '--reason', 'too old')).stdout).toBe('No dead letters.\n');
    expect((await run('resend', '--reason', 'too old')).stdout).toContain('0 arrived, 0 refused again, 0 left.');
  });

  it('stay while nothing is mended, and go when they arrive', async () => {
    const vain = await run('resend');
    expect(vain.code).toBe(1);
    expect(vain.stdout).toContain('0 arrived, 1 refused again, 0 left.');
    loki.change({ maxLineBytes: 256 * 1024 });
    const { code, stdout } = await run('resend', '--json');
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, arrived: 1, refused: [], left: 0 });
    expect((await run('list')).stdout).toBe('No dead letters.\n');
    const found = await commandLine(['logs', 'get', 'too-long', '--json', '--config', exporter.configFile]);
    expect(JSON.parse(found.stdout)).toMatchObject({ request: 'hello', response: 'x'.repeat(5000) });
  });
});
