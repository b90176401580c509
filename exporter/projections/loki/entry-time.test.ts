import { expect, test } from 'vitest';
import type { Call } from '../../call/call.js';
import { entryTime } from './entry-time.js';

const ARRIVAL = 1_790_000_000_000;
const at = (time: number, durationUs: number | null = null) => entryTime({ time, durationUs } as Call, ARRIVAL);

test('an entry stands at the end of its call', () => {
  expect(at(ARRIVAL - 2000, 1_500_000)).toEqual({ timestampNs: BigInt(ARRIVAL - 500) * 1_000_000n, isArrival: false });
});

test.each([
  ['more than half an hour before its record arrived', ARRIVAL - 31 * 60_000, null],
  ['after its record arrived: its time was that of the end', ARRIVAL - 1000, 15 * 60_000_000],
  ["after its record arrived: the sender's clock is ahead", ARRIVAL + 1, null],
])('one that ended %s stands at the arrival', (_when, time, durationUs) => {
  expect(at(time, durationUs)).toEqual({ timestampNs: BigInt(ARRIVAL) * 1_000_000n, isArrival: true });
});
