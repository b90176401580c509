import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExporterDouble } from '../replay/testdata/exporter-double.js';
import { SkippingClock } from '../replay/testdata/skipping-clock.js';
import { replay, type Surroundings } from './replay.js';

let folder: string;
let double: ExporterDouble;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  double = await ExporterDouble.start();
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await double.stop();
});

/** What stands on the terminal, with the addresses and folders of this run made equal. */
async function run(args: string[], around: Partial<Surroundings> = {}, url = double.url) {
  const written = { stdout: '', stderr: '' };
  const plain = (text: string) => text.replaceAll(`${folder}/`, '').replaceAll(url, 'http://exporter');
  const out = {
    stdout: { write: (text: string) => (written.stdout += plain(text)) },
    stderr: { write: (text: string) => (written.stderr += plain(text)) },
  };
  const clock = new SkippingClock();
  const code = await replay([...args, '--url', url], out, { clock, random: () => 0.5, env: {}, ...around });
  return { code, ...written };
}

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

const good = (count: number) =>
  Array.from({ length: count }, (_, i) => `{"id":"${i}","model":"m","time":${i * 1000}}\n`).join('');

test('all accepted: the summary, exit code 0', async () => {
  expect(await run([file('calls.ndjson', good(1200))])).toEqual({
    code: 0,
    stdout:
      'calls.ndjson: 1,200 records in 0.0 s (0/s)\n' +
      '  accepted    1,200\n' +
      '  duplicates      0\n' +
      '  late            0\n' +
      '  rejected        0\n' +
      '  retries         0\n',
    stderr: '',
  });
  expect(double.bodies.map((body) => body.split('\n').length).sort()).toEqual([200, 500, 500]);
});

test('a second time: duplicates, exit code 0', async () => {
  const path = file('calls.ndjson.gz', gzipSync(good(3)));
  await run([path]);
  const { code, stdout } = await run([path]);
  expect(code).toBe(0);
  expect(stdout).toContain('accepted    0\n  duplicates  3\n');
});

test('rejected records: where, what and why, with the lines of the file; exit code 1', async () => {
  const path = file('calls.ndjson', `{"id":"a","model":"m"}\r\n\r\n{"id":"b"}\r\n{"id":"c","model":"m"}\r\nnonsense`);
  expect(await run([path, '--batch', '2'])).toEqual({
    code: 1,
    stdout:
      'calls.ndjson: 4 records in 0.0 s (0/s)\n' +
      '  accepted    2\n' +
      '  duplicates  0\n' +
      '  late        0\n' +
      '  rejected    2\n' +
      '  retries     0\n',
    stderr: 'calls.ndjson:3  model: is missing\ncalls.ndjson:5  is not valid JSON\n',
  });
});

test('many rejected records: twenty in full, the others counted', async () => {
  const path = file('calls.ndjson', `${'{"id":"a"}\n'.repeat(1030)}x\n${good(1)}`);
  const { code, stderr } = await run([path, '--concurrency', '1']);
  expect(code).toBe(1);
  expect(stderr.split('\n')).toHaveLength(22);
  expect(stderr).toContain('calls.ndjson:20  model: is missing\n');
  expect(stderr).toMatch(/\nand 1,011 more rejected: 1,010 for model, 1 for the record as a whole\n$/);
});

test('a file that is not NDJSON says so', async () => {
  const { stderr } = await run([file('calls.csv', 'model,tokens\nqwen-plus,7\n')]);
  expect(stderr).toContain('No line is a call record. Expected is NDJSON, one JSON object a line.\n');
});

test('a JSON array says how NDJSON is made of it, and nothing of it is sent', async () => {
  const { code, stderr } = await run([file('calls.json', '[\n{"model":"a"},\n{"model":"b"}\n]\n')]);
  expect(code).toBe(1);
  expect(stderr).toContain("is a JSON array. Make NDJSON of it, one object a line: jq -c '.[]' FILE > FILE.ndjson.");
});

test('too old: names the option that helps', async () => {
  double.script.push({
    status: 400,
    body: '{"accepted":0,"duplicates":0,"late":0,"rejected":[{"index":0,"field":"time","message":"is more than 30 days ago"}]}',
  });
  const { stderr } = await run([file('calls.ndjson', good(1))]);
  expect(stderr).toBe(
    'calls.ndjson:1  time: is more than 30 days ago\n' +
      'Calls that are too old can be taken as recent ones: --rebase now moves all times together.\n',
  );
});

