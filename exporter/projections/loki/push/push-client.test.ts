import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { LogEntry } from '../entry.js';
import { isTenant, PUSH_DEFAULTS, PushClient, type PushClientOptions, pushUrl } from './push-client.js';
import { entriesOf } from './testdata/decode-push.js';
import { logEntries, logEntry } from './testdata/log-entries.js';
import { Letterbox, Notebook } from './testdata/notebook.js';
import { type Handler, type ScriptedServer, scriptedServer } from './testdata/scripted-server.js';

const open: { stop?(): Promise<void>; close?(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await (one.stop?.() ?? one.close?.());
});

async function server(handle: Handler, options: Parameters<typeof scriptedServer>[1] = {}): Promise<ScriptedServer> {
  const started = await scriptedServer(handle, options);
  open.push(started);
  return started;
}

function client(url: string, given: Partial<PushClientOptions> = {}) {
  const letterbox = new Letterbox();
  const notebook = new Notebook();
  const push = new PushClient({
    ...PUSH_DEFAULTS,
    url,
    credentials: { kind: 'none' },
    tls: {},
    userAgent: 'model-observation/test',
    deadLetters: letterbox,
    observer: notebook,
    random: () => 0,
    ...given,
  });
  open.push({ close: () => push.close() });
  return { push, letterbox, notebook };
}

const signal = new AbortController().signal;
const stored: Handler = (_, response) => void response.writeHead(204).end();
const lines = (entries: readonly LogEntry[]) => entries.map(({ line }) => line);
const linesAt = ({ pushed }: ScriptedServer) => lines(pushed.flatMap(({ streams }) => entriesOf(streams)));

test.each(['protobuf', 'json'] as const)('%s: what arrives is what was pushed', async (encoding) => {
  const loki = await server(stored);
  const batch = logEntries(20, (index) => ({ line: `漢字 😀 ${index}` }));
  expect(await client(loki.url, { encoding }).push.push('team-a', batch, signal)).toMatchObject({ stored: 20 });
  const [{ path, headers, streams }] = loki.pushed as [(typeof loki.pushed)[0]];
  expect(entriesOf(streams)).toEqual(batch);
  expect(path).toBe('/loki/api/v1/push');
  expect(headers).toMatchObject({ 'x-scope-orgid': 'team-a', 'user-agent': 'model-observation/test' });
  expect(headers).not.toHaveProperty('authorization');
});

test('no tenant, no header; a user and password, or a token', async () => {
  const loki = await server(stored);
  const batch = logEntries(1);
  await client(loki.url).push.push('', batch, signal);
  const basic = { kind: 'basic', user: 'me', password: 'p:ä' } as const;
  await client(loki.url, { credentials: basic }).push.push('', batch, signal);
  await client(loki.url, { credentials: { kind: 'bearer', token: 'abc' } }).push.push('', batch, signal);
  const [first, second, third] = loki.pushed.map(({ headers }) => headers);
  expect(first).not.toHaveProperty('x-scope-orgid');
  expect(second!.authorization).toBe(`Basic ${Buffer.from('me:p:ä').toString('base64')}`);
  expect(third!.authorization).toBe('Bearer abc');
});

test('connections are kept, and no more than were asked for', async () => {
  const loki = await server(stored);
  const { push } = client(loki.url, { connections: 2 });
  const batch = logEntries(40, (index) => ({ labels: { model: `m${index % 10}` } }));
  for (let i = 0; i < 3; i += 1) await push.push('', batch, signal);
  expect(loki.pushed).toHaveLength(30);
  expect(loki.connections()).toBeLessThanOrEqual(2);
});

test('400 in the middle of a stream: the culprit is a dead letter, its neighbours are stored', async () => {
  const reason = "max entry size '9' bytes exceeded for stream '{}' while adding an entry with length '10' bytes";
  const loki = await server(({ streams }, response) => {
    const bad = entriesOf(streams).some(({ line }) => line.length > 9);
    response.writeHead(bad ? 400 : 204).end(bad ? `${reason}\n` : '');
  });
  const { push, letterbox } = client(loki.url);
  const batch = logEntries(9, (index) => ({ line: index === 4 ? 'x'.repeat(10) : `${index}` }));
  expect(await push.push('t', batch, signal)).toMatchObject({ ended: 'complete', stored: 8, dead: 1 });
  expect(letterbox.letters).toEqual([{ entry: batch[4], tenant: 't', reason }]);
});

test('Retry-After over the wire', async () => {
  let first = true;
  const loki = await server((_, response) => {
    response.writeHead(first ? 429 : 204, first ? { 'retry-after': '1' } : {}).end();
    first = false;
  });
  const started = performance.now();
  await client(loki.url).push.push('', logEntries(1), signal);
  expect(performance.now() - started).toBeGreaterThan(950);
});

