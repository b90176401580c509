import { crc32 } from 'node:zlib';
import { FRAME_HEADER_BYTES, FRAME_MAGIC, type Frame, readFrame, readU64 } from './frame.js';

/** The newest format this program writes, and the newest it reads. */
export const SEGMENT_VERSION = 1;

/**
 * The head of a segment file:
 *
 * ```
 *  0  8×u8  magic              "MOSPOOL\n"
 *  8  u32   format version
 * 12  u32   crc                CRC-32 of bytes 16 to 48
 * 16  u64   first sequence     no frame in the file has a lower one
 * 24  u64   previous sequence  the last one that was durable when the file was opened
 * 32  u64   created            ms since the epoch
 * 40  u64   reserved           0
 * ```
 */
export const SEGMENT_HEADER_BYTES = 48;

const MAGIC = Buffer.from('MOSPOOL\n', 'latin1');

export interface SegmentHeader {
  version: number;
  firstSequence: number;
  /**
   * Tells what a damaged tail of the segment before this one has cost: nothing, when its last intact
   * frame has this sequence.
   */
  previousSequence: number;
  /** ms since the epoch */
  created: number;
}

/** A segment of a format that this program does not know: nothing may be touched. */
export class NewerSegmentError extends Error {
  constructor(file: string, version: number) {
    super(
      `${file} has format version ${version}; this program reads up to ${SEGMENT_VERSION}. ` +
        'It was written by a newer Model Observation: start that version again, or a later one.',
    );
    this.name = 'NewerSegmentError';
  }
}

/** File name of the segment whose first sequence this is; sorted by name is sorted by sequence. */
export function segmentName(firstSequence: number): string {
  return `${String(firstSequence).padStart(16, '0')}.seg`;
}

export function isSegmentName(name: string): boolean {
  return /^\d{16}\.seg$/.test(name);
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt32LE(header.version, 8);
  bytes.writeBigUInt64LE(BigInt(header.firstSequence), 16);
  bytes.writeBigUInt64LE(BigInt(header.previousSequence), 24);
  bytes.writeBigUInt64LE(BigInt(header.created), 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(16)), 12);
  return bytes;
}

/**
 * @returns null where there is no intact header
 * @throws NewerSegmentError when the version is above {@link SEGMENT_VERSION}
 */
export function decodeSegmentHeader(bytes: Buffer, file: string): SegmentHeader | null {
  if (bytes.length < 12 || bytes.compare(MAGIC, 0, 8, 0, 8) !== 0) return null;
  const version = bytes.readUInt32LE(8);
  if (version > SEGMENT_VERSION) throw new NewerSegmentError(file, version);
  if (version === 0 || bytes.length < SEGMENT_HEADER_BYTES) return null;
  if (crc32(bytes.subarray(16, SEGMENT_HEADER_BYTES)) !== bytes.readUInt32LE(12)) return null;
  return {
    version,
    firstSequence: readU64(bytes, 16),
    previousSequence: readU64(bytes, 24),
    created: readU64(bytes, 32),
  };
}

/** A run of bytes that holds no intact frame. */
export interface DamagedRange {
  start: number;
  end: number;
  /** The sequences that may have stood there: `(after, before)`, both exclusive; before is null at the end of the file. */
  after: number | null;
  before: number | null;
}

export interface SegmentScan {
  frames: number;
  /** null when the segment holds no intact frame. */
  firstSequence: number | null;
  lastSequence: number | null;
  /** Offset behind the last intact frame. */
  intactEnd: number;
  damaged: DamagedRange[];
  /** The bytes from `intactEnd` on look like a write that never finished. */
  tornTail: boolean;
}

/**
 * Walks every frame of a segment's bytes, passing over what is damaged.
 * @param visit called for each intact frame, in order
 * @throws NewerSegmentError
 */
export function scanSegment(bytes: Buffer, visit: (frame: Frame) => void): SegmentScan {
  const scan: SegmentScan = {
    frames: 0,
    firstSequence: null,
    lastSequence: null,
    intactEnd: SEGMENT_HEADER_BYTES,
    damaged: [],
    tornTail: false,
  };
  const header = decodeSegmentHeader(bytes, 'segment');
  let at = SEGMENT_HEADER_BYTES;
  while (at < bytes.length) {
    const frame = readFrame(bytes, at);
    if (typeof frame === 'object') {
      visit(frame);
      scan.frames += 1;
      scan.firstSequence ??= frame.sequence;
      scan.lastSequence = frame.sequence;
      at = frame.end;
      scan.intactEnd = at;
      continue;
    }
    const last = scan.lastSequence ?? (header === null ? null : header.firstSequence - 1);
    const next = findFrame(bytes, at, last);
    if (next === null) {
      scan.tornTail = frame === 'incomplete' || isZero(bytes, at);
      scan.damaged.push({ start: at, end: bytes.length, after: scan.lastSequence, before: null });
      break;
    }
    scan.damaged.push({ start: at, end: next.start, after: scan.lastSequence, before: next.sequence });
    at = next.start;
  }
  return scan;
}

/**
 * The next intact frame behind the damage that begins at `from`. Sequences are consecutive, so after `last`
 * only so many can be meant: content that quotes frames of another place is not taken for one, nor is time
 * spent on its checksums.
 */
function findFrame(bytes: Buffer, from: number, last: number | null): Frame | null {
  for (let at = bytes.indexOf(FRAME_MAGIC, from + 1); at !== -1; at = bytes.indexOf(FRAME_MAGIC, at + 1)) {
    if (at + FRAME_HEADER_BYTES > bytes.length) return null;
    if (last !== null) {
      const sequence = readU64(bytes, at + 24);
      const mostSkipped = Math.ceil((at - from) / FRAME_HEADER_BYTES);
      if (sequence <= last || sequence > last + mostSkipped + 1) continue;
    }
    const frame = readFrame(bytes, at);
    if (typeof frame === 'object') return frame;
  }
  return null;
}

/** Blocks that a file system had set aside for a write that never reached them read as zeros. */
function isZero(bytes: Buffer, from: number): boolean {
  for (let at = from; at < bytes.length; at += 1) if (bytes[at] !== 0) return false;
  return true;
}
