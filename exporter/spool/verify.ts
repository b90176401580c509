import * as path from 'node:path';
import { CursorFiles, type CursorState, isCursorName } from './cursors/cursor-file.js';
import { type SequenceRange, SequenceRanges } from './cursors/sequence-ranges.js';
import type { Files } from './files.js';
import { contentIntact } from './frame.js';
import {
  decodeSegmentHeader,
  isSegmentName,
  NewerSegmentError,
  SEGMENT_HEADER_BYTES,
  type SegmentHeader,
  type SegmentScan,
  scanSegment,
} from './segment.js';
import { Snapshots } from './snapshots.js';
import { packedIds } from './window-files.js';

export interface SegmentReport {
  file: string;
  bytes: number;
  frames: number;
  firstSequence: number | null;
  lastSequence: number | null;
  /** What is not intact, in words; empty when all is. */
  findings: string[];
  /** An unfinished last write: nothing that was ever acknowledged. */
  tornBytes: number;
}

export interface SnapshotReport {
  file: string;
  /** null when it cannot be used, and `problem` says why. */
  sequence: number | null;
  problem: string | null;
}

/** A file of ids that the duplicate window remembers beside the snapshots. */
export interface WindowReport {
  file: string;
  ids: number;
  /** null when it is intact. */
  problem: string | null;
}

/** Where a best-effort reader of the log stands. */
export interface CursorReport {
  name: string;
  file: string;
  /** Up to this sequence it is done with every frame; null when the file cannot be used. */
  position: number | null;
  /** Frames that it has still to read. */
  behind: number;
  /** Records that it ever skipped, its budget or the disk being used up. */
  skippedRecords: number;
  /** null when it is intact, and all that it has to read is there. */
  problem: string | null;
}

export interface VerifyReport {
  segments: SegmentReport[];
  snapshots: SnapshotReport[];
  window: WindowReport[];
  cursors: CursorReport[];
  /** Copies of damage that an exporter has met; not damage of today. */
  setAside: { file: string; bytes: number }[];
  /** Frames missing between segments, in words. */
  gaps: string[];
  intact: boolean;
}

/** Reads every frame, snapshot, file of ids and cursor of a data directory, contents included, and changes nothing. */
export async function verifySpool(dataDir: string, files: Files): Promise<VerifyReport> {
  const directory = path.join(dataDir, 'segments');
  const report: VerifyReport = {
    ...{ segments: [], snapshots: [], window: [], cursors: [], setAside: [], gaps: [] },
    intact: true,
  };
  const names = (await files.list(directory)).filter(isSegmentName).sort();
  const segments: ReadSegment[] = [];
  for (const name of names) {
    const segment = await readSegment(path.join(directory, name), files);
    if (segment !== null) segments.push(segment);
  }
  const { snapshots, problems } = await new Snapshots(path.join(dataDir, 'snapshots'), files).load();
  // Of what every snapshot covers, segments stay for the cursors alone; those that they skipped are gone.
  const covered = snapshots.length === 0 ? 0 : Math.min(...snapshots.map((snapshot) => snapshot.sequence));
  const gaps: SequenceRange[] = [];
  let reached: number | null = null;
  for (const [index, segment] of segments.entries()) {
    const { header, scan } = segment;
    if (header !== null && header.previousSequence > (reached ?? 0)) {
      gaps.push([reached ?? 0, header.previousSequence]);
      const name = path.basename(segment.report.file);
      if (reached !== null && header.previousSequence > covered) {
        report.gaps.push(`frames ${reached + 1} to ${header.previousSequence} are missing before ${name}`);
      }
    }
    const next = segments.slice(index + 1).find((later) => !isUnborn(later)) ?? null;
    if (scan !== null) settleDamage(segment, scan, next);
    reached = Math.max(reached ?? 0, header?.previousSequence ?? 0, scan?.lastSequence ?? 0);
    report.segments.push(segment.report);
  }
  for (const { file, sequence } of snapshots) report.snapshots.push({ file, sequence, problem: null });
  for (const { file, reason } of problems) report.snapshots.push({ file, sequence: null, problem: reason });
  report.window = await readWindow(path.join(dataDir, 'window'), files);
  report.cursors = await readCursors(path.join(dataDir, 'cursors'), files, gaps, reached ?? 0);
  for (const name of await listed(path.join(dataDir, 'set-aside'), files)) {
    const file = path.join(dataDir, 'set-aside', name);
    report.setAside.push({ file, bytes: await files.size(file) });
  }
  report.intact =
    report.gaps.length === 0 &&
    report.segments.every((segment) => segment.findings.length === 0) &&
    report.snapshots.every((snapshot) => snapshot.problem === null) &&
    report.window.every((generation) => generation.problem === null) &&
    report.cursors.every((cursor) => cursor.problem === null);
  return report;
}

