import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Random } from './random.js';

function draws(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

test('the same seed gives the same numbers for ever', () => {
  // Written down: a change of the generator would change every demo.
  expect(draws(new Random('1'), 3).map((number) => number.toFixed(9))).toMatchInlineSnapshot(`
    [
      "0.461165761",
      "0.203675748",
      "0.191583176",
    ]
  `);
  expect(draws(new Random('seed'), 50)).toEqual(draws(new Random('seed'), 50));
  expect(draws(new Random('seed'), 5)).not.toEqual(draws(new Random('seed '), 5));
});

test('a fork is not moved by what others draw', () => {
  const one = new Random('1');
  const other = new Random('1');
  draws(other, 17);
  expect(draws(one.fork('part'), 10)).toEqual(draws(other.fork('part'), 10));
  expect(draws(one.fork('part'), 10)).not.toEqual(draws(one.fork('other part'), 10));
});

test('numbers are spread as they should be', () => {
  const random = new Random('spread');
  const many = Array.from({ length: 20_000 });
  const averageOf = (draw: () => number): number => many.reduce<number>((sum) => sum + draw(), 0) / many.length;
  expect(averageOf(() => random.next())).toBeCloseTo(0.5, 1);
  expect(averageOf(() => random.normal())).toBeCloseTo(0, 1);
  expect(averageOf(() => random.normal() ** 2)).toBeCloseTo(1, 1);
  for (const mean of [0, 0.02, 0.9, 12, 80]) {
    expect(Math.abs(averageOf(() => random.poisson(mean)) - mean)).toBeLessThanOrEqual(0.02 + mean / 50);
  }
  const lengths = many.map(() => random.logNormal(200, 0.5)).toSorted((a, b) => a - b);
  expect(Math.abs(lengths[lengths.length / 2]! - 200)).toBeLessThan(10);
});

test('whole numbers and picks stay within their bounds, and reach them', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: -50, max: 50 }), fc.nat(20), (seed, least, span) => {
      const random = new Random(seed);
      const drawn = new Set(Array.from({ length: 1000 }, () => random.whole(least, least + span)));
      expect(Math.min(...drawn)).toBe(least);
      expect(Math.max(...drawn)).toBe(least + span);
      expect(drawn.size).toBe(span + 1);
    }),
    { numRuns: 50 },
  );
});

test('shuffling loses and doubles nothing', () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.integer()), (seed, items) => {
      const shuffled = new Random(seed).shuffled(items);
      expect(shuffled.toSorted()).toEqual(items.toSorted());
    }),
  );
});

test('hexadecimal texts have the length that was asked for', () => {
  const random = new Random('hex');
  for (const digits of [1, 4, 12, 24, 32]) expect(random.hex(digits)).toMatch(new RegExp(`^[0-9a-f]{${digits}}$`));
});
