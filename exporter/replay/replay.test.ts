import { PassThrough, Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Batch } from './batch.js';
import type { Delivery } from './delivery.js';
import { Input } from './input.js';
import { Lanes } from './lanes.js';
import { type ReplayOptions, replayRecords } from './replay.js';
import { Stop } from './stop.js';
import { Tally } from './tally.js';
import { SkippingClock } from './testdata/skipping-clock.js';
import { paced } from './timeline.js';

afterEach(() => {
  vi.useRealTimers();
});

/** A replay whose batches arrive at once, with the moment at which each did. */
function replayOf(stdin: Readable, change: (options: ReplayOptions) => Partial<ReplayOptions> = () => ({})) {
  const clock = new SkippingClock(1_000_000);
  const arrived: { at: number; records: string[] }[] = [];
  const tally = new Tally();
  const delivery = {
    deliver: async ({ records }: Batch) => {
      arrived.push({ at: clock.now() - 1_000_000, records: records.map(({ bytes }) => bytes.toString()) });
    },
  } as Delivery;
  const options: ReplayOptions = {
    input: Input.open('-', stdin),
    outgoing: { idOf: () => 'made', replaceIds: false, timeline: null },
    limits: { records: 3, bytes: 1000 },
    delivery,
    lanes: new Lanes(2, 10_000),
    clock,
    tally,
    stop: new Stop(),
    pauseMs: 1000,
    onPace: () => {},
  };
  const used = { ...options, ...change(options) };
  return { replaying: replayRecords(used), arrived, tally, clock, stop: used.stop };
}

const lines = (times: number[]) =>
  Readable.from(Buffer.from(times.map((time) => `{"id":"i","time":${time}}\n`).join('')));

test('in batches, in order', async () => {
  const it = replayOf(Readable.from([Buffer.from('1\n2\n\n3\r\n4\n'), Buffer.from('5')]));
  await it.replaying;
  expect(it.arrived.map(({ records }) => records)).toEqual([
    ['1', '2', '3'],
    ['4', '5'],
  ]);
  expect(it.tally.read).toBe(5);
});

describe('pace', () => {
  const pace = (speed: number, times: number[], rebase = false) =>
    replayOf(lines(times), ({ clock }) => ({
      outgoing: { idOf: () => '', replaceIds: false, timeline: paced(speed, rebase, () => clock.now()) },
    }));
  const sent = (it: ReturnType<typeof pace>) => it.arrived.map(({ at, records }) => [at, records.length]);

  test('real time: what is due together goes together', async () => {
    const it = pace(1, [5000, 5000, 6000, 9000, 9000]);
    await it.replaying;
    expect(sent(it)).toEqual([
      [0, 2],
      [1000, 1],
      [4000, 2],
    ]);
  });

  test('ten times as fast', async () => {
    const it = pace(10, [5000, 6000, 9000]);
    await it.replaying;
    expect(sent(it)).toEqual([
      [0, 1],
      [100, 1],
      [400, 1],
    ]);
  });

  test('very fast: no more than a request in 20 ms for the pace alone', async () => {
    const it = pace(
      1000,
      Array.from({ length: 100 }, (_, i) => i * 1000),
    );
    await it.replaying;
    const moments = new Set(it.arrived.map(({ at }) => at));
    expect([...moments]).toEqual([0, 20, 40, 60, 80, 100].slice(0, moments.size));
    expect(it.arrived.flatMap(({ records }) => records)).toHaveLength(100);
  });

  test('late and undated records hold nothing up', async () => {
    const stdin = Readable.from(Buffer.from('{"time":5000}\n{"time":1}\n{"a":1}\n{"time":6000}\n'));
    const it = replayOf(stdin, ({ clock }) => ({
      outgoing: { idOf: () => '', replaceIds: false, timeline: paced(1, false, () => clock.now()) },
    }));
    await it.replaying;
    expect(sent(it)).toEqual([
      [0, 3],
      [1000, 1],
    ]);
  });

  test('rebased: no record is ever ahead of the clock or behind it', async () => {
    const it = pace(60, [0, 600_000, 3_600_000], true);
    await it.replaying;
    expect(it.arrived.map(({ records }) => (JSON.parse(records[0]!) as { time: number }).time - 1_000_000)).toEqual(
      it.arrived.map(({ at }) => at),
    );
  });
});

test('a pipe that falls silent: what has been gathered is sent after a second', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const stdin = new PassThrough();
  const it = replayOf(stdin);
  stdin.write('1\n2\n');
  for (let i = 0; i < 20; i += 1) await nextTurn();
  expect(it.arrived).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  for (let i = 0; i < 20; i += 1) await nextTurn();
  expect(it.arrived.map(({ records }) => records)).toEqual([['1', '2']]);
  stdin.end('3\n');
  for (let i = 0; i < 20; i += 1) await nextTurn();
  await it.replaying;
  expect(it.arrived.map(({ records }) => records)).toEqual([['1', '2'], ['3']]);
});

test('told to stop while the input is silent: ends, with what was not sent counted', async () => {
  const stdin = new PassThrough();
  const it = replayOf(stdin);
  stdin.write('1\n2\n');
  for (let i = 0; i < 20; i += 1) await nextTurn();
  it.stop.request({ kind: 'signal', signal: 'SIGINT' });
  await it.replaying;
  expect(it.tally).toMatchObject({ read: 2, unconfirmed: 2, unconfirmedFrom: 1, unconfirmedTo: 2 });
});

test('an input that breaks: what came before is sent', async () => {
  async function* broken() {
    yield Buffer.from('1\n2\n3 is cut o');
    throw new Error('EIO');
  }
  const it = replayOf(Readable.from(broken()));
  await it.replaying;
  expect(it.arrived.map(({ records }) => records)).toEqual([['1', '2']]);
  expect(it.stop.reason).toEqual({
    kind: 'input',
    message: 'stdin cannot be read: EIO. What came before, up to line 2, was read.',
  });
});
