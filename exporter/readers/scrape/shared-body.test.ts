import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeldBytes } from './held-bytes.js';
import { BodyFailed, type BodyReader, SharedBody } from './shared-body.js';

const PLENTY = { each: 1_000_000, all: 1_000_000 };

/** Pieces that say which one they are; `made` counts those that were asked for, and `closed` is set at the end. */
function sourceOf(count: number, bytes = 100) {
  const source = {
    made: 0,
    closed: false,
    whole: Array.from({ length: count }, (_, index) => nth(index, bytes)).join(''),
    async *pieces() {
      try {
        for (; source.made < count; source.made++) {
          yield Buffer.from(nth(source.made, bytes));
          await setImmediate();
        }
      } finally {
        source.closed = true;
      }
    },
  };
  return source;
}

function nth(index: number, bytes: number): string {
  return `${index},`.padStart(bytes);
}

async function readAll(reader: BodyReader, pause: () => Promise<unknown> = async () => {}): Promise<string> {
  const pieces: Buffer[] = [];
  for (let piece = await reader.read(); piece !== null; piece = await reader.read()) {
    pieces.push(piece);
    await pause();
  }
  reader.leave();
  return Buffer.concat(pieces).toString();
}

describe('a shared body', () => {
  it('is the same for two readers, and whole for one that joins late', async () => {
    const held = new HeldBytes(PLENTY);
    const body = new SharedBody(held);
    const source = sourceOf(20);
    const first = readAll(body.join());
    const filled = body.fill(source.pieces());
    const second = readAll(body.join());
    while (source.made < 15) await setImmediate();
    const late = readAll(body.join());
    await filled;
    for (const read of [first, second, late]) expect(await read).toBe(source.whole);
    expect(source.made).toBe(20);
    expect(held.bytes).toBe(0);
  });

  it('is over when it is made: nobody joins any more, and only what somebody needs is held', async () => {
    const held = new HeldBytes(PLENTY);
    const body = new SharedBody(held);
    const [fast, slow] = [body.join(), body.join()];
    const source = sourceOf(20);
    await body.fill(source.pieces());
    expect(body.isJoinable).toBe(false);
    expect(() => body.join()).toThrow('cannot be joined');
    expect(await readAll(fast)).toBe(source.whole);
    expect(held.bytes).toBe(2000);
    await slow.read();
    expect(held.bytes).toBe(1900);
    slow.leave();
    expect(held.bytes).toBe(0);
  });

  it('does not wait for a slow reader', async () => {
    const body = new SharedBody(new HeldBytes(PLENTY));
    const slow = body.join();
    const fast = readAll(body.join());
    const source = sourceOf(50);
    await body.fill(source.pieces());
    expect(await fast).toBe(source.whole);
    expect(await readAll(slow)).toBe(source.whole);
  });

  it('goes on when one reader leaves, and stops when all have left', async () => {
    const held = new HeldBytes(PLENTY);
    const body = new SharedBody(held);
    const [one, other] = [body.join(), body.join()];
    const source = sourceOf(1000);
    const filled = body.fill(source.pieces());
    while (source.made < 5) await setImmediate();
    one.leave();
    one.leave();
    while (source.made < 10) await setImmediate();
    other.leave();
    expect(body.isJoinable).toBe(false);
    await filled;
    expect(source.closed).toBe(true);
    expect(source.made).toBeLessThan(13);
    expect(held.bytes).toBe(0);
  });

  it('lets a reader go that waits for more', async () => {
    const body = new SharedBody(new HeldBytes(PLENTY));
    const [waits, stays] = [body.join(), body.join()];
    const read = waits.read();
    waits.leave();
    expect(await read).toBeNull();
    const source = sourceOf(3);
    await body.fill(source.pieces());
    expect(await readAll(stays)).toBe(source.whole);
  });

  it('fails for every reader, with what is not read yet', async () => {
    const held = new HeldBytes(PLENTY);
    const body = new SharedBody(held);
    const [one, other] = [body.join(), body.join()];
    const bug = new Error('a bug');
    const filled = body.fill(
      (async function* () {
        yield* sourceOf(3).pieces();
        throw bug;
      })(),
    );
    await one.read();
    await expect(filled).rejects.toBe(bug);
    for (const reader of [one, other]) {
      await expect(reader.read()).rejects.toThrow(BodyFailed);
      reader.leave();
    }
    expect(held.bytes).toBe(0);
  });

  it('waits for its slowest reader where it would hold too much', async () => {
    const held = new HeldBytes({ each: 300, all: 1000 });
    const body = new SharedBody(held);
    const slow = body.join();
    const fast = readAll(body.join());
    const source = sourceOf(50);
    const filled = body.fill(source.pieces());
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    // The tenth fills what all may hold.
    expect(held.bytes).toBe(1000);
    expect(source.made).toBe(9);
    await slow.read();
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    expect(source.made).toBe(10);
    expect(await readAll(slow)).toBe(source.whole.slice(100));
    expect(await fast).toBe(source.whole);
    await filled;
    expect(held.bytes).toBe(0);
  });

  it('goes on with its own share, however much others hold', async () => {
    const held = new HeldBytes({ each: 300, all: 1000 });
    const hoarding = new SharedBody(held);
    const stalled = hoarding.join();
    const waiting = hoarding.fill(sourceOf(50).pieces());
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    const body = new SharedBody(held);
    const reader = readAll(body.join());
    const source = sourceOf(50);
    await body.fill(source.pieces());
    expect(await reader).toBe(source.whole);
    stalled.leave();
    await waiting;
    expect(held.bytes).toBe(0);
  });

  it('lets go of its beginning once it is large, where its readers have it', async () => {
    const held = new HeldBytes({ each: 300, all: 1000 });
    const body = new SharedBody(held);
    const reader = readAll(body.join());
    const source = sourceOf(100);
    const filled = body.fill(source.pieces());
    let most = 0;
    while (source.made < 99) {
      most = Math.max(most, held.bytes);
      await setImmediate();
    }
    expect(body.isJoinable).toBe(false);
    expect(most).toBeLessThanOrEqual(300);
    await filled;
    expect(await reader).toBe(source.whole);
  });

  it('gives each reader everything from the beginning, whoever comes, waits or leaves when', async () => {
    const reading = fc.record({
      joinsAfter: fc.nat(12),
      pauses: fc.array(fc.nat(6), { maxLength: 6 }),
      leavesAfter: fc.option(fc.nat(12), { nil: Number.POSITIVE_INFINITY }),
    });
    const limits = fc.record({ each: fc.integer({ min: 1, max: 1500 }), all: fc.integer({ min: 1, max: 3000 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { minLength: 1, maxLength: 5 }), limits, async (readings, limit) => {
        const held = new HeldBytes(limit);
        const body = new SharedBody(held);
        const source = sourceOf(10);
        const keeper = body.join();
        const filled = body.fill(source.pieces());
        const reads = readings.map(async ({ joinsAfter, pauses, leavesAfter }) => {
          for (let turn = 0; turn < joinsAfter; turn++) await setImmediate();
          if (!body.isJoinable) return;
          const reader = body.join();
          let count = 0;
          const bytes = await readAll(reader, async () => {
            for (let turn = pauses[count] ?? 0; turn > 0; turn--) await setImmediate();
            count += 1;
            if (count > leavesAfter) reader.leave();
          });
          expect(bytes).toBe(source.whole.slice(0, 100 * Math.min(10, leavesAfter + 1)));
        });
        expect(await readAll(keeper)).toBe(source.whole);
        await Promise.all([filled, ...reads]);
        expect(held.bytes).toBe(0);
      }),
    );
  });
});
