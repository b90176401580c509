/**
 * HalfSipHash-2-4 with 64 bits of output (Aumasson and Bernstein, https://github.com/veorq/SipHash):
 * keyed, so that nobody outside can choose two ids that collide, and made of 32-bit steps, which
 * JavaScript has. Strings are absorbed as UTF-16 units, two a word.
 */
export class IdHash {
  /** The last result. Fields rather than a returned object: this runs once a record. */
  low = 0;
  high = 0;

  readonly #k0: number;
  readonly #k1: number;

  /** @param key 8 bytes */
  constructor(key: Buffer) {
    if (key.length !== 8) throw new RangeError(`The id hash needs a key of 8 bytes, not ${key.length}`);
    this.#k0 = key.readInt32LE(0);
    this.#k1 = key.readInt32LE(4);
  }

  /** Hashes a record id within a workspace, itself given by its own hash, into `low` and `high`. */
  hash(seedLow: number, seedHigh: number, text: string): void {
    let v0 = this.#k0;
    let v1 = this.#k1;
    let v2 = this.#k0 ^ 0x6c796765;
    let v3 = this.#k1 ^ 0x74656462;
    v1 ^= 0xee;
    const length = text.length;
    // Words: both seeds, the text two units a word, and a last one that carries the length.
    const words = 2 + (length >> 1) + 1;
    let low = 0;
    // Each word is absorbed by two rounds; twice four more, on nothing, give one half of the result each.
    for (let i = 0; i < words + 4; i += 1) {
      let m = 0;
      if (i === 0) m = seedLow;
      else if (i === 1) m = seedHigh;
      else if (i < words) {
        const at = (i - 2) << 1;
        if (i === words - 1) m = (length << 16) | (at < length ? text.charCodeAt(at) : 0);
        else m = text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16);
      } else if (i === words) {
        v2 ^= 0xee;
      } else if (i === words + 2) {
        low = (v1 ^ v3) >>> 0;
        v1 ^= 0xdd;
      }
      v3 ^= m;
      for (let round = 0; round < 2; round += 1) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= m;
    }
    this.low = low;
    this.high = (v1 ^ v3) >>> 0;
  }
}
