import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from './lines.js';

async function* chunked(text: Buffer, sizes: number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (let i = 0; at < text.length; i += 1) {
    const size = sizes[i % sizes.length]!;
    yield text.subarray(at, at + size);
    at += size;
  }
}

async function read(text: string | Buffer, sizes = [7], longest = 1000): Promise<[number, string | null][]> {
  const lines: [number, string | null][] = [];
  for await (const part of linesOf(chunked(Buffer.from(text as string), sizes), longest)) {
    for (const { number, bytes } of part ?? []) lines.push([number, bytes?.toString() ?? null]);
  }
  return lines;
}

test('blank lines are left out and still counted', async () => {
  expect(await read('a\n\n \t\nb\n\n')).toEqual([
    [1, 'a'],
    [4, 'b'],
  ]);
});

test('crlf', async () => {
  expect(await read('{"a":1}\r\n\r\n{"b":2}\r\n')).toEqual([
    [1, '{"a":1}'],
    [3, '{"b":2}'],
  ]);
});

test('no line end behind the last line', async () => {
  expect(await read('a\nb')).toEqual([
    [1, 'a'],
    [2, 'b'],
  ]);
});

test('the mark that may begin a file is no part of its first line', async () => {
  expect(await read('\uFEFFa\n\uFEFFb\n')).toEqual([
    [1, 'a'],
    [2, '\uFEFFb'],
  ]);
});

test('nothing', async () => {
  expect(await read('')).toEqual([]);
  expect(await read('\n')).toEqual([]);
});

describe('a line that is too long', () => {
  test('is told, and costs no other line', async () => {
    expect(await read(`a\n${'x'.repeat(11)}\n${'y'.repeat(10)}\n`, [4], 10)).toEqual([
      [1, 'a'],
      [2, null],
      [3, 'y'.repeat(10)],
    ]);
  });

  test('at the end', async () => expect(await read('x'.repeat(30), [4], 10)).toEqual([[1, null]]));
});

test('a line of 30 MB in small chunks', async () => {
  const [line] = await read('z'.repeat(30e6), [1000], 40e6);
  expect(line?.[1]?.length).toBe(30e6);
});

test('pauses are handed on', async () => {
  async function* chunks() {
    yield Buffer.from('a\nb');
    yield null;
    yield Buffer.from('\n');
  }
  const seen: unknown[] = [];
  for await (const part of linesOf(chunks(), 10)) seen.push(part?.map(({ bytes }) => bytes?.toString()) ?? null);
  expect(seen).toEqual([['a'], null, ['b']]);
});

test('the same lines however the text is cut into chunks', async () => {
  const lines = fc.array(fc.stringMatching(/^[a-zä€ ]{0,12}\r?$/));
  await fc.assert(
    fc.asyncProperty(lines, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), async (texts, sizes) => {
      const expected = texts
        .map((text, index): [number, string] => [index + 1, text.replace(/^[ \r]+|[ \r]+$/g, '')])
        .filter(([, text]) => text !== '');
      expect(await read(texts.join('\n'), sizes)).toEqual(expected);
    }),
  );
});
