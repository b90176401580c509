import type { FrameReader, SpoolFrame } from '../frame-reader.js';

/** Reads until there is no more, and says that all of it is done with. */
export async function readAll(reader: FrameReader): Promise<SpoolFrame[]> {
  const frames: SpoolFrame[] = [];
  for (let batch = await reader.read(); batch !== null; batch = await reader.read()) {
    frames.push(...batch.frames);
    reader.advance(batch.upTo);
  }
  return frames;
}

export function sequencesOf(frames: readonly SpoolFrame[]): number[] {
  return frames.map(({ sequence }) => sequence);
}

/** The ids in the frames of a toy spool. */
export function idsOf(frames: readonly SpoolFrame[]): string[] {
  return frames.map(({ meta }) => (JSON.parse(meta) as { id: string }).id);
}
