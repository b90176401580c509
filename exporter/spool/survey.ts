import * as path from 'node:path';
import type { Files } from './files.js';
import { decodeSegmentHeader, isSegmentName, SEGMENT_HEADER_BYTES, type SegmentHeader } from './segment.js';

/** A segment file as it was found, its frames not read yet. */
export interface SurveyedSegment {
  file: string;
  name: string;
  bytes: number;
  /** By its name, which a damaged header cannot change. */
  firstSequence: number;
  /** null when it is damaged. */
  header: SegmentHeader | null;
}

export interface Survey {
  /** In the order of sequences. */
  segments: SurveyedSegment[];
  /** Files whose making never came to an end: nothing was ever in them. */
  unborn: string[];
}

/**
 * Reads the head of every segment in a folder, and changes nothing.
 * @throws NewerSegmentError
 */
export async function surveySegments(directory: string, files: Files): Promise<Survey> {
  const survey: Survey = { segments: [], unborn: [] };
  for (const name of (await files.list(directory)).filter(isSegmentName).sort()) {
    const file = path.join(directory, name);
    const header = decodeSegmentHeader(await files.readHead(file, SEGMENT_HEADER_BYTES), file);
    const bytes = await files.size(file);
    if (header === null && bytes <= SEGMENT_HEADER_BYTES) survey.unborn.push(file);
    else survey.segments.push({ file, name, bytes, firstSequence: Number.parseInt(name, 10), header });
  }
  return survey;
}
