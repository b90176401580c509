import * as fc from 'fast-check';
import { FRAME_KINDS, type FrameHeader, frameBound, writeFrame } from '../frame.js';
import { encodeSegmentHeader, SEGMENT_VERSION } from '../segment.js';

export interface FrameToWrite {
  header: FrameHeader;
  meta: string;
  content: Uint8Array | null;
}

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const safe = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

/** Any frame: meta of any JSON, emoji and lone surrogates too, content of any bytes. */
export const anyFrame: fc.Arbitrary<FrameToWrite> = fc.record({
  header: fc.record({
    kind: fc.constantFrom(FRAME_KINDS.call, FRAME_KINDS.notification),
    sequence: safe,
    arrival: safe,
    hashLow: u32,
    hashHigh: u32,
  }),
  meta: fc
    .oneof(fc.json(), fc.string({ unit: 'binary' }), fc.constant('{"model":"😀 é 漢"}'))
    .map((text) => JSON.stringify(text)),
  content: fc.option(fc.uint8Array({ minLength: 1, maxLength: 300 }), { nil: null }),
});

export function encodeFrame({ header, meta, content }: FrameToWrite): Buffer {
  const buffer = Buffer.alloc(frameBound(meta, content));
  return buffer.subarray(0, writeFrame(buffer, 0, header, meta, content));
}

/** A frame of a given sequence, with everything else following from it. */
export function frame(sequence: number, content: Uint8Array | null = null, meta?: string): FrameToWrite {
  return {
    header: {
      kind: FRAME_KINDS.call,
      sequence,
      arrival: 1_700_000_000_000 + sequence,
      hashLow: (sequence * 2_654_435_761) >>> 0,
      hashHigh: sequence,
    },
    meta: meta ?? JSON.stringify({ id: `r${sequence}` }),
    content,
  };
}

/** A whole segment file. */
export function encodeSegment(
  firstSequence: number,
  previousSequence: number,
  frames: readonly FrameToWrite[],
): { bytes: Buffer; ends: number[] } {
  const head = encodeSegmentHeader({
    version: SEGMENT_VERSION,
    firstSequence,
    previousSequence,
    created: 1_700_000_000_000,
  });
  const encoded = frames.map(encodeFrame);
  let at = head.length;
  const ends = encoded.map((bytes) => {
    at += bytes.length;
    return at;
  });
  return { bytes: Buffer.concat([head, ...encoded]), ends };
}
