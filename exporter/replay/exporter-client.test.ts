import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ExporterClient } from './exporter-client.js';
import { ExporterDouble } from './testdata/exporter-double.js';

let double: ExporterDouble;
let client: ExporterClient;

beforeEach(async () => {
  double = await ExporterDouble.start();
  client = clientOf(double.url);
});
afterEach(async () => {
  client.close();
  await double.stop();
});

function clientOf(url: string, silenceMs = 10_000): ExporterClient {
  return new ExporterClient({ url: new URL('/v1/calls', url), token: 'secret', connections: 2, silenceMs });
}

const record = (id: string, content = '') => Buffer.from(JSON.stringify({ id, model: 'm', content }));

test('one connection serves many requests, with the token on each', async () => {
  for (const id of ['a', 'b', 'c']) expect((await client.post(record(id))).status).toBe(202);
  expect(double.connections).toBe(1);
  expect([...double.authorizations]).toEqual(['Bearer secret']);
});

test('status, body and Retry-After', async () => {
  double.script.push({ status: 503, retryAfter: '3', body: 'busy' });
  expect(await client.post(record('a'))).toEqual({ status: 503, retryAfter: '3', body: 'busy' });
});

test.each(['drop', 'take-and-drop', 'drop-mid-answer'] as const)(
  'an error when the exporter dies: %s',
  async (what) => {
    double.script.push(what);
    await expect(client.post(record('a'))).rejects.toMatchObject({ code: 'ECONNRESET' });
  },
);

test('an answer in parts', async () => {
  double.script.push('slow');
  expect(JSON.parse((await client.post(record('a'))).body)).toMatchObject({ accepted: 1 });
});

test('silence is an error', async () => {
  client = clientOf(double.url, 20);
  double.script.push('silent');
  await expect(client.post(record('a'))).rejects.toMatchObject({ code: 'ETIMEDOUT' });
});

test('nobody there', async () => {
  await double.stop();
  await expect(client.post(record('a'))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('a large body arrives whole', async () => {
  const content = 'é'.repeat(3e6);
  expect((await client.post(record('a', content))).status).toBe(202);
  expect(double.counted.get('a')?.content).toBe(content);
});

test('a large body that is refused: does not travel, and the answer is read, every time', async () => {
  double.maxBytes = 1e6;
  const large = record('a', 'x'.repeat(20e6));
  for (let i = 0; i < 10; i += 1) expect((await client.post(large)).status).toBe(413);
  expect((await client.post(record('b'))).status).toBe(202);
  expect(double.bytesOfRefused).toBeLessThan(10 * 500);
});

test('a server that does not know about asking first gets the body all the same', async () => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end('{}')));
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect((await client.post(record('a', 'x'.repeat(2e6)))).status).toBe(200);
  client.close();
  server.close();
});
