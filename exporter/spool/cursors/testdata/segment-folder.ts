import * as fs from 'node:fs';
import * as path from 'node:path';
import { segmentName } from '../../segment.js';
import { FaultyFiles } from '../../testdata/faulty-files.js';
import { encodeSegment, type FrameToWrite, frame } from '../../testdata/frames.js';
import { scratchFolder } from '../../testdata/toy-spool.js';
import { CursorWords } from '../cursor-words.js';
import { DurableSequence } from '../durable-sequence.js';
import { FrameReader } from '../frame-reader.js';
import type { SequenceRange } from '../sequence-ranges.js';

/** Segments made by hand: what any history of failed commits and damage may leave. */
export class SegmentFolder {
  readonly path = scratchFolder();
  readonly files = new FaultyFiles();
  readonly durable = new DurableSequence();
  words = CursorWords.beginAt(0);

  /** @returns the file, and where each frame ends */
  segment(first: number, previous: number, frames: readonly (number | FrameToWrite)[], tail: Buffer = Buffer.alloc(0)) {
    const { bytes, ends } = encodeSegment(
      first,
      previous,
      frames.map((each) => (typeof each === 'number' ? frame(each) : each)),
    );
    const file = this.file(first);
    fs.writeFileSync(file, Buffer.concat([bytes, tail]));
    return { file, ends };
  }

  file(first: number): string {
    return path.join(this.path, segmentName(first));
  }

  /** A reader of a small block, so that frames lie across blocks. */
  reader(
    position = 0,
    { skipped = [] as SequenceRange[], budgetAgeMs = Number.POSITIVE_INFINITY, blockBytes = 200 } = {},
  ) {
    this.words = CursorWords.beginAt(position);
    const port = {
      ...{ name: 'toy', directory: this.path, position, skipped, budgetAgeMs },
      ...{ durable: this.durable.buffer, words: this.words.buffer },
    };
    return new FrameReader(port, { files: this.files, now: () => 1_700_000_001_000, blockBytes });
  }
}
