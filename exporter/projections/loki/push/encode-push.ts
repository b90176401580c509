import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import type { LogEntry } from '../entry.js';
import { encodeProtobuf } from './protobuf.js';
import { type Stream, streamsOf } from './stream.js';

// Its module for Node is CommonJS; the other one fetches its WebAssembly over HTTP.
const snappy = createRequire(import.meta.url)('snappy-wasm') as typeof import('snappy-wasm');

/** How a push is written: what Loki itself speaks, or what everything else reads too. */
export type Encoding = 'protobuf' | 'json';

/** A push, ready to be sent. */
export interface EncodedPush {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes before compression. */
  readonly plainBytes: number;
}

/**
 * Writes a push: protobuf with Snappy, or JSON with gzip. The same entries give the same bytes; lone surrogates become U+FFFD.
 */
export function encodePush(entries: readonly LogEntry[], encoding: Encoding): EncodedPush {
  const streams = streamsOf(entries);
  if (encoding === 'protobuf') {
    const plain = encodeProtobuf(streams);
    const { buffer, byteOffset, length } = snappy.compress_raw(plain);
    // Loki takes protobuf for Snappy's block format without being told.
    return {
      body: Buffer.from(buffer, byteOffset, length),
      headers: { 'content-type': 'application/x-protobuf' },
      plainBytes: plain.length,
    };
  }
  const plain = Buffer.from(encodeJson(streams));
  return {
    body: gzipSync(plain, { level: 1 }),
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    plainBytes: plain.length,
  };
}

function encodeJson(streams: readonly Stream[]): string {
  return JSON.stringify({
    streams: streams.map(({ labels, entries }) => ({ stream: wellFormed(labels), values: entries.map(jsonEntry) })),
  });
}

function jsonEntry({ timestampNs, line, metadata }: LogEntry): unknown[] {
  const entry: unknown[] = [timestampNs.toString(), line.toWellFormed()];
  if (metadata.length > 0) entry.push(wellFormed(Object.fromEntries(metadata)));
  return entry;
}

function wellFormed(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name.toWellFormed(), value.toWellFormed()]));
}
