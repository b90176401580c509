import { crc32 } from 'node:zlib';

/**
 * A frame, the unit of the spool. Format version 1, little endian:
 *
 * ```
 *  0  u32  magic            f5 4d 4f 46: f5 never occurs in UTF-8, so meta cannot contain it
 *  4  u32  crc              CRC-32 of bytes 8 to the end of meta
 *  8  u32  length           of the whole frame, header included
 * 12  u8   kind             1 = call, 2 = notification
 * 13  u8×3 reserved         0
 * 16  u32  meta length      bytes
 * 20  u32  content crc      CRC-32 of the content bytes, 0 when there are none
 * 24  u64  sequence         consecutive within a segment
 * 32  u64  arrival          ms since the epoch, never going back
 * 40  u64  id hash          keyed hash of workspace and record id
 * 48  …    meta             JSON, UTF-8
 *     …    content          opaque bytes
 * ```
 *
 * Meta and content have a checksum each, so that a reader of meta never touches content.
 */
export const FRAME_HEADER_BYTES = 48;

export const FRAME_MAGIC = Buffer.from([0xf5, 0x4d, 0x4f, 0x46]);
const MAGIC = 0x464f_4df5;

export const FRAME_KINDS = { call: 1, notification: 2 } as const;
export type FrameKind = (typeof FRAME_KINDS)[keyof typeof FRAME_KINDS];

/** Larger lengths are taken for damage: nothing larger is ever written. */
export const MAX_FRAME_BYTES = 512 * 1024 * 1024;

export interface FrameHeader {
  kind: FrameKind;
  sequence: number;
  /** ms since the epoch */
  arrival: number;
  hashLow: number;
  hashHigh: number;
}

const NO_CONTENT: Uint8Array = new Uint8Array(0);
const TWO_TO_32 = 0x1_0000_0000;

function writeU32(buffer: Buffer, value: number, at: number): void {
  buffer[at] = value;
  buffer[at + 1] = value >>> 8;
  buffer[at + 2] = value >>> 16;
  buffer[at + 3] = value >>> 24;
}

function writeU64(buffer: Buffer, value: number, at: number): void {
  writeU32(buffer, value >>> 0, at);
  writeU32(buffer, Math.floor(value / TWO_TO_32), at + 4);
}

/** Reads a whole number of up to 2^53 that was written as u64. */
export function readU64(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at) + buffer.readUInt32LE(at + 4) * TWO_TO_32;
}

/** Meta that writes itself, for a writer that need not make a string of it first. */
export interface MetaSource {
  /** No more bytes than this are written. */
  readonly bound: number;
  /** Writes the meta as UTF-8 at an offset. @returns the offset behind it */
  write(buffer: Buffer, at: number): number;
}

/** The most bytes that a frame of this meta and content can take. */
export function frameBound(meta: string | MetaSource, content: Uint8Array | null): number {
  return (
    FRAME_HEADER_BYTES +
    (typeof meta === 'string' ? meta.length * 3 : meta.bound) +
    (content === null ? 0 : content.length)
  );
}

/**
 * Writes a frame into `buffer` at `at`, which must have `frameBound` bytes of room.
 * @returns the offset behind the frame
 */
export function writeFrame(
  buffer: Buffer,
  at: number,
  header: FrameHeader,
  meta: string | MetaSource,
  content: Uint8Array | null,
): number {
  const bytes = content ?? NO_CONTENT;
  const metaStart = at + FRAME_HEADER_BYTES;
  const metaEnd =
    typeof meta === 'string' ? metaStart + buffer.write(meta, metaStart, 'utf8') : meta.write(buffer, metaStart);
  const end = metaEnd + bytes.length;
  writeU32(buffer, MAGIC, at);
  writeU32(buffer, end - at, at + 8);
  writeU32(buffer, header.kind, at + 12);
  writeU32(buffer, metaEnd - metaStart, at + 16);
  if (bytes.length > 0) {
    buffer.set(bytes, metaEnd);
    writeU32(buffer, crc32(bytes), at + 20);
  } else {
    writeU32(buffer, 0, at + 20);
  }
  writeU64(buffer, header.sequence, at + 24);
  writeU64(buffer, header.arrival, at + 32);
  writeU32(buffer, header.hashLow, at + 40);
  writeU32(buffer, header.hashHigh, at + 44);
  writeU32(buffer, crc32(buffer.subarray(at + 8, metaEnd)), at + 4);
  return end;
}

export interface Frame extends FrameHeader {
  /** Offset of the frame and of the byte behind it. */
  start: number;
  end: number;
  metaStart: number;
  metaEnd: number;
}

/**
 * Reads the frame at `at`.
 * @returns the frame; `incomplete` where the bytes end before the frame does; `damaged` where there is
 *   no intact header and meta
 */
export function readFrame(buffer: Buffer, at: number): Frame | 'incomplete' | 'damaged' {
  const left = buffer.length - at;
  if (left < FRAME_HEADER_BYTES) return startsLikeFrame(buffer, at) ? 'incomplete' : 'damaged';
  if (buffer.readUInt32LE(at) !== MAGIC) return 'damaged';
  const length = buffer.readUInt32LE(at + 8);
  const metaLength = buffer.readUInt32LE(at + 16);
  if (length < FRAME_HEADER_BYTES || length > MAX_FRAME_BYTES || metaLength > length - FRAME_HEADER_BYTES) {
    return 'damaged';
  }
  const metaStart = at + FRAME_HEADER_BYTES;
  const metaEnd = metaStart + metaLength;
  // Before the length is believed: one that damage has made larger must not pass for an unfinished write,
  // which would be cut off without a word.
  if (metaEnd <= buffer.length && crc32(buffer.subarray(at + 8, metaEnd)) !== buffer.readUInt32LE(at + 4)) {
    return 'damaged';
  }
  if (length > left) return 'incomplete';
  return {
    kind: buffer[at + 12] as FrameKind,
    sequence: readU64(buffer, at + 24),
    arrival: readU64(buffer, at + 32),
    hashLow: buffer.readUInt32LE(at + 40),
    hashHigh: buffer.readUInt32LE(at + 44),
    start: at,
    end: at + length,
    metaStart,
    metaEnd,
  };
}

/** Whether the content of an intact frame is intact too. */
export function contentIntact(buffer: Buffer, frame: Frame): boolean {
  const expected = buffer.readUInt32LE(frame.start + 20);
  if (frame.metaEnd === frame.end) return expected === 0;
  return crc32(buffer.subarray(frame.metaEnd, frame.end)) === expected;
}

function startsLikeFrame(buffer: Buffer, at: number): boolean {
  const known = Math.min(FRAME_MAGIC.length, buffer.length - at);
  return buffer.compare(FRAME_MAGIC, 0, known, at, at + known) === 0;
}
