import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ArrivalClock } from '../arrival-clock.js';
import { FaultyFiles } from '../testdata/faulty-files.js';
import { cleanUp, ToySpool } from '../testdata/toy-spool.js';
import { type FrameBatch, FrameReader } from './frame-reader.js';

/**
 * Random histories against a model that knows which frames were acknowledged. Whatever happens: a reader sees
 * the durable frames in order, each at most once while it lives; and in the end each was acknowledged or
 * skipped, and as many were counted as were skipped.
 */
type Step =
  | { do: 'send'; contents: number[] }
  | { do: 'fail'; how: 'sync' | 'sync, truncate' | 'sync, truncate, remove' }
  | { do: 'snapshot' }
  | { do: 'read'; batches: number; fails: boolean }
  | { do: 'acknowledge'; batches: number }
  | { do: 'tick'; low: boolean }
  | { do: 'time'; seconds: number }
  | { do: 'reader' }
  | { do: 'crash' }
  | { do: 'restart' };

const contents = fc.array(fc.nat(150), { minLength: 1, maxLength: 5 });
const batches = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), contents }) },
  fc.record({
    do: fc.constant('fail' as const),
    how: fc.constantFrom('sync' as const, 'sync, truncate' as const, 'sync, truncate, remove' as const),
  }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), batches, fails: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('acknowledge' as const), batches }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('tick' as const), low: fc.boolean() }) },
  fc.record({ do: fc.constant('time' as const), seconds: fc.nat(8) }),
  fc.record({ do: fc.constant('reader' as const) }),
  fc.record({ do: fc.constant('crash' as const) }),
  fc.record({ do: fc.constant('restart' as const) }),
);

/** Each takes some 100 ms. `SPOOL_MODEL_RUNS=5000` for a night. */
const RUNS = Number(process.env.SPOOL_MODEL_RUNS ?? 40);
const TIMEOUT_MS = 60_000 + RUNS * 2000;

const RESERVE = 1000;
const BUDGET = { name: 'logs', budgetBytes: 900, budgetAgeMs: 10_000 };
const NO_BUDGET = { ...BUDGET, budgetBytes: Number.POSITIVE_INFINITY, budgetAgeMs: Number.POSITIVE_INFINITY };

let wall = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await cleanUp();
});

class History {
  /** Acknowledged frames, by sequence. */
  readonly done = new Map<number, string>();
  #sent = 0;
  #files = new FaultyFiles();
  #reader!: FrameReader;
  readonly #readerFiles = new FaultyFiles();
  /** Handed out and not acknowledged. */
  #pending: FrameBatch[] = [];
  #lastRead = 0;
  toy!: ToySpool;

  async open(dataDir?: string, cursor = BUDGET): Promise<void> {
    this.#files = new FaultyFiles();
    this.toy = await ToySpool.open(dataDir, {
      files: this.#files,
      clock: new ArrivalClock(0, () => wall),
      segmentBytes: 300,
      freeDiskReserveBytes: RESERVE,
      cursors: [cursor],
    });
    expect(this.toy.recovered?.newEpoch).toEqual([]);
    expect(this.toy.cursorNews).toEqual([]);
    // The position that a start goes on with: what was acknowledged behind it is forgotten.
    const { position } = this.toy.spool.cursor('logs');
    for (const sequence of this.done.keys()) if (sequence > position) this.done.delete(sequence);
    this.attach();
  }

