import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdHash } from './id-hash.js';

const KEY = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7]);

function hashOf(text: string, key = KEY, seedLow = 1, seedHigh = 2): [number, number] {
  const hash = new IdHash(key);
  hash.hash(seedLow, seedHigh, text);
  return [hash.low, hash.high];
}

/** HalfSipHash-2-4 with 64 bits of output, by bytes, as the paper's authors define it. */
function official(key: Buffer, message: Buffer): [number, number] {
  const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
  const [k0, k1] = [key.readInt32LE(0), key.readInt32LE(4)];
  const v = [k0, k1 ^ 0xee, k0 ^ 0x6c796765, k1 ^ 0x74656462] as [number, number, number, number];
  const rounds = (count: number): void => {
    for (let i = 0; i < count; i += 1) {
      v[0] = (v[0] + v[1]) | 0;
      v[1] = rotate(v[1], 5) ^ v[0];
      v[0] = rotate(v[0], 16);
      v[2] = (v[2] + v[3]) | 0;
      v[3] = rotate(v[3], 8) ^ v[2];
      v[0] = (v[0] + v[3]) | 0;
      v[3] = rotate(v[3], 7) ^ v[0];
      v[2] = (v[2] + v[1]) | 0;
      v[1] = rotate(v[1], 13) ^ v[2];
      v[2] = rotate(v[2], 16);
    }
  };
  const whole = message.length & ~3;
  const last = Buffer.alloc(4);
  message.copy(last, 0, whole);
  last[3] = message.length & 0xff;
  for (let at = 0; at <= whole; at += 4) {
    const m = at === whole ? last.readInt32LE(0) : message.readInt32LE(at);
    v[3] ^= m;
    rounds(2);
    v[0] ^= m;
  }
  v[2] ^= 0xee;
  rounds(4);
  const low = (v[1] ^ v[3]) >>> 0;
  v[1] ^= 0xdd;
  rounds(4);
  return [low, (v[1] ^ v[3]) >>> 0];
}

test('the reference of this test gives the published vectors', () => {
  // https://github.com/veorq/SipHash, vectors_hsip64, for messages of 0 to 6 bytes.
  const vectors = [
    '218d1f59b9b83cc8',
    'be552412f8387315',
    '064f39ef7c50eb57',
    'ce0f1a45f7060679',
    'd5e78a175be52ea1',
    'cb9d7c3f2f3db580',
    'ce3e91358aa2bc25',
  ];
  for (const [length, vector] of vectors.entries()) {
    const out = Buffer.alloc(8);
    const [low, high] = official(KEY, Buffer.from([0, 1, 2, 3, 4, 5].slice(0, length)));
    out.writeUInt32LE(low, 0);
    out.writeUInt32LE(high, 4);
    expect(out.toString('hex')).toBe(vector);
  }
});

test('it is HalfSipHash-2-4: equal to the official one where both put the length into the same bits', () => {
  // Its last word holds the units of the text in the upper 16 bits, the official one the bytes in the upper 8:
  // the same for 2048 units, which with the seeds are 4104 bytes.
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.uint8Array({ minLength: 4104, maxLength: 4104 }),
      (key, bytes) => {
        const message = Buffer.from(bytes);
        const text = message.subarray(8).toString('utf16le');
        expect(hashOf(text, Buffer.from(key), message.readInt32LE(0), message.readInt32LE(4))).toEqual(
          official(Buffer.from(key), message),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('pinned: an id that is on a disk today hashes the same for ever', () => {
  const pinned = ['', 'a', 'ab', 'abc', 'chatcmpl-9f8e7d6c', '模型-😀', 'x'.repeat(128)].map((text) => hashOf(text));
  expect(pinned).toMatchInlineSnapshot(`
    [
      [
        2032876696,
        613635122,
      ],
      [
        728700138,
        1677296611,
      ],
      [
        3865608388,
        2504471872,
      ],
      [
        3927083528,
        2274834934,
      ],
      [
        4034951116,
        2902472511,
      ],
      [
        1370565017,
        1783040397,
      ],
      [
        1080928901,
        1012559575,
      ],
    ]
  `);
});

test('other key, other workspace, other text: another hash', () => {
  const base = hashOf('id');
  for (let byte = 0; byte < 8; byte += 1) {
    const key = Buffer.from(KEY);
    key[byte] = key[byte]! ^ 1;
    expect(hashOf('id', key)).not.toEqual(base);
  }
  expect(hashOf('id', KEY, 1, 3)).not.toEqual(base);
  expect(hashOf('id', KEY, 2, 2)).not.toEqual(base);
  // Ends that padding could confuse.
  const ends = ['id', 'id\0', 'id\0\0', 'id\0\0\0', '\0id', 'i', 'd'].map((text) => hashOf(text).join());
  expect(new Set(ends).size).toBe(ends.length);
});

test('a flipped bit of the id changes half of the hash', () => {
  const bits = (x: number): number => {
    let count = 0;
    for (let left = x; left !== 0; left &= left - 1) count += 1;
    return count;
  };
  let changed = 0;
  let flips = 0;
  for (let i = 0; i < 300; i += 1) {
    const text = `record-${i}`;
    const [low, high] = hashOf(text);
    for (let at = 0; at < text.length; at += 1) {
      for (let bit = 0; bit < 16; bit += 1) {
        const other = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
        const [otherLow, otherHigh] = hashOf(text.slice(0, at) + other + text.slice(at + 1));
        changed += bits(low ^ otherLow) + bits(high ^ otherHigh);
        flips += 1;
      }
    }
  }
  expect(changed / flips).toBeGreaterThan(31.8);
  expect(changed / flips).toBeLessThan(32.2);
});

test('a million ids that count up: none collide, and the low bits spread evenly', () => {
  const hash = new IdHash(KEY);
  const seen = new BigUint64Array(1_000_000);
  const buckets = new Uint32Array(1024);
  for (let i = 0; i < seen.length; i += 1) {
    hash.hash(0, 0, `req-${i}`);
    seen[i] = (BigInt(hash.high) << 32n) | BigInt(hash.low);
    buckets[hash.low & 1023]! += 1;
  }
  seen.sort();
  let collisions = 0;
  for (let i = 1; i < seen.length; i += 1) if (seen[i] === seen[i - 1]) collisions += 1;
  expect(collisions).toBe(0);
  const expected = seen.length / buckets.length;
  let chiSquare = 0;
  for (const count of buckets) chiSquare += (count - expected) ** 2 / expected;
  // 1023 degrees of freedom: mean 1023, standard deviation 45.
  expect(chiSquare).toBeLessThan(1023 + 5 * 45);
});

test('a key of another length is refused', () => {
  expect(() => new IdHash(Buffer.alloc(7))).toThrow('The id hash needs a key of 8 bytes, not 7');
});
