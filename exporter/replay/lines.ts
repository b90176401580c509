/** One line of the input. */
export interface Line {
  /** From 1, blank lines included. */
  number: number;
  /** Without its line end; null when it is longer than is kept. */
  bytes: Buffer | null;
}

const NEWLINE = 0x0a;

/**
 * The lines of a text, as many at a time as a chunk completes; blank lines are left out. A line of any length
 * comes in linear time; of one that is too long, nothing is kept. `null` is handed on where it comes in.
 */
export async function* linesOf(
  chunks: AsyncIterable<Buffer | null>,
  longestBytes: number,
): AsyncGenerator<Line[] | null> {
  let number = 0;
  let parts: Buffer[] = [];
  let partBytes = 0;
  let tooLong = false;

  const keep = (part: Buffer): void => {
    partBytes += part.length;
    if (partBytes > longestBytes) {
      tooLong = true;
      parts = [];
    } else if (part.length > 0) parts.push(part);
  };
  const finish = (lines: Line[]): void => {
    number += 1;
    const bytes = tooLong ? null : trimmed(parts.length === 1 ? parts[0]! : Buffer.concat(parts), number);
    if (bytes === null || bytes.length > 0) lines.push({ number, bytes });
    parts = [];
    partBytes = 0;
    tooLong = false;
  };

  for await (const chunk of chunks) {
    if (chunk === null) {
      yield null;
      continue;
    }
    const lines: Line[] = [];
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, at)) {
      keep(chunk.subarray(at, end));
      finish(lines);
      at = end + 1;
    }
    keep(chunk.subarray(at));
    if (lines.length > 0) yield lines;
  }
  if (partBytes > 0) {
    const lines: Line[] = [];
    finish(lines);
    if (lines.length > 0) yield lines;
  }
}

/** Without white space around it, a carriage return among it, and without the mark that may begin a file. */
function trimmed(line: Buffer, number: number): Buffer {
  let start = number === 1 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? 3 : 0;
  let end = line.length;
  while (start < end && isSpace(line[start]!)) start += 1;
  while (end > start && isSpace(line[end - 1]!)) end -= 1;
  return line.subarray(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d;
}
