import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batch, BatchBuilder } from './batch.js';

const record = (size: number, line = 1) => ({ line, bytes: Buffer.alloc(size, 'x'), due: null });

test('the body is NDJSON without a line end behind the last record, the same object each time', () => {
  const batch = new Batch([record(2), record(1)]);
  expect(batch.bytes).toBe(4);
  expect(batch.body.toString()).toBe('xx\nx');
  expect(batch.body).toBe(batch.body);
});

test('full by count', () => {
  const builder = new BatchBuilder({ records: 2, bytes: 1000 });
  expect(builder.add(record(1))).toBeNull();
  expect(builder.add(record(1))).toBeNull();
  expect(builder.add(record(1))?.records).toHaveLength(2);
  expect(builder.take()?.records).toHaveLength(1);
  expect(builder.take()).toBeNull();
});

test('full by bytes: up to the limit to the byte, and a larger record alone', () => {
  const builder = new BatchBuilder({ records: 100, bytes: 9 });
  builder.add(record(4));
  expect(builder.add(record(4))).toBeNull();
  expect(builder.add(record(50))?.body).toHaveLength(9);
  expect(builder.add(record(1))?.body).toHaveLength(50);
});

test('a split loses nothing, keeps the order, and both parts are smaller', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(sizes, (all) => {
      const batch = new Batch(all.map((size, line) => record(size, line)));
      const [a, b] = batch.split();
      expect([...a.records, ...b.records]).toEqual(batch.records);
      expect(a.records.length).toBeGreaterThan(0);
      expect(b.records.length).toBeGreaterThan(0);
    }),
  );
});
