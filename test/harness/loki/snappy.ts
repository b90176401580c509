/** A body that is not what it says it is. */
export class CorruptInput extends Error {}

/**
 * The length that a block of Snappy will have when it is decoded: the varint it begins with.
 *
 * @throws CorruptInput
 */
export function snappyDecodedLength(block: Uint8Array): { length: number; at: number } {
  let length = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) {
      if (length > 0xffff_ffff) break;
      return { length, at: at + 1 };
    }
  }
  throw new CorruptInput('snappy: corrupt input');
}

/**
 * Decodes a block of Snappy (not the framed format), written after google/snappy's format_description.txt. It refuses
 * what is not exactly as long as it says.
 *
 * @throws CorruptInput with the message of Loki's decoder
 */
export function decodeSnappy(block: Uint8Array): Buffer {
  const { length, at: start } = snappyDecodedLength(block);
  const output = Buffer.allocUnsafe(length);
  let from = start;
  let to = 0;
  while (from < block.length) {
    const tag = block[from]!;
    from += 1;
    if ((tag & 3) === 0) {
      let size = (tag >> 2) + 1;
      if (size > 60) {
        const bytes = size - 60;
        size = littleEndian(block, from, bytes) + 1;
        from += bytes;
      }
      if (size > block.length - from || size > length - to) throw new CorruptInput('snappy: corrupt input');
      output.set(block.subarray(from, from + size), to);
      from += size;
      to += size;
      continue;
    }
    const { size, offset, bytes } = copyOf(tag, block, from);
    from += bytes;
    if (offset === 0 || offset > to || size > length - to) throw new CorruptInput('snappy: corrupt input');
    // Byte by byte: a copy may reach into what it writes itself.
    for (let i = 0; i < size; i += 1) output[to + i] = output[to - offset + i]!;
    to += size;
  }
  if (to !== length) throw new CorruptInput('snappy: corrupt input');
  return output;
}

/** A copy of 4 to 11 bytes with an offset of 11 bits, or of 1 to 64 bytes with one of 16 or 32 bits. */
function copyOf(tag: number, block: Uint8Array, from: number): { size: number; offset: number; bytes: number } {
  if ((tag & 3) === 1) {
    return { size: ((tag >> 2) & 7) + 4, offset: ((tag & 0xe0) << 3) | littleEndian(block, from, 1), bytes: 1 };
  }
  const bytes = (tag & 3) === 2 ? 2 : 4;
  return { size: (tag >> 2) + 1, offset: littleEndian(block, from, bytes), bytes };
}

function littleEndian(block: Uint8Array, from: number, bytes: number): number {
  if (from + bytes > block.length) throw new CorruptInput('snappy: corrupt input');
  let value = 0;
  for (let i = 0; i < bytes; i += 1) value += block[from + i]! * 2 ** (8 * i);
  return value;
}
