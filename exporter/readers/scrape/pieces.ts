import { createGzip, type Gzip, type ZlibOptions } from 'node:zlib';

/** Smaller parts are put together: each piece is a write on the connection of each scraper. */
const PIECE_BYTES = 64 * 1024;
const GZIP: ZlibOptions = { level: 1, chunkSize: PIECE_BYTES };

/** Text as the bytes that are sent, in pieces of some 64 KB and more. */
export async function* plainPieces(texts: AsyncIterable<string>): AsyncGenerator<Buffer, void, void> {
  yield* joined(bytesOf(texts));
}

/** The same gzipped. Level 1, on another thread, and flushed only at the end. */
export async function* gzippedPieces(texts: AsyncIterable<string>): AsyncGenerator<Buffer, void, void> {
  const gzip = createGzip(GZIP);
  // A failure of the texts destroys the gzip stream, which is where it is thrown.
  const fed = feed(texts, gzip).catch((error: Error) => gzip.destroy(error));
  try {
    yield* joined(gzip);
  } finally {
    gzip.destroy();
    // Not before the texts are closed is everything that they hold let go.
    await fed;
  }
}

/** What may stand in line for the other thread: rendering and compressing go on beside each other. */
const SLOTS = 3;
const SLOT_BYTES = 1024 * 1024;

/**
 * Hands texts to the stream in few buffers that are used again and again. With a buffer for each text, a render of
 * 57 MB would make as much memory that V8 does not see in its heap but reckons with, and begins to collect for.
 */
async function feed(texts: AsyncIterable<string>, gzip: Gzip): Promise<void> {
  const slots = Array.from({ length: SLOTS }, () => Buffer.allocUnsafe(SLOT_BYTES));
  const taken: Promise<void>[] = slots.map(() => Promise.resolve());
  let turn = 0;
  for await (const text of texts) {
    await taken[turn];
    if (gzip.destroyed) return;
    const slot = slots[turn] as Buffer;
    // No text has more than three bytes for each of its units.
    const bytes = text.length * 3 <= SLOT_BYTES ? slot.subarray(0, slot.write(text)) : Buffer.from(text);
    taken[turn] = new Promise((resolve) => {
      gzip.write(bytes, () => resolve());
    });
    turn = (turn + 1) % SLOTS;
  }
  gzip.end();
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
