import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ClientGoneError, readBody } from './body.js';
import { InFlight, Share } from './in-flight.js';
import { HttpProblem } from './problems.js';

const LIMITS = { bodyBytes: 10_000, decompressedBytes: 100_000 };

let inFlight: InFlight;
let server: Server;
/** What readBody made of each request, in their order. */
let outcomes: Promise<unknown>[];

beforeEach(async () => {
  inFlight = new InFlight(120_000);
  outcomes = [];
  server = createServer((request, response) => {
    const outcome = describeOutcome(request);
    outcomes.push(outcome);
    void outcome.then(() => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  expect(inFlight.bytes).toBe(0);
});

/** The body as text with what it took of memory, or the problem. */
async function describeOutcome(request: IncomingMessage): Promise<unknown> {
  const share = new Share(inFlight);
  try {
    const { body, received } = await readBody(request, LIMITS, share);
    return { body: body.toString('latin1'), received, held: inFlight.bytes };
  } catch (error) {
    if (error instanceof HttpProblem) return `${error.problem}: ${error.detail}`;
    if (error instanceof ClientGoneError) return 'gone';
    throw error;
  } finally {
    share.release();
  }
}

function post(chunks: (string | Buffer)[], headers: Record<string, string> = {}): Promise<unknown> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const request = send({ port, host: '127.0.0.1', method: 'POST', headers, agent: false });
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(outcomes[0]));
    });
    // Without a content-length it goes in chunks.
    for (const chunk of chunks) request.write(chunk);
    request.end();
  });
}

test('a plain body, in one piece, in several, and empty', async () => {
  expect(await post(['hello'])).toEqual({ body: 'hello', received: 5, held: 5 });
  outcomes = [];
  expect(await post(['he', 'l', 'lo'], { 'content-encoding': 'identity' })).toMatchObject({ body: 'hello' });
  outcomes = [];
  expect(await post([])).toEqual({ body: '', received: 0, held: 0 });
});

test.each(['gzip', 'x-gzip', ' GZIP '])('a body compressed with %j', async (encoding) => {
  const compressed = gzipSync('hello'.repeat(100));
  expect(await post([compressed], { 'content-encoding': encoding })).toEqual({
    body: 'hello'.repeat(100),
    received: compressed.length,
    held: compressed.length + 500,
  });
});

test('several gzip members in a row are one body', async () => {
  const body = Buffer.concat([gzipSync('hel'), gzipSync('lo')]);
  expect(await post([body], { 'content-encoding': 'gzip' })).toMatchObject({ body: 'hello' });
});

test.each(['deflate', 'br', 'zstd', 'gzip, gzip'])('%s is not supported', async (encoding) => {
  expect(await post(['x'], { 'content-encoding': encoding })).toBe(
    `unsupported-media-type: Content-Encoding must be gzip or none, not ${encoding}.`,
  );
});

test('gzip that is cut off, and what never was gzip', async () => {
  const cut = gzipSync('hello').subarray(0, 12);
  expect(await post([cut], { 'content-encoding': 'gzip' })).toBe(
    'malformed-body: The body is not valid gzip: it ends too early.',
  );
  outcomes = [];
  expect(await post(['{"model":"m"}'], { 'content-encoding': 'gzip' })).toBe(
    'malformed-body: The body is not valid gzip: incorrect header check.',
  );
  outcomes = [];
  expect(await post([], { 'content-encoding': 'gzip' })).toBe(
    'malformed-body: The body is not valid gzip: it ends too early.',
  );
});

const TOO_LARGE = 'body-too-large: The body is larger than limits.body_bytes (10000 bytes). Nothing of it was taken.';

test('a body of just the limit is taken, one byte more is not, announced or in chunks', async () => {
  expect(await post(['x'.repeat(10_000)], { 'content-length': '10000' })).toMatchObject({ received: 10_000 });
  outcomes = [];
  expect(await post(['x'.repeat(10_001)], { 'content-length': '10001' })).toBe(TOO_LARGE);
  outcomes = [];
  expect(await post(['x'.repeat(10_001)])).toBe(TOO_LARGE);
  outcomes = [];
  expect(await post(['x'.repeat(9000), 'x'.repeat(1001)])).toBe(TOO_LARGE);
});

test('a body that grows beyond the limit when it is decompressed', async () => {
  const headers = { 'content-encoding': 'gzip' };
  expect(await post([gzipSync('x'.repeat(100_000))], headers)).toMatchObject({ body: 'x'.repeat(100_000) });
  outcomes = [];
  expect(await post([gzipSync('x'.repeat(100_001))], headers)).toBe(
    'body-too-large: The body is larger than limits.decompressed_bytes (100000 bytes). Nothing of it was taken.',
  );
});

test('no memory left, for the body or for what it grows to', async () => {
  const overloaded =
    'overloaded: The exporter holds as many bytes as limits.in_flight_bytes allows. Nothing of the body was taken.';
  const other = new Share(inFlight);
  other.take(115_000);
  expect(await post(['x'.repeat(6000)])).toBe(overloaded);
  outcomes = [];
  expect(await post([gzipSync('x'.repeat(20_000))], { 'content-encoding': 'gzip' })).toBe(overloaded);
  other.release();
});

test('a client that goes away', async () => {
  const { port } = server.address() as AddressInfo;
  const request = send({ port, host: '127.0.0.1', method: 'POST', headers: { 'content-length': '100' }, agent: false });
  request.on('error', () => {});
  request.write('half');
  await expect.poll(() => inFlight.bytes).toBe(4);
  request.destroy();
  expect(await outcomes[0]).toBe('gone');
});

/** A request of which this test says when each piece comes. */
function requestInPieces(): { pieces: PassThrough; request: IncomingMessage } {
  const pieces = new PassThrough();
  return { pieces, request: Object.assign(pieces, { headers: {}, complete: false }) as unknown as IncomingMessage };
}

/** In a function of its own, so that nothing here holds the piece but a weak reference. */
async function sendPiece(pieces: PassThrough, bytes: number): Promise<WeakRef<Buffer>> {
  const piece = Buffer.alloc(bytes);
  pieces.write(piece);
  await setImmediate();
  return new WeakRef(piece);
}

test('a refused body lets go of what has come, and nothing is put together when its rest has come', async () => {
  const { pieces, request } = requestInPieces();
  const share = new Share(inFlight);
  const join = vi.spyOn(share, 'join');
  const refused = expect(readBody(request, LIMITS, share)).rejects.toThrow(HttpProblem);
  const first = await sendPiece(pieces, 9000);
  await sendPiece(pieces, 1001);
  await refused;
  share.release();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const held = () => {
    collect();
    return first.deref();
  };
  await expect.poll(held).toBeUndefined();
  pieces.end();
  await once(pieces, 'end');
  expect(join).not.toHaveBeenCalled();
});
