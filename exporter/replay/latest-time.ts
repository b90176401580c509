import type { Input } from './input.js';
import { linesOf } from './lines.js';
import { timeOf } from './outgoing-record.js';
import { LONGEST_LINE_BYTES } from './replay.js';

/**
 * Reads the whole input for the latest time that a record has, ms since the epoch; null when none has one.
 * @throws InputError
 */
export async function latestTime(input: Input): Promise<number | null> {
  let latest: number | null = null;
  for await (const lines of linesOf(input.chunks(), LONGEST_LINE_BYTES)) {
    for (const line of lines ?? []) {
      const time = timeOf(line);
      if (time !== null && (latest === null || time > latest)) latest = time;
    }
  }
  return latest;
}