test('fields that no record has are named: one of them may be a misspelt one', async () => {
  double.script.push({
    status: 202,
    body: '{"accepted":1,"duplicates":0,"late":0,"rejected":[],"ignored":["durationMs"]}',
  });
  const { code, stderr } = await run([file('calls.ndjson', good(1))]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Fields that no call record has were ignored: durationMs.\n' });
});

test('failures on the way: sent again, told in the summary; exit code 0', async () => {
  double.script.push('take-and-drop', { status: 503 }, { status: 503 });
  expect(await run([file('calls.ndjson', good(2))])).toMatchObject({
    code: 0,
    stdout:
      'calls.ndjson: 2 records in 0.7 s (3/s)\n' +
      '  accepted    0\n' +
      '  duplicates  2  2 of them in requests sent again, whose first answer was lost\n' +
      '  late        0\n' +
      '  rejected    0\n' +
      '  retries     3\n',
    stderr: 'http://exporter answered 503: Not now. Trying again for 5m.\n',
  });
});

test('nobody there: says what to do at once, and gives up in the end; exit code 1', async () => {
  const { url } = double;
  await double.stop();
  const path = file('calls.ndjson', good(3));
  expect(await run([path, '--give-up-after', '10s'], {}, url)).toEqual({
    code: 1,
    stdout:
      'calls.ndjson: 3 records in 10.0 s (0/s)\n' +
      '  accepted     0\n' +
      '  duplicates   0\n' +
      '  late         0\n' +
      '  rejected     0\n' +
      '  unconfirmed  3  not sent, or sent and not answered: lines 1 to 3\n' +
      '  retries      7\n' +
      'Run the same command again for the rest: what was taken is not counted twice.\n',
    stderr:
      'Nothing listens at http://exporter. Is the exporter running? Start it with npm start, or give its address with --url. Trying again for 10s.\n' +
      'Nothing listens at http://exporter. Is the exporter running? Start it with npm start, or give its address with --url. Given up; --give-up-after says how long to try.\n',
  });
  double = await ExporterDouble.start();
});

test('a wrong token: stops and says what to do; exit code 1', async () => {
  double.script.push({ status: 401, body: '{"detail":"The token is not known."}' });
  const token = file('token', 'a-token\n');
  const { code, stderr } = await run([file('calls.ndjson', good(1)), '--token-file', token]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      'http://exporter answered 401: The token is not known. Give one of the tokens of auth.tokens with --token-file FILE.\n',
  });
  expect([...double.authorizations]).toEqual(['Bearer a-token']);
});

test('--json: one line for machines', async () => {
  const { stdout } = await run([file('calls.ndjson', `${good(2)}{"id":"x"}\n`), '--json']);
  expect(stdout).toBe(
    '{"input":"calls.ndjson","records":3,"accepted":2,"duplicates":0,"duplicates_sent_again":0,"late":0,"rejected":1,' +
      '"unconfirmed":0,"retries":0,"seconds":0,"stopped":null,' +
      '"rejections":[{"line":3,"field":"model","message":"is missing"}],"ignored":[]}\n',
  );
});

describe('--rebase now', () => {
  const times = () => [...double.counted.values()].map(({ time }) => Number(time) - Date.parse('2026-01-31T08:00:00Z'));

  test('the last call starts now', async () => {
    await run([file('calls.ndjson', good(3)), '--rebase', 'now']);
    expect(times()).toEqual([-2000, -1000, 0]);
  });

  test('with --speed: each call starts when it is sent', async () => {
    const { stdout } = await run([file('calls.ndjson', good(3)), '--rebase', 'now', '--speed', '2']);
    expect(times()).toEqual([0, 500, 1000]);
    expect(stdout).toContain('3 records in 1.0 s');
  });
});

test('an unreadable input: exit code 1', async () => {
  const path = file('calls.ndjson.gz', gzipSync(good(2000)).subarray(0, 3000));
  const { code, stderr } = await run([path]);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^calls.ndjson.gz ends in the middle of its gzip data: it was cut off. Copy it again. What came before, up to line \d+, was read.\n$/,
  );
  expect((await run([join(folder, 'nope')])).stderr).toBe('nope does not exist (looked for nope).\n');
  expect((await run([path, '--token-file', join(folder, 'nope')])).stderr).toBe(
    'The file of --token-file cannot be read (ENOENT).\n',
  );
});

test('a line of 20 MB among small ones', async () => {
  const content = 'x'.repeat(20e6);
  const path = file('calls.ndjson', `${good(5)}${JSON.stringify({ id: 'huge', model: 'm', request: content })}\n`);
  expect((await run([path])).code).toBe(0);
  expect(double.counted.get('huge')?.request).toHaveLength(20e6);
});
