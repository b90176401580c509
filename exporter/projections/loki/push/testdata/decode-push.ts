import { gunzipSync } from 'node:zlib';
import type { LogEntry } from '../../entry.js';
import { decompressSnappy } from './decompress-snappy.js';

/** A stream of a push as it came over the wire. */
export interface DecodedStream {
  /** In Loki's notation as it was sent; from JSON, written as Loki would write it. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly entries: readonly DecodedEntry[];
}

export type DecodedEntry = Pick<LogEntry, 'timestampNs' | 'line' | 'metadata'>;

/**
 * Reads a push as Loki does, by its headers.
 * @throws Error for what Loki could not read
 */
export function decodePush(body: Uint8Array, headers: Readonly<Record<string, string | undefined>>): DecodedStream[] {
  const type = headers['content-type']?.split(';')[0];
  const encoding = headers['content-encoding'];
  if (type === 'application/json') {
    if (encoding !== undefined && encoding !== 'gzip') throw new Error(`Content-Encoding "${encoding}" not supported`);
    return decodeJson((encoding === 'gzip' ? gunzipSync(body) : Buffer.from(body)).toString('utf8'));
  }
  if (type === 'application/x-protobuf') return decodeProtobuf(decompressSnappy(body));
  throw new Error(`Content-Type "${type}" not supported`);
}

/** The entries of a push, stream by stream. */
export function entriesOf(streams: readonly DecodedStream[]): LogEntry[] {
  return streams.flatMap(({ labels, entries }) => entries.map((entry) => ({ labels, ...entry })));
}

function decodeJson(text: string): DecodedStream[] {
  const { streams } = JSON.parse(text) as {
    streams: { stream: Record<string, string>; values: [string, string, Record<string, string>?][] }[];
  };
  return streams.map(({ stream, values }) => ({
    name: `{${Object.keys(stream)
      .sort()
      .map((name) => `${name}=${JSON.stringify(stream[name])}`)
      .join(', ')}}`,
    labels: stream,
    entries: values.map(([ns, line, metadata]) => ({
      timestampNs: BigInt(ns),
      line,
      metadata: Object.entries(metadata ?? {}),
    })),
  }));
}

type Field = { number: number; value: bigint } | { number: number; bytes: Buffer };

function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('proto: it ends too early');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('proto: a number is too long');
  };
  while (at < message.length) {
    const tag = Number(varint());
    const number = tag >>> 3;
    if ((tag & 7) === 0) yield { number, value: varint() };
    else if ((tag & 7) === 2) {
      const end = Number(varint()) + at;
      if (end > message.length) throw new Error('proto: a field is too long');
      yield { number, bytes: message.subarray(at, end) };
      at = end;
    } else throw new Error(`proto: wire type ${tag & 7} has no place here`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeProtobuf(message: Buffer): DecodedStream[] {
  return [...fieldsOf(message)].map((field) => {
    const streamName: string[] = [];
    const entries: DecodedEntry[] = [];
    for (const { number, bytes } of messages(field, 1)) {
      if (number === 1) streamName.push(utf8.decode(bytes));
      else entries.push(decodeEntry(bytes));
    }
    const name = streamName.at(-1) ?? '';
    return { name, labels: labelsIn(name), entries };
  });
}

function* messages(field: Field, expected: number): Generator<{ number: number; bytes: Buffer }> {
  if (field.number !== expected || !('bytes' in field))
    throw new Error(`proto: field ${field.number} has no place here`);
  for (const inner of fieldsOf(field.bytes)) {
    if (!('bytes' in inner)) throw new Error(`proto: field ${inner.number} is a number`);
    yield inner;
  }
}

function decodeEntry(message: Buffer): DecodedEntry {
  let timestampNs = 0n;
  let line = '';
  const metadata: [string, string][] = [];
  for (const field of fieldsOf(message)) {
    if (!('bytes' in field)) throw new Error(`proto: field ${field.number} of an entry is a number`);
    if (field.number === 1) {
      for (const part of fieldsOf(field.bytes)) {
        if (!('value' in part)) throw new Error('proto: a timestamp has a text');
        timestampNs += part.number === 1 ? part.value * 1_000_000_000n : part.value;
      }
    } else if (field.number === 2) line = utf8.decode(field.bytes);
    else {
      const pair = ['', ''] as [string, string];
      for (const { number, bytes } of messages(field, 3)) pair[number - 1] = utf8.decode(bytes);
      metadata.push(pair);
    }
  }
  return { timestampNs, line, metadata };
}

/**
 * Reads `{a="b", c="d"}`.
 * @throws Error for what Loki would not parse
 */
export function labelsIn(name: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const pair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*("(?:[^"\\\n]|\\.)*")\s*(,|\}$)/y;
  if (!name.startsWith('{')) throw new Error(`labels do not begin with a brace: ${name}`);
  if (name === '{}') return labels;
  pair.lastIndex = 1;
  for (;;) {
    const found = pair.exec(name);
    if (found === null) throw new Error(`not labels: ${name}`);
    labels[found[1]!] = JSON.parse(found[2]!) as string;
    if (found[3] !== ',') return labels;
  }
}
