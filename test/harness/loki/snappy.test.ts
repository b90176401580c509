import { describe, expect, it } from 'vitest';
import { snappyLiterals } from './push-encoding.js';
import { CorruptInput, decodeSnappy, snappyDecodedLength } from './snappy.js';
import { SNAPPY_BLOCKS } from './testdata/snappy-blocks.js';

describe('a block of Snappy', () => {
  it.each(SNAPPY_BLOCKS)('of another encoder is decoded: $name', ({ block, content }) => {
    expect(decodeSnappy(Buffer.from(block, 'base64')).equals(content())).toBe(true);
  });

  it('without any compression is decoded', () => {
    const content = Buffer.from(`${'x'.repeat(70_000)}你好`);
    expect(decodeSnappy(snappyLiterals(content)).equals(content)).toBe(true);
    expect(decodeSnappy(Buffer.from([0]))).toHaveLength(0);
  });

  it.each<[what: string, bytes: number[], content: string]>([
    ['a copy that reaches into itself', [11, 0 << 2, 0x61, (3 << 2) | 1, 1, (2 << 2) | 2, 1, 0], 'aaaaaaaaaaa'],
    ['an offset of 32 bits', [6, 2 << 2, 0x61, 0x62, 0x63, (2 << 2) | 3, 3, 0, 0, 0], 'abcabc'],
    ['a literal with its length in one byte', [3, 60 << 2, 2, 0x61, 0x62, 0x63], 'abc'],
  ])('with %s', (_what, bytes, content) => {
    expect(decodeSnappy(Buffer.from(bytes)).toString()).toBe(content);
  });

  it.each<[what: string, bytes: number[]]>([
    ['nothing', []],
    ['a length that does not end', [0x80]],
    ['a length of more than 32 bits', [0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['less than it says', [5, 0 << 2, 0x61]],
    ['more than it says', [1, 1 << 2, 0x61, 0x62]],
    ['a literal that is cut off', [9, 7 << 2, 0x61]],
    ['a copy from before its beginning', [5, 0 << 2, 0x61, (0 << 2) | 1, 2]],
    ['a copy from nowhere', [5, 0 << 2, 0x61, (0 << 2) | 1, 0]],
    ['a copy beyond its end', [3, 0 << 2, 0x61, (0 << 2) | 1, 1]],
    ['an offset that is cut off', [5, 0 << 2, 0x61, (3 << 2) | 2, 1]],
  ])('with %s is refused', (_what, bytes) => {
    expect(() => decodeSnappy(Buffer.from(bytes))).toThrow(new CorruptInput('snappy: corrupt input'));
  });

  it('tells its length before it is decoded', () => {
    expect(snappyDecodedLength(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f])).length).toBe(0xffff_ffff);
  });
});
