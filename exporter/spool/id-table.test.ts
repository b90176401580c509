import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdTable, packSlots } from './id-table.js';

// Few values, many of them with equal low halves: chains of probes, and the hash that reads as an empty slot.
const half = fc.oneof(fc.constantFrom(0, 1, 2, 0xffff_ffff), fc.integer({ min: 0, max: 0xffff_ffff }));

test('holds what was added and nothing else, and grows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(half, half), { maxLength: 200 }), fc.nat(20), (ids, capacity) => {
      const table = new IdTable(capacity);
      const model = new Set<string>();
      // (0, 0) is kept as (0, 1).
      const key = (low: number, high: number): string => `${low} ${(low | high) === 0 ? 1 : high}`;
      for (const [low, high] of ids) {
        expect(table.has(low, high)).toBe(model.has(key(low, high)));
        if (!model.has(key(low, high))) {
          table.add(low, high);
          model.add(key(low, high));
        }
        expect(table.has(low, high)).toBe(true);
      }
      expect(table.size).toBe(model.size);
      const packed = packSlots(table.slots, table.size);
      const unpacked = new Set<string>();
      for (let at = 0; at < packed.length; at += 8) {
        unpacked.add(`${packed.readUInt32LE(at)} ${packed.readUInt32LE(at + 4)}`);
      }
      expect(unpacked).toEqual(model);
    }),
  );
});

test('the capacity that was asked for fits without growing', () => {
  for (const capacity of [1, 15, 16, 17, 1000]) {
    const table = new IdTable(capacity);
    const { length } = table.slots;
    for (let i = 0; i < capacity; i += 1) table.add(i, 7);
    expect(table.slots).toHaveLength(length);
  }
});
