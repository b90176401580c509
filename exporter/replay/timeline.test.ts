import { expect, test } from 'vitest';
import { paced, shifted } from './timeline.js';

test('shifted: every time by the same amount, and nothing waits', () => {
  expect(shifted(-1.4).moment(100)).toEqual({ due: null, time: 99 });
});

test('paced: the gaps of the file, divided by the speed', () => {
  const timeline = paced(10, false, () => 5000);
  expect([1000, 2000, 11_000].map((time) => timeline.moment(time).due)).toEqual([5000, 5100, 6000]);
});

test('paced and rebased: each record has the moment at which it is sent as its time', () => {
  const timeline = paced(4, true, () => 5000);
  expect([1000, 1001, 3000].map((time) => timeline.moment(time))).toEqual([
    { due: 5000, time: 5000 },
    { due: 5000.25, time: 5000 },
    { due: 5500, time: 5500 },
  ]);
});

test('paced: a record that is older than the first is due at once, and a little before it', () => {
  const timeline = paced(1, true, () => 5000);
  timeline.moment(1000);
  expect(timeline.moment(900)).toEqual({ due: 4900, time: 4900 });
});
