// What only the double can do: be down, fall silent, lie, and tell what it saw. What Loki does too is in
// test/loki-contract.test.ts.
import { afterEach, describe, expect, it } from 'vitest';
import { FAULTS } from './faults.js';
import { LokiClient } from './loki-client.js';
import { LokiDouble, type LokiDoubleOptions } from './loki-double.js';
import type { TestStream } from './push-encoding.js';

let double: LokiDouble;

afterEach(() => double?.stop());

async function start(options?: LokiDoubleOptions): Promise<LokiClient> {
  double = await LokiDouble.start(options);
  return new LokiClient(double.url);
}

function push(line: string, labels: Record<string, string> = {}): TestStream[] {
  const timestampNs = BigInt(Date.now()) * 1_000_000n;
  return [{ labels: { service_name: 'double', ...labels }, entries: [{ timestampNs, line }] }];
}

async function failureOf(promise: Promise<unknown>): Promise<string | undefined> {
  const error = await promise.then(
    () => undefined,
    (reason: Error) => reason,
  );
  return (error?.cause as NodeJS.ErrnoException | undefined)?.code;
}

describe('the double of Loki', () => {
  it('refuses connections while it is down, and has everything when it is up again', async () => {
    const loki = await start();
    await loki.push(push('before'));
    const { url } = double;
    await double.goDown();
    expect(await failureOf(loki.push(push('meanwhile')))).toBe('ECONNREFUSED');
    await double.comeUp();
    expect(double.url).toBe(url);
    expect((await loki.push(push('after'))).status).toBe(204);
    expect(double.entries().map(({ line }) => line)).toEqual(['before', 'after']);
  });

  it.each([
    ['shuttingDown', 500, null],
    ['badGateway', 502, null],
    ['unavailable', 503, '1'],
    ['gatewayTimeout', 504, null],
    ['tooManyRequests', 429, '1'],
  ] as const)('answers as it is told, so often as it is told: %s', async (fault, status, retryAfter) => {
    const loki = await start();
    double.fail(FAULTS[fault], 2);
    for (let i = 0; i < 2; i += 1) {
      const answer = await loki.push(push('x'));
      expect(answer).toMatchObject({ status, body: FAULTS[fault].body });
      expect(answer.headers.get('retry-after')).toBe(retryAfter);
    }
    expect((await loki.push(push('y'))).status).toBe(204);
    expect(double.entries().map(({ line }) => line)).toEqual(['y']);
  });

  it('cuts a connection while the body comes, and stores nothing', async () => {
    const loki = await start();
    double.fail(FAULTS.resetMidBody, 1);
    expect(await failureOf(loki.push(push('x'.repeat(200_000))))).toMatch(/ECONNRESET|EPIPE|UND_ERR_SOCKET/);
    expect(double.entries()).toEqual([]);
  });

  it('stores and never tells: what comes again is a duplicate', async () => {
    const loki = await start();
    const streams = push('once');
    double.fail(FAULTS.answerLost, 1);
    expect(await failureOf(loki.push(streams))).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect((await loki.push(streams)).status).toBe(204);
    expect(double.entries()).toHaveLength(1);
    expect(double.pushes.map(({ stored, duplicates }) => ({ stored, duplicates }))).toEqual([
      { stored: 1, duplicates: 0 },
      { stored: 0, duplicates: 1 },
    ]);
  });

  it('stores, and answers that it did not', async () => {
    const loki = await start();
    double.fail({ kind: 'answer', status: 504, stored: true }, 1);
    expect((await loki.push(push('x'))).status).toBe(504);
    expect(double.entries()).toHaveLength(1);
  });

  it('stalls until it recovers', async () => {
    const loki = await start();
    double.fail(FAULTS.stall);
    const stalled = failureOf(loki.push(push('x')));
    while (double.pushes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    double.recover();
    expect(await stalled).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect((await loki.push(push('y'))).status).toBe(204);
  });

  it('fails by plan', async () => {
    const loki = await start();
    double.failAsPlanned((number) => (number % 2 === 0 ? FAULTS.unavailable : undefined));
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await loki.push(push(`${i}`))).status);
    expect(statuses).toEqual([204, 503, 204, 503]);
  });

  it('takes other limits while it runs', async () => {
    const loki = await start();
    double.change({ maxLineBytes: 3 });
    expect((await loki.push(push('long'))).status).toBe(400);
    double.change({ maxLineBytes: 4 });
    expect((await loki.push(push('long'))).status).toBe(204);
  });

  it('counts what it saw', async () => {
    const loki = await start();
    double.change({ maxLineBytes: 3 });
    const at = BigInt(Date.now()) * 1_000_000n;
    const entries = ['a', 'a', 'long', 'b'].map((line) => ({ timestampNs: at, line }));
    await loki.push([{ labels: { service_name: 's' }, entries }], 'gzip json');
    await loki.get('/loki/api/v1/labels');
    expect(double.pushes).toMatchObject([
      {
        ...{ tenant: 'fake', status: 400, received: 4, stored: 2, duplicates: 1, refused: 1 },
        ...{ contentType: 'application/json', contentEncoding: 'gzip', bytes: expect.any(Number) },
      },
    ]);
    expect(double.requests).toEqual(new Map([['/loki/api/v1/labels', 1]]));
    double.clear();
    expect([double.pushes, double.entries()]).toEqual([[], []]);
  });

  it('wants a password where it is told to, as a proxy before Loki would', async () => {
    const loki = await start({ authorization: 'Bearer secret' });
    expect(await loki.push(push('x'))).toMatchObject({ status: 401, body: 'Unauthorized' });
    expect((await loki.queryRange({ query: '{a="b"}' })).status).toBe(401);
    const body = JSON.stringify({ streams: [{ stream: { a: 'b' }, values: [] }] });
    const headers = { 'content-type': 'application/json', authorization: 'Bearer secret' };
    expect((await loki.pushBody(body, headers)).status).toBe(204);
  });

  it('goes by a clock that a test gives it', async () => {
    const then = Date.parse('2026-01-01T00:00:00Z');
    const loki = await start({ now: () => then });
    expect(await loki.push(push('x'))).toMatchObject({ status: 400, body: expect.stringContaining('too new') });
  });

  it('says so when a query is beyond what it understands', async () => {
    const loki = await start();
    const answer = await loki.queryRange({ query: '{a="b"} | logfmt' });
    expect(answer).toMatchObject({ status: 400, body: 'the double of Loki does not know the stage "logfmt"' });
  });
});
