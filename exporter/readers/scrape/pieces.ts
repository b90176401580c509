import type { TransformOptions } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, type ZlibOptions } from 'node:zlib';

/** Smaller parts are put together: each piece is a write on the connection of each scraper. */
const PIECE_BYTES = 64 * 1024;
/** The stream takes 1 MiB of text ahead, so that rendering and compressing go on beside each other. */
const GZIP: ZlibOptions & TransformOptions = { level: 1, chunkSize: PIECE_BYTES, highWaterMark: 1024 * 1024 };

/** Text as the bytes that are sent, in pieces of some 64 KB and more. */
export async function* plainPieces(texts: AsyncIterable<string>): AsyncGenerator<Buffer, void, void> {
  yield* joined(bytesOf(texts));
}

/** The same gzipped. Level 1, on another thread, and flushed only at the end. */
export async function* gzippedPieces(texts: AsyncIterable<string>): AsyncGenerator<Buffer, void, void> {
  const gzip = createGzip(GZIP);
  // A failure of the texts destroys the gzip stream, which is where it is thrown.
  const fed = pipeline(texts, gzip).catch(() => {});
  try {
    yield* joined(gzip);
  } finally {
    gzip.destroy();
    // Not before the texts are closed is everything that they hold let go.
    await fed;
  }
}

async function* bytesOf(texts: AsyncIterable<string>): AsyncGenerator<Buffer, void, void> {
  for await (const text of texts) yield Buffer.from(text);
}

async function* joined(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, void> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const part of parts) {
    waiting.push(part);
    length += part.length;
    if (length < PIECE_BYTES) continue;
    yield waiting.length === 1 ? part : Buffer.concat(waiting, length);
    waiting = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}