  attach(budgetAgeMs?: number): void {
    const port = this.toy.spool.cursor('logs').attach();
    this.#reader = new FrameReader(budgetAgeMs === undefined ? port : { ...port, budgetAgeMs }, {
      files: this.#readerFiles,
      now: () => wall,
      blockBytes: 250,
    });
    this.#pending = [];
    this.#lastRead = port.position;
  }

  async read(): Promise<boolean> {
    const batch = await this.#reader.read();
    if (batch === null) return false;
    for (const { sequence, meta, content } of batch.frames) {
      expect(sequence).toBeGreaterThan(this.#lastRead);
      expect(this.done.has(sequence), `frame ${sequence} was acknowledged before`).toBe(false);
      this.#lastRead = sequence;
      const [, bytes] = (JSON.parse(meta) as { id: string }).id.split('-');
      expect(content?.length ?? 0).toBe(Number(bytes));
    }
    expect(batch.upTo).toBeGreaterThanOrEqual(this.#lastRead);
    this.#pending.push(batch);
    return true;
  }

  acknowledge(): void {
    const batch = this.#pending.shift();
    if (batch === undefined) return;
    for (const { sequence, meta } of batch.frames) this.done.set(sequence, (JSON.parse(meta) as { id: string }).id);
    this.#reader.advance(batch.upTo);
  }

  async send(sizes: readonly number[]): Promise<void> {
    const sending = sizes.map((size) => {
      this.#sent += 1;
      return this.toy.send(`${this.#sent}-${size}`, size === 0 ? null : Buffer.alloc(size, this.#sent));
    });
    await Promise.allSettled(sending);
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case 'send':
        await this.send(step.contents);
        break;
      case 'fail':
        for (const operation of step.how.split(', ')) {
          this.#files.fail(operation as 'sync' | 'truncate' | 'remove', 'EIO', '.seg');
        }
        await this.send([10, 0]);
        this.#files.heal();
        break;
      case 'snapshot':
        await this.toy.spool.snapshot();
        break;
      case 'read':
        if (step.fails) this.#readerFiles.fail('readAt', 'EIO');
        for (let i = 0; i < step.batches; i += 1) {
          await this.read().catch((error: Error) => expect(error.message).toContain('EIO'));
        }
        this.#readerFiles.heal();
        break;
      case 'acknowledge':
        for (let i = 0; i < step.batches; i += 1) this.acknowledge();
        break;
      case 'tick':
        if (step.low) this.#files.free = RESERVE - 400;
        // Not to its end: what is under way meets what comes next.
        await vi.advanceTimersByTimeAsync(2000);
        await delay(3);
        this.#files.free = Number.POSITIVE_INFINITY;
        break;
      case 'time':
        wall += step.seconds * 1000;
        break;
      case 'reader':
        await this.#reader.close();
        this.attach();
        break;
      case 'crash': {
        const left = this.toy;
        const dataDir = left.crash();
        await this.#reader.close();
        await left.close();
        fs.rmSync(left.dataDir, { recursive: true });
        await this.open(dataDir);
        break;
      }
      case 'restart':
        await this.#reader.close();
        await this.toy.close();
        await this.open(this.toy.dataDir);
        break;
    }
  }

  /** Reads and acknowledges all that is left, and compares. */
  async finish(): Promise<void> {
    await this.#reader.close();
    await this.toy.close();
    await this.open(this.toy.dataDir, NO_BUDGET);
    while (await this.read()) this.acknowledge();
    await this.#reader.close();
    const { toy } = this;
    const cursor = toy.spool.cursor('logs');
    expect(cursor.position).toBe(toy.spool.state.durableSequence);
    await toy.close();

    const durable = toy.projection.order;
    const ids = new Set(this.done.values());
    const skipped = durable.filter((id) => !ids.has(id));
    const counted = Object.values(cursor.skipped).reduce((sum, { records }) => sum + records, 0);
    expect(counted).toBe(skipped.length);
    const bySequence = [...this.done].sort(([one], [other]) => one - other).map(([, id]) => id);
    expect(bySequence).toEqual(durable.filter((id) => ids.has(id)));
    expect(cursor.missing).toBe(0);
    expect(toy.cursorNews).toEqual([]);
    // Skipped or not: what is on disk is no more than what the snapshots need.
    expect(fs.readdirSync(path.join(toy.dataDir, 'segments')).length).toBeLessThan(30);
  }
}

test(
  'appends, rotations, failed commits, snapshots, budgets, crashes: in order, once, and what is missing is counted',
  async () => {
    let skipping = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        wall = 1_700_000_000_000;
        const history = new History();
        await history.open();
        for (const each of steps) await history.run(each);
        await history.finish();
        if (history.done.size < history.toy.projection.order.length) skipping += 1;
        await cleanUp();
      }),
      { numRuns: RUNS },
    );
    // Otherwise this would be a test of nothing.
    expect(skipping).toBeGreaterThan(RUNS / 10);
  },
  TIMEOUT_MS,
);
