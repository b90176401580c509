import { Agent, request as send } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestApp } from '../doors/calls/testdata/test-app.js';

const TIMEOUT_MS = 1000;
const GOOD = '{"model":"good"}';
const JSON_HEADERS = 'Host: x\r\nContent-Type: application/json\r\n';

let app: TestApp;

beforeAll(async () => {
  app = await TestApp.start({
    config: { limits: { body_bytes: '64KiB', record_bytes: '64KiB', request_timeout: '1s' } },
  });
});
afterAll(() => app.remove());

/** The status and problem of every answer in what came back on a connection. */
function answersIn(said: string): { status: number; problem: string | undefined }[] {
  return said
    .split(/(?=HTTP\/1\.1 \d)/)
    .filter((part) => part !== '')
    .map((part) => ({
      status: Number(part.slice(9, 12)),
      problem: /urn:model-observation:problem:([a-z-]+)/.exec(part)?.[1],
    }));
}

/** Sends on one connection bit by bit. @returns what came back until it was closed, and after how many ms */
async function trickle(first: string, every: string, everyMs: number): Promise<{ said: string; ms: number }> {
  const began = performance.now();
  const socket: Socket = connect(app.port, '127.0.0.1');
  let said = '';
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    said += text;
  });
  socket.on('error', () => {});
  socket.write(first);
  const timer = setInterval(() => socket.write(every), everyMs);
  await new Promise((resolve) => socket.on('close', resolve).on('end', resolve));
  clearInterval(timer);
  socket.destroy();
  return { said, ms: performance.now() - began };
}

describe('a slow client', () => {
  test.each([
    [
      'that stops in the middle of its body',
      `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 1000\r\n\r\n{"model`,
      '',
    ],
    ['whose body drips', `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 1000\r\n\r\n{"model`, ' '],
    ['whose headers drip', `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}X-Long: `, 'x'],
    [
      'that says nothing behind its headers',
      `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Transfer-Encoding: chunked\r\n\r\n`,
      '',
    ],
  ])('%s is answered 408 in time', async (_name, first, every) => {
    const requests = await app.metric('model_observation_requests_total', 'code="408"');
    const { said, ms } = await trickle(first, every, 100);
    expect(answersIn(said)).toEqual([{ status: 408, problem: 'request-timeout' }]);
    expect(said).toMatch(/\r\nConnection: close\r\n/i);
    expect(said).toContain(
      '"detail":"The request did not arrive whole within limits.request_timeout. Nothing of it was taken."',
    );
    expect(ms).toBeGreaterThan(TIMEOUT_MS * 0.9);
    expect(ms).toBeLessThan(TIMEOUT_MS + 2000);
    // What never got as far as the door is not counted there.
    const atTheDoor = first.includes('\r\n\r\n') ? 1 : 0;
    expect((await app.metric('model_observation_requests_total', 'code="408"')) - requests).toBe(atTheDoor);
  });

  test('that was refused before its body came hears nothing twice', async () => {
    const first = 'POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\n';
    const { said, ms } = await trickle(first, 'x', 200);
    expect(answersIn(said)).toEqual([{ status: 415, problem: 'unsupported-media-type' }]);
    expect(ms).toBeLessThan(TIMEOUT_MS + 2000);
  });

  test('holds nothing afterwards', async () => {
    await expect.poll(() => app.metric('model_observation_in_flight_bytes')).toBe(0);
  });
});

describe('what is not HTTP', () => {
  test.each([
    ['words', 'hello there\r\n\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a bad header', 'GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n'],
    ['two lengths', `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}`],
    ['a negative length', `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Content-Length: -5\r\n\r\n`],
  ])('%s: 400 with problem details', async (_name, text) => {
    const said = await app.raw(text);
    expect(answersIn(said)).toEqual([{ status: 400, problem: 'malformed-request' }]);
    expect(said).toContain('application/problem+json');
  });

  test('a broken chunk in the middle of a body', async () => {
    const said = await app.raw(
      `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Transfer-Encoding: chunked\r\n\r\n5\r\n{"mod\r\nno length\r\n`,
    );
    expect(answersIn(said)).toEqual([{ status: 400, problem: 'malformed-request' }]);
  });

  test('behind a good request: that one is counted and answered, and the connection ends', async () => {
    const before = await app.calls('good');
    const said = await app.raw(
      `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Content-Length: ${GOOD.length}\r\n\r\n${GOOD}not http at all\r\n\r\n`,
    );
    expect(answersIn(said)).toEqual([{ status: 202, problem: undefined }]);
    expect(said).toContain('"accepted":1');
    expect((await app.calls('good')) - before).toBe(1);
  });

  test('headers without end: 431', async () => {
    const said = await app.raw(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}`);
    expect(answersIn(said)).toEqual([{ status: 431, problem: 'headers-too-large' }]);
  });

  test('none of it counts as a failure inside the exporter', () => {
    expect(app.log.filter((line) => line.includes('"level":50'))).toEqual([]);
  });
});

describe('a body that is refused before it has arrived', () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  afterAll(() => agent.destroy());

  /** Sends 8 MB, all of it, and reads the answer. Rejects where the connection is reset. */
  function sendLarge(
    headers: Record<string, string | number>,
  ): Promise<{ status: number; body: string; port: number }> {
    return new Promise((resolve, reject) => {
      const request = send({ port: app.port, host: '127.0.0.1', path: '/v1/calls', method: 'POST', agent, headers });
      request.on('error', reject);
      request.on('response', (response) => {
        const port = request.socket!.localPort!;
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode!, body, port }));
      });
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      for (let i = 0; i < 8; i += 1) request.write(chunk);
      request.end();
    });
  }

  test.each([
    ['with a length', { 'content-type': 'application/json', 'content-length': 8 * 1024 * 1024 }, 413, 'body-too-large'],
    ['in chunks', { 'content-type': 'application/json' }, 413, 'body-too-large'],
    [
      'of a wrong type',
      { 'content-type': 'text/plain', 'content-length': 8 * 1024 * 1024 },
      415,
      'unsupported-media-type',
    ],
    ['encoded in an unknown way', { 'content-type': 'application/json', 'content-encoding': 'br' }, 415, 'unsupported'],
  ])('%s: the client can read why, and go on', async (_name, headers, status, problem) => {
    const answer = await sendLarge(headers as unknown as Record<string, string | number>);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(problem);
    await sleep(20);
    expect((await sendLarge(headers as unknown as Record<string, string | number>)).status).toBe(status);
  });

  test('it is not kept', async () => {
    expect(await app.metric('model_observation_in_flight_bytes')).toBe(0);
  });

  test('a small body of a wrong type does not cost the connection', async () => {
    const bad = 'POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi';
    const good = `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Connection: close\r\nContent-Length: ${GOOD.length}\r\n\r\n${GOOD}`;
    expect(answersIn(await app.raw(bad, good)).map(({ status }) => status)).toEqual([415, 202]);
  });
});

test('Expect: 100-continue is answered, and an expectation nobody knows is refused', async () => {
  const continued = await app.raw(
    `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Connection: close\r\nExpect: 100-continue\r\nContent-Length: ${GOOD.length}\r\n\r\n`,
    GOOD,
  );
  expect(answersIn(continued).map(({ status }) => status)).toEqual([100, 202]);
  const unknown = await app.raw(
    `POST /v1/calls HTTP/1.1\r\n${JSON_HEADERS}Connection: close\r\nExpect: wonders\r\n\r\n`,
  );
  expect(answersIn(unknown).map(({ status }) => status)).toEqual([417]);
});
