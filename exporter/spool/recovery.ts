import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Files } from './files.js';
import { FRAME_HEADER_BYTES, type Frame } from './frame.js';
import {
  type DamagedRange,
  decodeSegmentHeader,
  isSegmentName,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  type SegmentScan,
  scanSegment,
} from './segment.js';
import type { SegmentFile } from './segments.js';

export interface RecoveryOptions {
  files: Files;
  /** The folder of the segments, and the one into which damaged bytes are copied. */
  directory: string;
  setAside: string;
  /** Frames up to this sequence are covered by a snapshot and are not visited. */
  after: number;
  /** Called for each intact frame above `after`, in the order of sequences. */
  visit: (frame: Frame, segment: Buffer) => void;
}

export interface Recovery {
  segments: SegmentFile[];
  /** How many frames were visited. */
  frames: number;
  /** The highest sequence of an intact frame or of the snapshot. */
  lastSequence: number;
  /** Above every sequence that may ever have been given out. */
  nextSequence: number;
  /** The latest arrival seen, ms. */
  lastArrival: number;
  /** Bytes of an unfinished last write that were cut off. */
  cutBytes: number;
  /** Damaged ranges copied to `setAside` for the first time. */
  setAside: { file: string; bytes: number }[];
  /**
   * What is missing and not covered by the snapshot, in words; empty when all is there. Counters that
   * may have been shown with it cannot go on.
   */
  lost: string[];
}

interface OpenedSegment {
  file: string;
  name: string;
  bytes: Buffer;
  header: SegmentHeader | null;
}

/**
 * Reads what the last process left: every intact frame behind the snapshot once, in order. An unfinished
 * last write is cut off; damaged ranges are copied aside and left in place. Nothing is changed before
 * every segment's format version is known.
 * @throws NewerSegmentError
 */
export async function recoverSegments(options: RecoveryOptions): Promise<Recovery> {
  const { files, directory, after } = options;
  const names = (await files.list(directory)).filter(isSegmentName).sort();
  for (const name of names) await readHeader(path.join(directory, name));

  const recovery: Recovery = {
    segments: [],
    frames: 0,
    lastSequence: after,
    nextSequence: after + 1,
    lastArrival: 0,
    cutBytes: 0,
    setAside: [],
    lost: [],
  };
  if (names.length === 0 && after > 0) recovery.lost.push(`all segments are missing, frames after ${after} with them`);

  /** The last sequence known to be there, or to be covered. */
  let reached = after;
  /** Where the newest segment says it ends. */
  let newest = after;
  for (const [index, name] of names.entries()) {
    const file = path.join(directory, name);
    const next = names[index + 1];
    const nextHeader = next === undefined ? null : await readHeader(path.join(directory, next));
    if (nextHeader !== null && nextHeader.firstSequence - 1 <= after && nextHeader.previousSequence <= after) {
      // Covered by the snapshot as a whole; kept because the older snapshot needs it.
      const size = await files.size(file);
      recovery.segments.push(segmentFile(file, name, nextHeader.firstSequence - 1, size));
      continue;
    }
    const opened = await openSegment(file, name, files);
    if (opened.header !== null && opened.header.previousSequence > reached) {
      recovery.lost.push(`frames ${reached + 1} to ${opened.header.previousSequence} before ${name} are missing`);
    }
    const scan = scanSegment(opened.bytes, (frame) => {
      recovery.lastArrival = Math.max(recovery.lastArrival, frame.arrival);
      if (frame.sequence <= after) return;
      recovery.frames += 1;
      options.visit(frame, opened.bytes);
    });
    reached = Math.max(reached, scan.lastSequence ?? 0, opened.header?.previousSequence ?? 0);
    newest = Math.max(scan.lastSequence ?? 0, opened.header?.previousSequence ?? 0);
    const size = await settleDamage(options, recovery, opened, scan, next === undefined, nextHeader);
    if (size > 0) recovery.segments.push(segmentFile(file, name, scan.lastSequence, size));
    recovery.nextSequence = Math.max(
      recovery.nextSequence,
      reached + 1,
      (opened.header?.firstSequence ?? 0) + 1,
      // As many frames as the unreadable end could have held at most.
      reached + 1 + Math.ceil((opened.bytes.length - scan.intactEnd) / FRAME_HEADER_BYTES),
    );
  }
  if (newest < after) {
    recovery.lost.push(`the newest segment ends at frame ${newest}, before frame ${after} that the snapshot covers`);
  }
  recovery.lastSequence = reached;
  return recovery;
}

/**
 * Cuts a torn tail, copies damaged ranges aside, and says what was lost.
 * @returns the size of the segment from now on; 0 when it was removed
 */
async function settleDamage(
  options: RecoveryOptions,
  recovery: Recovery,
  opened: OpenedSegment,
  scan: SegmentScan,
  isLast: boolean,
  nextHeader: SegmentHeader | null,
): Promise<number> {
  const { files, after } = options;
  const { file, name, bytes, header } = opened;
  if (header === null && scan.frames === 0 && bytes.length <= SEGMENT_HEADER_BYTES) {
    // A process ended while it made the file: nothing was ever in it.
    await files.remove(file);
    return 0;
  }
  for (const range of scan.damaged) {
    const atEnd = range.before === null;
    const known = range.after ?? (header === null ? after : header.firstSequence - 1);
    if (atEnd && scan.tornTail && isLast) {
      recovery.cutBytes += range.end - range.start;
      await truncate(files, file, range.start);
      return range.start;
    }
    // The next segment says up to where frames were durable: bytes behind that never counted.
    const lastLost = atEnd ? (nextHeader?.previousSequence ?? Number.POSITIVE_INFINITY) : range.before! - 1;
    if (atEnd && lastLost <= known) continue;
    await setAside(options, recovery, opened, range);
    if (lastLost > after) {
      recovery.lost.push(`${name}, bytes ${range.start} to ${range.end}: damaged`);
    }
  }
  return bytes.length;
}

async function setAside(
  options: RecoveryOptions,
  recovery: Recovery,
  opened: OpenedSegment,
  range: DamagedRange,
): Promise<void> {
  const copy = path.join(options.setAside, `${opened.name}-${range.start}-${range.end}`);
  const bytes = opened.bytes.subarray(range.start, range.end);
  try {
    await fs.writeFile(copy, bytes, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    // Damage covered by a snapshot is met again at each start, until its segment goes.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    throw error;
  }
  recovery.setAside.push({ file: copy, bytes: bytes.length });
}

async function truncate(files: Files, file: string, length: number): Promise<void> {
  const fd = await files.open(file, 'existing');
  try {
    await files.truncate(fd, length);
    await files.sync(fd);
  } finally {
    await files.close(fd);
  }
}

async function openSegment(file: string, name: string, files: Files): Promise<OpenedSegment> {
  const bytes = await files.read(file);
  return { file, name, bytes, header: decodeSegmentHeader(bytes, file) };
}

async function readHeader(file: string): Promise<SegmentHeader | null> {
  const handle = await fs.open(file, 'r');
  try {
    const head = Buffer.alloc(SEGMENT_HEADER_BYTES);
    const { bytesRead } = await handle.read(head, 0, SEGMENT_HEADER_BYTES, 0);
    return decodeSegmentHeader(head.subarray(0, bytesRead), file);
  } finally {
    await handle.close();
  }
}

function segmentFile(file: string, name: string, lastSequence: number | null, bytes: number): SegmentFile {
  const firstSequence = Number.parseInt(name, 10);
  return { path: file, firstSequence, lastSequence: lastSequence ?? firstSequence - 1, bytes };
}
