import { createReadStream, type Stats, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** The input cannot be read, or not to its end; the message says why and what to do. */
export class InputError extends Error {
  override name = 'InputError';
}

const CHUNK_BYTES = 256 * 1024;
const OPEN_ARRAY = 0x5b;
/** Spaces, line ends, and the three bytes of a byte order mark. */
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

/** Where the call records come from: a file or standard input, plain or gzip. */
export class Input {
  #bytesRead = 0;
  #closed = false;

  private constructor(
    /** As it is shown to the user. */
    readonly name: string,
    private readonly stream: Readable,
    /** Bytes of the file as it lies on disk; null where nobody knows: standard input, a pipe. */
    readonly size: number | null,
  ) {}

  /**
   * @param file a path, or `-` for standard input
   * @throws InputError when there is nothing to read
   */
  static open(file: string, stdin: Readable): Input {
    if (file === '-') return new Input('stdin', stdin, null);
    let stats: Stats;
    try {
      stats = statSync(file);
    } catch (error) {
      throw new InputError(`${file} ${explain(error as NodeJS.ErrnoException, file)}`);
    }
    if (stats.isDirectory()) throw new InputError(`${file} is a folder. Name a file of call records in it.`);
    const stream = createReadStream(file, { highWaterMark: CHUNK_BYTES });
    return new Input(file, stream, stats.isFile() ? stats.size : null);
  }

  /** Bytes read so far, before decompression. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * The text, decompressed where it begins like gzip, whatever its name.
   * @throws InputError when the file or the gzip in it is broken
   */
  async *chunks(): AsyncGenerator<Buffer> {
    try {
      const raw = this.#raw();
      const head = await firstBytes(raw);
      if (head === null) return;
      this.#checkHead(head);
      const whole = rejoin(head, raw);
      yield* this.#noArray(isGzip(head) ? gunzip(whole) : whole);
    } catch (error) {
      if (this.#closed) return;
      if (error instanceof InputError) throw error;
      throw new InputError(`${this.name} ${explain(error as NodeJS.ErrnoException, this.name)}`);
    }
  }

  /** Ends the reading; {@link chunks} then ends without an error. */
  close(): void {
    this.#closed = true;
    this.stream.destroy();
  }

  async *#raw(): AsyncGenerator<Buffer> {
    for await (const chunk of this.stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      this.#bytesRead += bytes.length;
      yield bytes;
    }
  }

  /**
   * A JSON array written over several lines would give its last element alone, which ends in no comma: sent
   * like that, and again when the array has been taken apart, it would count twice.
   */
  async *#noArray(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let isKnown = false;
    for await (const chunk of chunks) {
      const first: number | undefined = isKnown ? undefined : chunk.find((byte) => !BLANK.has(byte));
      if (first === OPEN_ARRAY) {
        throw new InputError(
          `${this.name} is a JSON array. Make NDJSON of it, one object a line: jq -c '.[]' FILE > FILE.ndjson.`,
        );
      }
      isKnown ||= first !== undefined;
      yield chunk;
    }
  }

  #checkHead(head: Buffer): void {
    const first = head.readUInt16BE(0);
    if (first === 0xfffe || first === 0xfeff) {
      throw new InputError(`${this.name} is in UTF-16. Convert it: iconv -f UTF-16 -t UTF-8 FILE > FILE.utf8.`);
    }
    if (this.name.endsWith('.gz') && !isGzip(head)) {
      throw new InputError(`${this.name} is not gzip, though its name ends in .gz. Rename it if it is plain text.`);
    }
  }
}

/** At least two bytes, which tell gzip; null for an empty input. A single byte gets a line end as company. */
async function firstBytes(raw: AsyncGenerator<Buffer>): Promise<Buffer | null> {
  let head = Buffer.alloc(0);
  while (head.length < 2) {
    const next = await raw.next();
    if (next.done) return head.length === 0 ? null : Buffer.concat([head, Buffer.from('\n')]);
    head = head.length === 0 ? (next.value as Buffer<ArrayBuffer>) : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* rejoin(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  yield* rest;
}

async function* gunzip(compressed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const plain = createGunzip({ chunkSize: CHUNK_BYTES });
  // An error of either side destroys both and comes out of the iteration below.
  pipeline(Readable.from(compressed, { objectMode: false }), plain, () => {});
  yield* plain as AsyncIterable<Buffer>;
}

function isGzip(head: Buffer): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

function explain({ code, message }: NodeJS.ErrnoException, file: string): string {
  if (code === 'ENOENT') return `does not exist (looked for ${resolve(file)}).`;
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user.';
  if (code === 'Z_BUF_ERROR') return 'ends in the middle of its gzip data: it was cut off. Copy it again.';
  if (code?.startsWith('Z_')) return `is damaged: its gzip data cannot be read (${message}). Copy it again.`;
  return `cannot be read: ${message}.`;
}
