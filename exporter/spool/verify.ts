import * as path from 'node:path';
import type { Files } from './files.js';
import { contentIntact } from './frame.js';
import { decodeSegmentHeader, isSegmentName, NewerSegmentError, scanSegment } from './segment.js';
import { Snapshots } from './snapshots.js';

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

export interface VerifyReport {
  segments: SegmentReport[];
  snapshots: SnapshotReport[];
  /** Frames missing between segments, in words. */
  gaps: string[];
  intact: boolean;
}

/** Reads every frame and every snapshot of a data directory, contents included, and changes nothing. */
export async function verifySpool(dataDir: string, files: Files): Promise<VerifyReport> {
  const directory = path.join(dataDir, 'segments');
  const report: VerifyReport = { segments: [], snapshots: [], gaps: [], intact: true };
  const names = (await files.list(directory)).filter(isSegmentName).sort();
  let reached: number | null = null;
  for (const [index, name] of names.entries()) {
    const file = path.join(directory, name);
    const bytes = await files.read(file);
    const segment: SegmentReport = {
      file,
      bytes: bytes.length,
      frames: 0,
      firstSequence: null,
      lastSequence: null,
      findings: [],
      tornBytes: 0,
    };
    report.segments.push(segment);
    try {
      const header = decodeSegmentHeader(bytes, file);
      if (header === null) segment.findings.push('the header is damaged');
      else if (reached !== null && header.previousSequence > reached) {
        report.gaps.push(`frames ${reached + 1} to ${header.previousSequence} are missing before ${name}`);
      }
      reached = Math.max(reached ?? 0, header?.previousSequence ?? 0);
    } catch (error) {
      if (!(error instanceof NewerSegmentError)) throw error;
      segment.findings.push(error.message);
      continue;
    }
    const scan = scanSegment(bytes, (frame) => {
      if (!contentIntact(bytes, frame)) segment.findings.push(`frame ${frame.sequence}: its content is damaged`);
    });
    segment.frames = scan.frames;
    segment.firstSequence = scan.firstSequence;
    segment.lastSequence = scan.lastSequence;
    for (const range of scan.damaged) {
      const isTail = range.before === null && scan.tornTail && index === names.length - 1;
      if (isTail) segment.tornBytes = range.end - range.start;
      else segment.findings.push(`bytes ${range.start} to ${range.end} hold no intact frame`);
    }
    reached = Math.max(reached, scan.lastSequence ?? 0);
  }
  const { snapshots, problems } = await new Snapshots(path.join(dataDir, 'snapshots'), files).load();
  for (const { file, sequence } of snapshots) report.snapshots.push({ file, sequence, problem: null });
  for (const { file, reason } of problems) report.snapshots.push({ file, sequence: null, problem: reason });
  report.intact =
    report.gaps.length === 0 &&
    report.segments.every((segment) => segment.findings.length === 0) &&
    report.snapshots.every((snapshot) => snapshot.problem === null);
  return report;
}