test('a connection that breaks with the request under way, and one that breaks in the answer: sent again', async () => {
  let request = 0;
  const loki = await server((_, response, { socket }) => {
    request += 1;
    if (request === 1) socket.destroy();
    else if (request === 2) {
      response.writeHead(204, { 'content-length': '0' });
      socket.write('HTTP/1.1 4');
      socket.destroy();
    } else if (request === 3) {
      response.writeHead(500, { 'content-length': '100' });
      response.write('half of it');
      setTimeout(() => socket.destroy(), 20);
    } else response.writeHead(204).end();
  });
  const { push, notebook } = client(loki.url);
  expect(await push.push('', logEntries(3), signal)).toMatchObject({ ended: 'complete', stored: 3, dead: 0 });
  expect(notebook.answers).toEqual(['no_answer', 'no_answer', 'no_answer', 'stored']);
  expect(notebook.troubles[0]).toContain('broke the connection off');
});

test('a server that says nothing, and one that stops in the middle: given up in time', async () => {
  let request = 0;
  const loki = await server((_, response) => {
    request += 1;
    if (request === 1) return;
    if (request === 2) response.writeHead(500).write('slow');
    else response.writeHead(204).end();
  });
  const { push, notebook } = client(loki.url, { answerTimeoutMs: 300 });
  expect(await push.push('', logEntries(3), signal)).toMatchObject({ stored: 3 });
  expect(notebook.answers).toEqual(['no_answer', 'no_answer', 'stored']);
  expect(notebook.troubles).toEqual(Array(2).fill(expect.stringContaining('does not answer')));
});

test('a server that does not even read: given up in time', async () => {
  const deaf = createServer((socket) => socket.pause().on('error', () => {}));
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  open.push({ stop: async () => void deaf.close() });
  const { port } = deaf.address() as AddressInfo;
  const { push, notebook } = client(`http://127.0.0.1:${port}`, { answerTimeoutMs: 300 });
  const abort = new AbortController();
  const large = logEntries(1, () => ({ line: randomBytes(10_000_000).toString('base64') }));
  const pushing = push.push('', large, abort.signal);
  await expect.poll(() => notebook.answers, { timeout: 4000 }).toEqual(['no_answer']);
  abort.abort();
  expect(await pushing).toMatchObject({ ended: 'aborted', remaining: large });
});

test('Loki is not there yet: it arrives when it comes', async () => {
  const gone = await scriptedServer(stored);
  const { port } = new URL(gone.url);
  await gone.stop();
  const { push, notebook } = client(gone.url, { random: Math.random });
  const pushing = push.push('', logEntries(5), signal);
  await expect.poll(() => notebook.troubles.length).toBeGreaterThan(1);
  expect(notebook.troubles[0]).toContain(`Nothing listens at Loki at ${gone.url}/loki/api/v1/push`);
  const loki = await server(stored, { port: Number(port) });
  expect(await pushing).toMatchObject({ ended: 'complete', stored: 5 });
  expect(linesAt(loki)).toEqual(lines(logEntries(5)));
}, 20_000);

test('a redirect is not followed: whoever stands there does not get the logs', async () => {
  const elsewhere = await server(stored);
  const loki = await server((_, response) => void response.writeHead(307, { location: elsewhere.url }).end());
  const { push, notebook } = client(loki.url);
  const abort = new AbortController();
  const pushing = push.push('', logEntries(1), abort.signal);
  await expect.poll(() => notebook.troubles.length).toBe(1);
  abort.abort();
  expect(await pushing).toMatchObject({ ended: 'aborted', remaining: logEntries(1) });
  expect(notebook.troubles[0]).toContain('Redirects are not followed');
  expect(elsewhere.pushed).toEqual([]);
});

test('a batch of 60 MB, and an answer without end', async () => {
  const loki = await server(stored);
  const batch = logEntries(60, (index) => ({ line: `${index}`.padEnd(1_000_000, 'abc') }));
  expect(await client(loki.url).push.push('', batch, signal)).toMatchObject({ stored: 60 });
  expect(linesAt(loki)).toEqual(lines(batch));

  let first = true;
  const talker = await server((_, response) => {
    if (!first) return void response.writeHead(204).end();
    first = false;
    response.writeHead(503);
    const talk = (): void => {
      if (!response.destroyed) response.write('x'.repeat(100_000), () => setImmediate(talk));
    };
    talk();
  });
  expect(await client(talker.url).push.push('', logEntries(1), signal)).toMatchObject({ stored: 1 });
}, 20_000);