async function readWindow(directory: string, files: Files): Promise<WindowReport[]> {
  const reports: WindowReport[] = [];
  for (const name of (await listed(directory, files)).filter((file) => file.endsWith('.ids')).sort()) {
    const file = path.join(directory, name);
    try {
      const ids = packedIds(await files.read(file));
      const problem = ids === null ? 'the checksum does not match' : null;
      reports.push({ file, ids: (ids?.length ?? 0) / 8, problem });
    } catch (error) {
      // An exporter lets go of old ones while this runs.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return reports;
}

/** @param gaps sequences that no segment holds @param lastSequence the highest that one holds */
async function readCursors(
  directory: string,
  files: Files,
  gaps: readonly SequenceRange[],
  lastSequence: number,
): Promise<CursorReport[]> {
  const reports: CursorReport[] = [];
  const cursors = new CursorFiles(directory, files);
  for (const name of (await listed(directory, files)).filter(isCursorName).sort()) {
    const state = await cursors.load(name);
    if (state === null) continue;
    const report = { name, file: cursors.file(name), position: null, behind: 0, skippedRecords: 0, problem: null };
    reports.push(
      typeof state === 'string' ? { ...report, problem: state } : { ...report, ...standing(state, gaps, lastSequence) },
    );
  }
  return reports;
}

function standing(
  { position, ranges, skipped }: CursorState,
  gaps: readonly SequenceRange[],
  lastSequence: number,
): Pick<CursorReport, 'position' | 'behind' | 'skippedRecords' | 'problem'> {
  const passed = new SequenceRanges([[0, position], ...ranges]);
  const missing = gaps.reduce((sum, [after, upTo]) => sum + passed.outside(after, upTo), 0);
  return {
    position,
    behind: passed.outside(0, lastSequence),
    skippedRecords: Object.values(skipped).reduce((sum, { records }) => sum + records, 0),
    problem: missing > 0 ? `${missing} frames that it has still to read are missing` : null,
  };
}

/** The names in a folder; none where there is no such folder. */
async function listed(directory: string, files: Files): Promise<string[]> {
  return files.list(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

interface ReadSegment {
  report: SegmentReport;
  /** null when it is damaged, or of a newer version. */
  header: SegmentHeader | null;
  /** null when the version is newer. */
  scan: SegmentScan | null;
}

/** @returns null when an exporter has let the segment go since it was listed */
async function readSegment(file: string, files: Files): Promise<ReadSegment | null> {
  let bytes: Buffer;
  try {
    bytes = await files.read(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const report: SegmentReport = {
    file,
    bytes: bytes.length,
    frames: 0,
    firstSequence: null,
    lastSequence: null,
    findings: [],
    tornBytes: 0,
  };
  let header: SegmentHeader | null;
  try {
    header = decodeSegmentHeader(bytes, file);
  } catch (error) {
    if (!(error instanceof NewerSegmentError)) throw error;
    report.findings.push(error.message);
    return { report, header: null, scan: null };
  }
  const scan = scanSegment(bytes, (frame) => {
    if (!contentIntact(bytes, frame)) report.findings.push(`frame ${frame.sequence}: its content is damaged`);
  });
  report.frames = scan.frames;
  report.firstSequence = scan.firstSequence;
  report.lastSequence = scan.lastSequence;
  return { report, header, scan };
}

/** Tells what is damaged from what never counted, as recovery does. */
function settleDamage(segment: ReadSegment, scan: SegmentScan, next: ReadSegment | null): void {
  const { report, header } = segment;
  if (isUnborn(segment)) report.tornBytes = report.bytes;
  else if (header === null) report.findings.push('the header is damaged');
  for (const range of scan.damaged) {
    const known = range.after ?? (header?.firstSequence ?? 1) - 1;
    const neverCounted =
      next === null
        ? range.before === null && scan.tornTail
        : next.header !== null && next.header.previousSequence <= known;
    if (neverCounted) report.tornBytes += range.end - range.start;
    else report.findings.push(`bytes ${range.start} to ${range.end} hold no intact frame`);
  }
}

/** A file whose making never came to an end. */
function isUnborn({ report, header, scan }: ReadSegment): boolean {
  return header === null && scan !== null && report.bytes <= SEGMENT_HEADER_BYTES;
}
