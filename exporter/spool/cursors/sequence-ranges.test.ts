import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SequenceRanges } from './sequence-ranges.js';

const ranges = fc.array(fc.tuple(fc.nat(30), fc.nat(8)).map(([after, length]) => [after, after + length] as const));

test('says the same as a set of sequences', () => {
  fc.assert(
    fc.property(ranges, fc.nat(40), fc.nat(10), fc.nat(40), (list, after, length, pruned) => {
      const set = new Set<number>();
      for (const [from, upTo] of list) for (let at = from + 1; at <= upTo; at += 1) set.add(at);
      const found = new SequenceRanges(list);
      const check = (least: number): void => {
        for (let at = least; at <= 45; at += 1) {
          expect(found.has(at)).toBe(set.has(at));
          let behind = at;
          while (set.has(behind + 1)) behind += 1;
          expect(found.behind(at)).toBe(behind);
        }
      };
      check(0);
      let outside = 0;
      for (let at = after + 1; at <= after + length; at += 1) if (!set.has(at)) outside += 1;
      expect(found.outside(after, after + length)).toBe(outside);
      expect(found.outside(after, after - 1)).toBe(0);
      expect(new SequenceRanges(found.list).list).toEqual(found.list);
      found.prune(pruned);
      check(pruned + 1);
    }),
  );
});

test('ranges that touch are one, and stay in order', () => {
  const ranges = new SequenceRanges([
    [5, 7],
    [0, 2],
    [2, 3],
    [9, 9],
  ]);
  expect(ranges.list).toEqual([
    [0, 3],
    [5, 7],
  ]);
  ranges.add(3, 5);
  expect(ranges.list).toEqual([[0, 7]]);
  ranges.prune(7);
  expect(ranges.isEmpty).toBe(true);
});
