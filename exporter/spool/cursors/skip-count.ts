import type { Files } from '../files.js';
import type { SealedSegments } from '../segments.js';
import type { SkipCount } from './cursor-file.js';
import { FrameWalker } from './frame-walker.js';
import type { SequenceRanges } from './sequence-ranges.js';

export interface SkippedRange {
  /** The folder of segments. */
  segments: string;
  files: Files;
  sealed: SealedSegments;
  /** The sequences `(after, upTo]`, up to the end of a sealed segment, without those that were skipped before. */
  after: number;
  upTo: number;
  before: SequenceRanges;
  observer: { cursorFailed(error: Error): void };
}

/** Counts what was skipped by reading it, as a reader would have: without what is damaged. */
export async function countSkipped(range: SkippedRange): Promise<SkipCount> {
  const { segments, files, sealed, after, upTo, before } = range;
  const passed = sealed.list.filter(
    ({ firstSequence, lastSequence }) =>
      lastSequence <= upTo && before.outside(Math.max(after, firstSequence - 1), lastSequence) > 0,
  );
  const count: SkipCount = { segments: passed.length, records: 0, bytes: 0 };
  const walker = new FrameWalker({ directory: segments, files, front: after, skipped: before });
  try {
    for (let block = await walker.next(upTo); block !== null; block = await walker.next(upTo)) {
      for (const frame of block.frames) {
        count.records += 1;
        count.bytes += frame.end - frame.start;
      }
    }
  } catch (error) {
    // A disk that cannot be read: all of the rest is taken for records, so that no less is told than was skipped.
    count.records += before.outside(walker.front, upTo);
    range.observer.cursorFailed(error as Error);
  } finally {
    await walker.close();
  }
  return count;
}
