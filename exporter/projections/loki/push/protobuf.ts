import type { LogEntry } from '../entry.js';
import type { Stream } from './stream.js';

/** A field's tag: its number and how it is written. */
const tag = (field: number, type: 'varint' | 'bytes'): number => (field << 3) | (type === 'bytes' ? 2 : 0);

const NS_PER_SECOND = 1_000_000_000n;
const SHORT = 40;

// The messages of logproto (pkg/push/push.proto of Loki 3):
const PUSH_REQUEST = { streams: tag(1, 'bytes') };
const STREAM = { labels: tag(1, 'bytes'), entries: tag(2, 'bytes') };
const ENTRY = { timestamp: tag(1, 'bytes'), line: tag(2, 'bytes'), structuredMetadata: tag(3, 'bytes') };
const TIMESTAMP = { seconds: tag(1, 'varint'), nanos: tag(2, 'varint') };
const LABEL_PAIR = { name: tag(1, 'bytes'), value: tag(2, 'bytes') };

/**
 * A `logproto.PushRequest`, written by hand: five messages with eleven fields in all. Lone surrogates become U+FFFD, because
 * protobuf strings are UTF-8.
 * @throws RangeError for a time before 1970
 */
export function encodeProtobuf(streams: readonly Stream[]): Buffer {
  const sizes = new Sizes();
  let length = 0;
  for (const stream of streams) length += fieldSize(sizes.ofStream(stream));
  const writer = new Writer(length, sizes);
  for (const stream of streams) writer.stream(stream);
  return writer.bytes;
}

/**
 * The length of a message stands before it. Sizes are taken in one pass and used, in the same order, in another, so that no
 * string is measured twice.
 */
class Sizes {
  readonly #sizes: number[] = [];
  #next = 0;

  next(): number {
    return this.#sizes[this.#next++]!;
  }

  ofStream({ name, entries }: Stream): number {
    const at = this.#sizes.push(0) - 1;
    let size = fieldSize(this.#ofText(name));
    for (const entry of entries) size += fieldSize(this.#ofEntry(entry));
    this.#sizes[at] = size;
    return size;
  }

  #ofEntry({ timestampNs, line, metadata }: LogEntry): number {
    const at = this.#sizes.push(0) - 1;
    let size = fieldSize(this.#ofTimestamp(timestampNs)) + fieldSize(this.#ofText(line));
    for (const [name, value] of metadata) {
      const pairAt = this.#sizes.push(0) - 1;
      const pair = fieldSize(this.#ofText(name)) + fieldSize(this.#ofText(value));
      this.#sizes[pairAt] = pair;
      size += fieldSize(pair);
    }
    this.#sizes[at] = size;
    return size;
  }

  #ofTimestamp(timestampNs: bigint): number {
    if (timestampNs < 0n) throw new RangeError('Loki has no entries before 1970');
    const seconds = Number(timestampNs / NS_PER_SECOND);
    const nanos = Number(timestampNs % NS_PER_SECOND);
    const size = (seconds === 0 ? 0 : 1 + varintSize(seconds)) + (nanos === 0 ? 0 : 1 + varintSize(nanos));
    this.#sizes.push(size, seconds, nanos);
    return size;
  }

  #ofText(text: string): number {
    const size = utf8Size(text);
    this.#sizes.push(size);
    return size;
  }
}

class Writer {
  readonly bytes: Buffer;
  readonly #sizes: Sizes;
  #at = 0;

  constructor(length: number, sizes: Sizes) {
    this.bytes = Buffer.allocUnsafe(length);
    this.#sizes = sizes;
  }

  stream({ name, entries }: Stream): void {
    this.#head(PUSH_REQUEST.streams, this.#sizes.next());
    this.#text(STREAM.labels, name);
    for (const entry of entries) this.#entry(entry);
  }

  #entry({ line, metadata }: LogEntry): void {
    this.#head(STREAM.entries, this.#sizes.next());
    this.#timestamp();
    this.#text(ENTRY.line, line);
    for (const [name, value] of metadata) {
      this.#head(ENTRY.structuredMetadata, this.#sizes.next());
      this.#text(LABEL_PAIR.name, name);
      this.#text(LABEL_PAIR.value, value);
    }
  }

  /** A field that is 0 is left out, as proto3 does. */
  #timestamp(): void {
    this.#head(ENTRY.timestamp, this.#sizes.next());
    const seconds = this.#sizes.next();
    if (seconds !== 0) this.#head(TIMESTAMP.seconds, seconds);
    const nanos = this.#sizes.next();
    if (nanos !== 0) this.#head(TIMESTAMP.nanos, nanos);
  }

  #text(field: number, text: string): void {
    const size = this.#sizes.next();
    this.#head(field, size);
    const { bytes } = this;
    // A call into the runtime costs more than a short name does.
    if (size === text.length && size <= SHORT) {
      for (let i = 0; i < size; i += 1) bytes[this.#at + i] = text.charCodeAt(i);
    } else bytes.write(text, this.#at, size, 'utf8');
    this.#at += size;
  }

  /** A tag and a number: the value itself, or the length of what follows. */
  #head(field: number, value: number): void {
    const { bytes } = this;
    let at = this.#at;
    let rest = value;
    bytes[at++] = field;
    while (rest > 0x7f) {
      bytes[at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[at++] = rest;
    this.#at = at;
  }
}

/** Of a field with a length before it; every field number here fits a tag of one byte. */
function fieldSize(size: number): number {
  return 1 + varintSize(size) + size;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 0x7f; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

function utf8Size(text: string): number {
  if (text.length > SHORT) return Buffer.byteLength(text);
  for (let i = 0; i < text.length; i += 1) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text);
  }
  return text.length;
}
