/**
 * A text in pieces of so many bytes of UTF-8 at most, none of which ends within a character: joined they are the text.
 * Lone surrogates, which no UTF-8 has, are replaced first.
 */
export function* cutText(text: string, bytes: number): Generator<string> {
  const encoded = Buffer.from(text.toWellFormed());
  let from = 0;
  while (from < encoded.length) {
    let to = Math.min(from + bytes, encoded.length);
    // 10xxxxxx goes on with the character before it.
    while (to < encoded.length && ((encoded[to] as number) & 0xc0) === 0x80) to -= 1;
    yield encoded.toString('utf8', from, to);
    from = to;
  }
}
