/**
 * Reads Snappy's block format, written from its description and not from our compressor.
 * @throws Error for what is not such a block
 */
export function decompressSnappy(source: Uint8Array): Buffer {
  let at = 0;
  const take = (): number => {
    if (at >= source.length) throw new Error('snappy: it ends too early');
    return source[at++]!;
  };
  const little = (bytes: number): number => {
    let value = 0;
    for (let i = 0; i < bytes; i += 1) value += take() * 2 ** (8 * i);
    return value;
  };
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = take();
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    if (shift >= 28) throw new Error('snappy: the length is too long');
  }
  // No block expands more than 21 times (a copy of 64 bytes takes three); a lie must not cost memory.
  if (length > source.length * 64) throw new Error('snappy: the length cannot be');
  const target = Buffer.alloc(length);
  let done = 0;
  while (at < source.length) {
    const tag = take();
    const upper = tag >>> 2;
    if ((tag & 3) === 0) {
      const size = (upper < 60 ? upper : little(upper - 59)) + 1;
      if (at + size > source.length || done + size > length) throw new Error('snappy: a literal is too long');
      target.set(source.subarray(at, at + size), done);
      at += size;
      done += size;
      continue;
    }
    const kind = tag & 3;
    const size = kind === 1 ? (upper & 7) + 4 : upper + 1;
    const offset = kind === 1 ? ((tag >>> 5) << 8) | take() : little(kind === 2 ? 2 : 4);
    if (offset === 0 || offset > done || done + size > length) throw new Error('snappy: a copy from nowhere');
    for (let i = 0; i < size; i += 1) target[done + i] = target[done + i - offset]!;
    done += size;
  }
  if (done !== length) throw new Error('snappy: it is shorter than it says');
  return target;
}
