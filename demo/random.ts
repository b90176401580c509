import { createHash } from 'node:crypto';

/**
 * Random numbers from a seed: the same seed gives the same numbers, on every machine.
 *
 * The generator is sfc32 of Chris Doty-Humphrey's PractRand (http://pracrand.sourceforge.net/, public domain); its
 * 128 bits of state are the first ones of the seed's SHA-256, so that seeds that are alike give numbers that are not.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(private readonly seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.#a = digest.readInt32LE(0);
    this.#b = digest.readInt32LE(4);
    this.#c = digest.readInt32LE(8);
    for (let i = 0; i < 12; i += 1) this.next();
  }

  /** Numbers of their own for one part, which stay the same whatever the other parts draw. */
  fork(name: string): Random {
    return new Random(`${this.seed}/${name}`);
  }

  /** From 0, inclusive, to 1, exclusive. */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** A whole number; both ends included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** @param list not empty */
  pick<Item>(list: readonly Item[]): Item {
    return list[Math.floor(this.next() * list.length)]!;
  }

  /** The same items in another order (Fisher and Yates). */
  shuffled<Item>(list: readonly Item[]): Item[] {
    const items = [...list];
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = this.whole(0, last);
      [items[last], items[other]] = [items[other]!, items[last]!];
    }
    return items;
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** Most near the median, a few far above: how durations and lengths of texts are spread. */
  logNormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.normal());
  }

  /** How many of many independent events happen (Knuth; for large means the normal distribution). */
  poisson(mean: number): number {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.next(); product > limit; product *= this.next()) count += 1;
    return count;
  }

  /** @param digits how many hexadecimal digits */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) text += this.whole(0, 0xffff).toString(16).padStart(4, '0');
    return text.slice(0, digits);
  }
}
