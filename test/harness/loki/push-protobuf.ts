import type { Pair, PushedEntry, PushedStream } from './pushed.js';
import { CorruptInput } from './snappy.js';

/**
 * Decodes a `logproto.PushRequest`, field by field as Loki's push.proto has them: written for the tests alone, so that a
 * mistake in what the product encodes cannot be made again here. Unknown fields are passed over, as Loki does.
 *
 * @throws CorruptInput with Loki's message
 */
export function decodePushRequest(body: Buffer): PushedStream[] {
  const streams: PushedStream[] = [];
  for (const field of fieldsOf(body, 'PushRequest')) {
    if (field.number === 1) streams.push(streamIn(bytesOf(field, 'Streams')));
    else if (field.number === 2) bytesOf(field, 'Format');
  }
  return streams;
}

function streamIn(body: Buffer): PushedStream {
  const stream: PushedStream = { labels: '', entries: [] };
  for (const field of fieldsOf(body, 'StreamAdapter')) {
    if (field.number === 1) stream.labels = bytesOf(field, 'Labels').toString('utf8');
    else if (field.number === 2) stream.entries.push(entryIn(bytesOf(field, 'Entries')));
    else if (field.number === 3) varintOf(field, 'Hash');
  }
  return stream;
}

function entryIn(body: Buffer): PushedEntry {
  // Without a timestamp it is Go's zero time, the first day of year 1, which is older than any limit.
  const entry: PushedEntry = { timestampNs: -62_135_596_800_000_000_000n, line: '', lineBytes: 0, metadata: [] };
  for (const field of fieldsOf(body, 'EntryAdapter')) {
    if (field.number === 1) entry.timestampNs = timestampIn(bytesOf(field, 'Timestamp'));
    else if (field.number === 2) {
      const line = bytesOf(field, 'Line');
      entry.line = line.toString('utf8');
      entry.lineBytes = line.length;
    } else if (field.number === 3) entry.metadata.push(pairIn(bytesOf(field, 'StructuredMetadata')));
    else if (field.number === 4) pairIn(bytesOf(field, 'Parsed'));
  }
  return entry;
}

function pairIn(body: Buffer): Pair {
  let name = '';
  let value = '';
  for (const field of fieldsOf(body, 'LabelPairAdapter')) {
    if (field.number === 1) name = bytesOf(field, 'Name').toString('utf8');
    else if (field.number === 2) value = bytesOf(field, 'Value').toString('utf8');
  }
  return [name, value];
}

/** google.protobuf.Timestamp. */
function timestampIn(body: Buffer): bigint {
  let seconds = 0n;
  let nanos = 0n;
  for (const field of fieldsOf(body, 'Timestamp')) {
    if (field.number === 1) seconds = BigInt.asIntN(64, varintOf(field, 'Seconds'));
    else if (field.number === 2) nanos = BigInt.asIntN(32, varintOf(field, 'Nanos'));
  }
  if (nanos < 0n || nanos >= 1_000_000_000n) {
    throw new CorruptInput(`timestamp: seconds:${seconds} nanos:${nanos} : nanos not in range [0, 1e9)`);
  }
  return seconds * 1_000_000_000n + nanos;
}

interface Field {
  number: number;
  wireType: number;
  /** A varint's value, or what a field of fixed or delimited length holds. */
  value: bigint | Buffer;
}

function bytesOf(field: Field, name: string): Buffer {
  if (field.wireType !== 2 || typeof field.value === 'bigint') throw wrongWireType(field, name);
  return field.value;
}

function varintOf(field: Field, name: string): bigint {
  if (typeof field.value !== 'bigint') throw wrongWireType(field, name);
  return field.value;
}

function wrongWireType({ wireType }: Field, name: string): CorruptInput {
  return new CorruptInput(`proto: wrong wireType = ${wireType} for field ${name}`);
}

function* fieldsOf(body: Buffer, message: string): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      if (shift >= 64n) throw new CorruptInput('proto: integer overflow');
      const byte = body[at];
      if (byte === undefined) throw new CorruptInput('unexpected EOF');
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
  };
  const take = (bytes: number): Buffer => {
    if (bytes > body.length - at) throw new CorruptInput('unexpected EOF');
    at += bytes;
    return body.subarray(at - bytes, at);
  };
  while (at < body.length) {
    const tag = varint();
    const number = Number(BigInt.asIntN(32, tag >> 3n));
    const wireType = Number(tag & 7n);
    if (wireType === 4) throw new CorruptInput(`proto: ${message}: wiretype end group for non-group`);
    if (number <= 0) throw new CorruptInput(`proto: ${message}: illegal tag ${number} (wire type ${tag})`);
    if (wireType === 0) yield { number, wireType, value: varint() };
    else if (wireType === 1) yield { number, wireType, value: take(8) };
    else if (wireType === 2) yield { number, wireType, value: take(lengthIn(varint())) };
    else if (wireType === 5) yield { number, wireType, value: take(4) };
    else throw new CorruptInput(`proto: illegal wireType ${wireType}`);
  }
}

function lengthIn(value: bigint): number {
  if (BigInt.asIntN(64, value) < 0n) throw new CorruptInput('proto: negative length found during unmarshaling');
  return Number(value);
}
