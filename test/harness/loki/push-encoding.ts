import { gzipSync } from 'node:zlib';
import { formatLabels } from './label-set.js';

/** One stream as a test writes it. */
export interface TestStream {
  labels: Readonly<Record<string, string>>;
  entries: readonly TestEntry[];
}

export interface TestEntry {
  /** Epoch nanoseconds. */
  timestampNs: bigint;
  line: string;
  metadata?: Readonly<Record<string, string>>;
}

/** A push in Loki's JSON form. */
export function jsonBody(streams: readonly TestStream[]): string {
  return JSON.stringify({
    streams: streams.map(({ labels, entries }) => ({
      stream: labels,
      values: entries.map(({ timestampNs, line, metadata }) =>
        metadata === undefined ? [String(timestampNs), line] : [String(timestampNs), line, metadata],
      ),
    })),
  });
}

export function gzipJsonBody(streams: readonly TestStream[]): Buffer {
  return gzipSync(jsonBody(streams));
}

/** A push in protobuf and Snappy: the plainest encoding there is, nothing of the product's. */
export function snappyBody(streams: readonly TestStream[]): Buffer {
  return snappyLiterals(protobufBody(streams));
}

export function protobufBody(streams: readonly TestStream[]): Buffer {
  return Buffer.concat(
    streams.map(({ labels, entries }) =>
      delimited(
        1,
        delimited(1, Buffer.from(formatLabels(Object.entries(labels)))),
        ...entries.map((entry) => delimited(2, ...entryFields(entry))),
      ),
    ),
  );
}

function entryFields({ timestampNs, line, metadata = {} }: TestEntry): Buffer[] {
  const seconds = varintField(1, timestampNs / 1_000_000_000n);
  const nanos = varintField(2, timestampNs % 1_000_000_000n);
  return [
    delimited(1, seconds, nanos),
    delimited(2, Buffer.from(line)),
    ...Object.entries(metadata).map(([name, value]) =>
      delimited(3, delimited(1, Buffer.from(name)), delimited(2, Buffer.from(value))),
    ),
  ];
}

function delimited(field: number, ...content: readonly Buffer[]): Buffer {
  const bytes = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([varint(BigInt(field * 8 + 2)), varint(BigInt(bytes)), ...content]);
}

function varintField(field: number, value: bigint): Buffer {
  return Buffer.concat([varint(BigInt(field * 8)), varint(value)]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

/** A block of Snappy in which nothing is compressed. */
export function snappyLiterals(content: Buffer): Buffer {
  const parts = [varint(BigInt(content.length))];
  for (let at = 0; at < content.length; at += 65_536) {
    const literal = content.subarray(at, at + 65_536);
    const size = literal.length - 1;
    parts.push(Buffer.from([61 << 2, size & 0xff, size >> 8]), literal);
  }
  return Buffer.concat(parts);
}
