import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Lanes } from './lanes.js';

/** Tasks that end when they are told to. */
function tasks() {
  const ends: (() => void)[] = [];
  return { ends, task: () => new Promise<void>((resolve) => ends.push(resolve)) };
}

test('so many at a time', async () => {
  const { ends, task } = tasks();
  const lanes = new Lanes(2, 1000);
  await lanes.start(1, task);
  await lanes.start(1, task);
  let third = false;
  void lanes.start(1, task).then(() => {
    third = true;
  });
  await nextTurn();
  expect([ends.length, third]).toEqual([2, false]);
  ends[0]!();
  await nextTurn();
  expect([ends.length, third]).toEqual([3, true]);
});

test('so many bytes at a time, and one of more than that alone', async () => {
  const { ends, task } = tasks();
  const lanes = new Lanes(9, 10);
  await lanes.start(6, task);
  void lanes.start(50, task).then(() => lanes.start(1, task));
  await nextTurn();
  expect(ends).toHaveLength(1);
  ends[0]!();
  await nextTurn();
  expect(ends).toHaveLength(2);
  ends[1]!();
  await nextTurn();
  expect(ends).toHaveLength(3);
});

test('finish waits for all', async () => {
  const { ends, task } = tasks();
  const lanes = new Lanes(3, 10);
  await lanes.finish();
  await lanes.start(1, task);
  await lanes.start(1, task);
  let finished = false;
  const finish = lanes.finish().then(() => {
    finished = true;
  });
  ends[1]!();
  await nextTurn();
  expect(finished).toBe(false);
  ends[0]!();
  await finish;
});