describe('aborted', () => {
  test('with a request under way: at once, and what is left comes back', async () => {
    const loki = await server(() => {});
    const { push } = client(loki.url);
    const abort = new AbortController();
    const pushing = push.push('', logEntries(3), abort.signal);
    await expect.poll(() => loki.pushed.length).toBe(1);
    const started = performance.now();
    abort.abort();
    expect(await pushing).toMatchObject({ ended: 'aborted', stored: 0, remaining: logEntries(3) });
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('in a long back-off: at once', async () => {
    const loki = await server((_, response) => void response.writeHead(429, { 'retry-after': '600' }).end());
    const { push, notebook } = client(loki.url);
    const abort = new AbortController();
    const pushing = push.push('', logEntries(3), abort.signal);
    await expect.poll(() => notebook.troubles.length).toBe(1);
    abort.abort();
    expect(await pushing).toMatchObject({ ended: 'aborted', remaining: logEntries(3) });
  });
});

describe('TLS', () => {
  const pem = (name: string) => readFileSync(join(import.meta.dirname, 'testdata', name), 'utf8');
  const tls = { key: pem('localhost.key.pem'), cert: pem('localhost.cert.pem') };

  test('with its authority: trusted', async () => {
    const loki = await server(stored, { tls });
    const { push } = client(loki.url, { tls: { ca: tls.cert, servername: 'localhost' } });
    expect(await push.push('', logEntries(2), signal)).toMatchObject({ stored: 2 });
  });

  test('when told not to look: taken as it is', async () => {
    const loki = await server(stored, { tls });
    const { push } = client(loki.url, { tls: { rejectUnauthorized: false } });
    expect(await push.push('', logEntries(2), signal)).toMatchObject({ stored: 2 });
  });

  test.each([
    ['without its authority', {}, 'is not trusted'],
    ['under another name', { ca: tls.cert, servername: 'loki.example' }, 'is not trusted'],
  ])('%s: nothing is sent, and what to do is said', async (_name, options, words) => {
    const loki = await server(stored, { tls });
    const { push, notebook } = client(loki.url, { tls: options });
    const abort = new AbortController();
    const pushing = push.push('', logEntries(2), abort.signal);
    await expect.poll(() => notebook.troubles.length).toBe(1);
    abort.abort();
    expect(await pushing).toMatchObject({ ended: 'aborted', stored: 0 });
    expect(notebook.troubles[0]).toContain(words);
    expect(loki.pushed).toEqual([]);
  });

  test('https to a server without TLS', async () => {
    const loki = await server(stored);
    const { push, notebook } = client(loki.url.replace('http:', 'https:'));
    const abort = new AbortController();
    const pushing = push.push('', logEntries(2), abort.signal);
    await expect.poll(() => notebook.troubles.length).toBe(1);
    abort.abort();
    await pushing;
    expect(notebook.troubles[0]).toContain('does not speak TLS');
  });
});

test('nothing that is told holds content or secrets', async () => {
  const secrets = ['c0ntent-of-a-call', 'metadata-of-a-call', 'p4ssword'];
  let request = 0;
  const echo = [400, 500, 413, 401, 429, 503];
  const loki = await server((_, response) => {
    const status = echo[request++] ?? 204;
    // A 400 for what cannot be read quotes it, as Loki does for JSON.
    const body = status === 400 ? `error found in #10 byte of ...|"${secrets[0]}"|...` : 'no';
    response.writeHead(status).end(body);
  });
  const abort = new AbortController();
  const credentials = { kind: 'basic', user: 'u', password: secrets[2]! } as const;
  const { push, notebook } = client(loki.url, { credentials });
  const entry = logEntry({ line: `"${secrets[0]}"`, metadata: [['k', secrets[1]!]] });
  const pushing = push.push('', [entry], abort.signal);
  await expect.poll(() => notebook.troubles.length).toBeGreaterThan(0);
  abort.abort();
  await pushing;
  const told = JSON.stringify(notebook);
  for (const secret of secrets) expect(told).not.toContain(secret);
});

describe('where pushes go', () => {
  test.each([
    ['http://loki:3100', 'http://loki:3100/loki/api/v1/push'],
    ['http://loki:3100/', 'http://loki:3100/loki/api/v1/push'],
    ['https://gateway.example/prefix/', 'https://gateway.example/prefix/loki/api/v1/push'],
    ['https://gateway.example/loki/api/v1/push', 'https://gateway.example/loki/api/v1/push'],
    ['http://loki:3100/loki/api/v1/push/?x=1#y', 'http://loki:3100/loki/api/v1/push?x=1'],
  ])('%s', (address, url) => expect(pushUrl(address).href).toBe(url));

  test.each(['', 'loki:3100', 'ftp://loki', '/loki/api/v1/push'])('no address: %j', (address) => {
    expect(() => pushUrl(address)).toThrow('http://loki:3100');
  });

  test('a password in the address is refused, and not repeated', () => {
    expect(() => pushUrl('http://me:s3cret@loki')).toThrow(/^(?!.*s3cret).*settings of their own/);
  });
});

test('tenants as Loki takes them', async () => {
  expect(['a', 'team-1', "x!_.*'()", 'T'.repeat(150)].map(isTenant)).toEqual([true, true, true, true]);
  expect(['', '.', '..', 'a/b', 'a b', 'é', 'a|b', 'T'.repeat(151)].filter(isTenant)).toEqual([]);
  const { push } = client('http://127.0.0.1:9');
  await expect(push.push('a/b', [], signal)).rejects.toThrow(RangeError);
});
