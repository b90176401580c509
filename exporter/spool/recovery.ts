import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Files } from './files.js';
import { FRAME_HEADER_BYTES, type Frame } from './frame.js';
import { SEGMENT_HEADER_BYTES, type SegmentScan, scanSegment } from './segment.js';
import type { SegmentFile } from './segments.js';
import { type SurveyedSegment, surveySegments } from './survey.js';

export interface RecoveryOptions {
  files: Files;
  /** The folder of the segments, and the one into which damaged bytes are copied. */
  directory: string;
  setAside: string;
  /** Frames up to this sequence are covered by a snapshot and are not visited. */
  after: number;
  /** The highest sequence that any snapshot ever covered, also one that cannot be used any more. */
  seen: number;
  /**
   * Called for each intact frame above `after` that may have counted, in the order of sequences. `doubt`:
   * it may be of a failed commit, and its record may stand in a later frame again, because what would
   * tell, the header of the next segment, is damaged.
   */
  visit: (frame: Frame, segment: Buffer, doubt: boolean) => void;
}

export interface Recovery {
  segments: SegmentFile[];
  /** How many frames were visited. */
  frames: number;
  /** The highest sequence of an intact frame, of a snapshot, or that a lost frame may have had. */
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

/**
 * Reads what the last process left: every intact frame behind the snapshot once, in order. An unfinished
 * last write is cut off; damaged ranges are copied aside and left in place. Nothing is changed before
 * every segment's format version is known.
 * @throws NewerSegmentError
 */
export async function recoverSegments(options: RecoveryOptions): Promise<Recovery> {
  const { files, directory, after, seen } = options;
  const { segments, unborn } = await surveySegments(directory, files);
  for (const file of unborn) await files.remove(file);

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
  const covered = Math.max(after, seen);
  if (segments.length === 0 && covered > 0) {
    recovery.lost.push(`all segments are missing, frames after ${after} with them`);
  }
  /** The last sequence known to be there, to be covered or to be lost. */
  let reached = after;
  /** Where the newest segment says it ends. */
  let newest = covered;
  for (const [index, segment] of segments.entries()) {
    const { name, header, firstSequence } = segment;
    const next = segments[index + 1] ?? null;
    const durable = next?.header?.previousSequence ?? null;
    recovery.nextSequence = Math.max(recovery.nextSequence, firstSequence + 1);
    if (durable !== null && durable <= after && next!.firstSequence - 1 <= after) {
      // Covered by the snapshot as a whole; kept because the older snapshot needs it.
      recovery.segments.push(segmentFile(segment, next!.firstSequence - 1, segment.bytes, next!.header!.created));
      continue;
    }
    const bytes = await files.read(segment.file);
    let lastArrival = 0;
    const scan = scanSegment(bytes, (frame) => {
      lastArrival = frame.arrival;
      recovery.lastArrival = Math.max(recovery.lastArrival, frame.arrival);
      // Behind what was durable when the next segment began stand frames of a failed commit: their
      // clients were told so, and what was counted since was counted without them.
      if (frame.sequence <= after || (durable !== null && frame.sequence > durable)) return;
      recovery.frames += 1;
      options.visit(frame, bytes, next !== null && durable === null);
    });
    // A damaged header cannot say what was durable before it; the frames up to its first one should be there.
    const previous = header?.previousSequence ?? (scan.firstSequence ?? 1) - 1;
    if (previous > reached) recovery.lost.push(`frames ${reached + 1} to ${previous} before ${name} are missing`);
    newest = Math.max(previous, Math.min(scan.lastSequence ?? 0, durable ?? Number.POSITIVE_INFINITY));
    reached = Math.max(reached, newest);
    recovery.nextSequence = Math.max(recovery.nextSequence, boundOf(scan, firstSequence - 1, bytes.length) + 1);

    const settled = await settleDamage(options, recovery, segment, bytes, scan, next);
    reached = Math.max(reached, settled.lostUpTo);
    recovery.segments.push(segmentFile(segment, scan.lastSequence, settled.size, lastArrival));
    // Frames that a killed process wrote may be in the page cache alone; from here on they are acknowledged.
    if (durable === null && scan.frames > 0) await syncFile(files, segment.file);
  }
  if (segments.length > 0 && newest < covered) {
    recovery.lost.push(`the newest segment ends at frame ${newest}, before frame ${covered} that a snapshot covers`);
  }
  recovery.lastSequence = Math.max(reached, seen);
  recovery.nextSequence = Math.max(recovery.nextSequence, recovery.lastSequence + 1);
  return recovery;
}

/** The highest sequence that a segment's bytes may hold: as many frames as its unreadable end has room for. */
function boundOf(scan: SegmentScan, before: number, bytes: number): number {
  return Math.max(scan.lastSequence ?? 0, before) + mostFrames(Math.max(0, bytes - scan.intactEnd));
}

function mostFrames(bytes: number): number {
  return Math.ceil(bytes / FRAME_HEADER_BYTES);
}

/**
 * Cuts a torn tail, copies damaged ranges aside, and says what was lost.
 * @returns the size of the segment from now on, and the highest sequence that may have been lost
 */
async function settleDamage(
  options: RecoveryOptions,
  recovery: Recovery,
  segment: SurveyedSegment,
  bytes: Buffer,
  scan: SegmentScan,
  next: SurveyedSegment | null,
): Promise<{ size: number; lostUpTo: number }> {
  const { files, after } = options;
  const { file, name, header } = segment;
  let lostUpTo = 0;
  if (header === null) await setAside(options, recovery, name, bytes, 0, SEGMENT_HEADER_BYTES);
  for (const { start, end, after: last, before } of scan.damaged) {
    if (before === null && scan.tornTail && next === null) {
      recovery.cutBytes += end - start;
      await truncateFile(files, file, start);
      return { size: start, lostUpTo };
    }
    const known = last ?? (header === null ? after : header.firstSequence - 1);
    // The next segment says up to where frames were durable: bytes behind that never counted.
    const durable = next?.header?.previousSequence ?? Number.POSITIVE_INFINITY;
    const lastLost = Math.min(before === null ? known + mostFrames(end - start) : before - 1, durable);
    if (lastLost <= known) continue;
    await setAside(options, recovery, name, bytes, start, end);
    if (lastLost <= after) continue;
    recovery.lost.push(`${name}, bytes ${start} to ${end}: damaged`);
    lostUpTo = lastLost;
  }
  return { size: bytes.length, lostUpTo };
}

async function setAside(
  options: RecoveryOptions,
  recovery: Recovery,
  name: string,
  bytes: Buffer,
  start: number,
  end: number,
): Promise<void> {
  const copy = path.join(options.setAside, `${name}-${start}-${end}`);
  // Damage covered by a snapshot is met again at each start, until its segment goes.
  if (await fs.stat(copy).catch(() => null)) return;
  await fs.writeFile(`${copy}.tmp`, bytes.subarray(start, end), { mode: 0o600 });
  await fs.rename(`${copy}.tmp`, copy);
  recovery.setAside.push({ file: copy, bytes: end - start });
}

async function truncateFile(files: Files, file: string, length: number): Promise<void> {
  const fd = await files.open(file, 'existing');
  try {
    await files.truncate(fd, length);
    await files.sync(fd);
  } finally {
    await files.close(fd);
  }
}

async function syncFile(files: Files, file: string): Promise<void> {
  const fd = await files.open(file, 'existing');
  try {
    await files.sync(fd);
  } finally {
    await files.close(fd);
  }
}

function segmentFile(
  { file, firstSequence, header }: SurveyedSegment,
  lastSequence: number | null,
  bytes: number,
  lastArrival: number,
): SegmentFile {
  const created = header?.created ?? 0;
  return { path: file, firstSequence, lastSequence: lastSequence ?? firstSequence - 1, bytes, created, lastArrival };
}
