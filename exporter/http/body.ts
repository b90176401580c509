import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { Share } from './in-flight.js';
import { HttpProblem } from './problems.js';

export interface BodyLimits {
  /** Bytes as received. */
  bodyBytes: number;
  decompressedBytes: number;
}

/** The client went away before its request had arrived. */
export class ClientGoneError extends Error {
  override name = 'ClientGoneError';
}

/**
 * Reads a request's body whole, decompressed, within the limits and within its share of memory.
 * @returns the body, which is good until the share is released, and the bytes that were received for it
 * @throws HttpProblem 413, 415, 400 (broken gzip), 503 (memory); ClientGoneError
 */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  share: Share,
): Promise<{ body: Buffer; received: number }> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'x-gzip' && encoding !== '') {
    throw new HttpProblem(
      'unsupported-media-type',
      `Content-Encoding must be gzip or none, not ${encoding.slice(0, 60)}.`,
    );
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.bodyBytes) throw tooLarge('limits.body_bytes', limits.bodyBytes);
  const compressed = await readAll(request, limits.bodyBytes, 'limits.body_bytes', share);
  if (encoding === 'identity' || encoding === '') return { body: compressed, received: compressed.length };
  const body = await gunzip(compressed, limits.decompressedBytes, share);
  return { body, received: compressed.length };
}

function readAll(request: IncomingMessage, limit: number, key: string, share: Share): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    let failed = false;
    const fail = (error: Error): void => {
      failed = true;
      request.removeAllListeners('data');
      // The share is given back now, so they must not stay while the rest arrives.
      chunks.length = 0;
      // The rest is thrown away: see sendProblem.
      request.resume();
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) fail(tooLarge(key, limit));
      else if (!share.take(chunk.length)) fail(overloaded());
      else chunks.push(chunk);
    });
    request.on('end', () => {
      if (!failed) resolve(share.join(chunks, length));
    });
    request.on('close', () => {
      if (!request.complete) fail(new ClientGoneError('The client went away before its request had arrived'));
    });
    request.on('error', () => fail(new ClientGoneError('The connection broke before the request had arrived')));
  });
}

function gunzip(compressed: Buffer, limit: number, share: Share): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stream = createGunzip({ chunkSize: 128 * 1024 });
    const fail = (error: Error): void => {
      stream.destroy();
      chunks.length = 0;
      reject(error);
    };
    stream.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > limit) fail(tooLarge('limits.decompressed_bytes', limit));
      else if (!share.take(chunk.length)) fail(overloaded());
      else chunks.push(chunk);
    });
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'Z_BUF_ERROR' ? 'it ends too early' : error.message;
      fail(new HttpProblem('malformed-body', `The body is not valid gzip: ${reason}.`));
    });
    stream.end(compressed);
  });
}

function tooLarge(key: string, limit: number): HttpProblem {
  return new HttpProblem('body-too-large', `The body is larger than ${key} (${limit} bytes). Nothing of it was taken.`);
}

function overloaded(): HttpProblem {
  return new HttpProblem(
    'overloaded',
    'The exporter holds as many bytes as limits.in_flight_bytes allows. Nothing of the body was taken.',
  );
}
