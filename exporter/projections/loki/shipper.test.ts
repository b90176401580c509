import { describe, expect, test } from 'vitest';
import type { Call } from '../../call/call.js';
import { encodeLabels, MetaWriter } from '../../call/meta-writer.js';
import { encodeNotification } from '../../call/notification.js';
import type { FrameBatch, SpoolFrame } from '../../spool/cursors/frame-reader.js';
import { FRAME_KINDS } from '../../spool/frame.js';
import { callOf } from '../metrics/testdata/calls.js';
import type { LogEntry } from './entry.js';
import { ModelLabels } from './model-labels.js';
import { systemClock } from './push/clock.js';
import type { PushOutcome } from './push/delivery.js';
import { Shipper } from './shipper.js';
import type { ShipperOptions } from './shipper-options.js';

const writer = new MetaWriter();

function frame(sequence: number, call: Partial<Call> = {}, given: Partial<SpoolFrame> = {}): SpoolFrame {
  const whole = callOf({ id: `c${sequence}`, ...call });
  const source = writer.of(whole, encodeLabels(whole.workspace, whole.model, whole.apikey));
  const bytes = Buffer.alloc(source.bound);
  const meta = bytes.toString('utf8', 0, source.write(bytes, 0));
  const arrival = Date.UTC(2026, 10, 24);
  return { sequence, arrival, kind: FRAME_KINDS.call, meta, content: null, isContentDamaged: false, ...given };
}

function alertMeta(fingerprint: string): string {
  const labels = { rule: 'slow', workspace_id: 'default', model: 'm' };
  return encodeNotification({ status: 'firing', startsAt: 1, endsAt: null, fingerprint, labels, annotations: {} });
}

/** Hands out its frames, some at a time, and notes how far it was told to go. */
class Frames {
  readonly advanced: number[] = [];
  #next = 0;

  constructor(
    private readonly frames: readonly SpoolFrame[],
    private readonly size = 10,
  ) {}

  async read(): Promise<FrameBatch | null> {
    const frames = this.frames.slice(this.#next, this.#next + this.size);
    this.#next += frames.length;
    return frames.length === 0 ? null : { frames, upTo: frames.at(-1)!.sequence };
  }

  /** How many it has handed out. */
  get handedOut(): number {
    return this.#next;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal ?? new AbortController().signal);
  }

  advance(sequence: number): void {
    this.advanced.push(sequence);
  }
}

type Push = ShipperOptions['push'];

const STORED: PushOutcome = { ended: 'complete', stored: 0, dead: 0, remaining: [], waitMs: 0 };

function never(_tenant: string, entries: readonly LogEntry[], signal: AbortSignal): Promise<PushOutcome> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve({ ...STORED, ended: 'aborted', remaining: entries }));
  });
}

class Rig {
  readonly pushed: { tenant: string; entries: readonly LogEntry[] }[] = [];
  readonly unreadable: number[] = [];
  readonly parked: (string | null)[] = [];
  readonly buried: [id: string, reason: string][] = [];
  readonly labels = new ModelLabels();
  readonly shipper: Shipper;
  /** How many labels were saved when each push went out. */
  readonly savedBefore: number[] = [];
  #saved = 0;
  readonly running: Promise<void>;

  constructor(
    readonly frames: Frames,
    push: Push = async () => STORED,
    given: Partial<ShipperOptions> = {},
  ) {
    this.shipper = new Shipper({
      reader: frames,
      push: (tenant, entries, signal) => {
        this.savedBefore.push(this.#saved);
        this.pushed.push({ tenant, entries });
        return push(tenant, entries, signal);
      },
      labels: this.labels,
      saveLabels: async () => {
        this.#saved = this.labels.revision;
      },
      bury: async (entry, _tenant, reason) => {
        this.buried.push([(JSON.parse(entry.line) as { id: string }).id, reason]);
      },
      tenantOf: (workspace) => workspace,
      observer: {
        unreadable: (sequence) => this.unreadable.push(sequence),
        trouble: () => {},
        parked: (text) => this.parked.push(text),
      },
      clock: systemClock,
      random: () => 0,
      ...given,
    });
    this.running = this.shipper.run();
  }

  ids(log = 'audit'): string[] {
    const entries = this.pushed.flatMap(({ entries }) => entries).filter(({ labels }) => labels.log === log);
    return entries
      .map(({ line }) => JSON.parse(line) as { id?: string; fingerprint?: string })
      .map(({ id, fingerprint }) => id ?? fingerprint ?? '');
  }

  async advancedTo(sequence: number): Promise<void> {
    await expect.poll(() => this.frames.advanced.at(-1), { timeout: 5000, interval: 5 }).toBe(sequence);
  }

  async end(): Promise<void> {
    this.shipper.abort();
    await this.running;
  }
}

function range(count: number, of: (sequence: number) => Partial<Call> = () => ({})): SpoolFrame[] {
  return Array.from({ length: count }, (_, index) => frame(index + 1, of(index + 1)));
}

test('frames go out in order, and the cursor follows', async () => {
  const rig = new Rig(new Frames(range(95)));
  await rig.advancedTo(95);
  expect(rig.ids()).toEqual(Array.from({ length: 95 }, (_, index) => `c${index + 1}`));
  expect(rig.frames.advanced).toEqual(rig.frames.advanced.toSorted((a, b) => a - b));
  await rig.end();
});

test('what a call has: no logs, an audit log, or an inference log too, withheld or not', async () => {
  const content = Buffer.from('{"request":1}');
  const rig = new Rig(
    new Frames([
      frame(1, { logs: 'none' }, { content }),
      frame(2, { logs: 'audit' }, { content }),
      frame(3, { logs: 'inference', redacted: { email: 2 } }, { content }),
      frame(4, { logs: 'inference', withheld: 'too_large' }),
      frame(5, { logs: 'inference' }, { isContentDamaged: true }),
      frame(6, {}, { kind: FRAME_KINDS.notification, meta: alertMeta('gone') }),
      frame(7, {}, { meta: '{"id":"broken"' }),
      frame(8, { logs: 'inference' }),
    ]),
  );
  await rig.advancedTo(8);
  expect(rig.ids()).toEqual(['c2', 'c3', 'c4', 'c5', 'c8']);
  expect(rig.ids('inference')).toEqual(['c3', 'c4', 'c5']);
  expect(rig.ids('alerts')).toEqual(['gone']);
  expect(rig.unreadable).toEqual([7]);
  const lines = rig.pushed.flatMap(({ entries }) => entries).filter(({ labels }) => labels.log === 'inference');
  const [whole, withheld, damaged] = lines.map(({ line }) => JSON.parse(line) as Record<string, unknown>);
  expect(whole).toMatchObject({ request: 1, redacted: { email: 2 } });
  expect(withheld).toMatchObject({ withheld: 'too_large' });
  expect(damaged).toMatchObject({ withheld: 'damaged' });
  await rig.end();
});

test('a tenant in trouble holds up the cursor and not the others, as far as memory goes', async () => {
  const frames = new Frames(range(1000, (sequence) => ({ workspace: sequence % 2 === 0 ? 'good' : 'bad' })));
  const push: Push = (tenant, entries, signal) =>
    tenant === 'bad' ? never(tenant, entries, signal) : Promise.resolve(STORED);
  const rig = new Rig(frames, push, { outstandingBytes: 200_000 });
  await expect.poll(() => rig.pushed.filter(({ tenant }) => tenant === 'good').length).toBeGreaterThan(1);
  expect(rig.frames.advanced).toEqual([]);
  await expect.poll(() => frames.handedOut).toBeGreaterThan(100);
  expect(frames.handedOut).toBeLessThan(1000);
  await rig.end();
  expect(rig.frames.advanced).toEqual([]);
});

describe('a model for which Loki has no stream', () => {
  test('folds from the first entry on that was refused, and the choice is saved before', async () => {
    const streams = new Set<string>();
    const refuseNew: Push = async (_tenant, entries) => {
      const remaining = entries.filter(({ labels }) => {
        const model = labels.model!;
        if (model !== 'new') streams.add(model);
        return !streams.has(model);
      });
      return { ...STORED, ended: remaining.length > 0 ? 'too-many-streams' : 'complete', remaining };
    };
    const frames = range(20, (sequence) => ({ model: sequence % 2 === 0 ? 'old' : 'new' }));
    const rig = new Rig(new Frames(frames), refuseNew);
    await rig.advancedTo(20);
    const again = rig.pushed.slice(1).flatMap(({ entries }) => entries);
    expect(again.every(({ labels }) => labels.model === '__overflow__')).toBe(true);
    expect(again).toHaveLength(10);
    expect(rig.savedBefore).toEqual([2, 3]);
    await rig.end();

    // After a crash: the same entries, to the byte.
    const labels = new ModelLabels(JSON.parse(JSON.stringify(rig.labels)));
    const restarted = new Rig(new Frames(frames), undefined, { labels });
    await restarted.advancedTo(20);
    const made = restarted.pushed.flatMap(({ entries }) => entries).filter(({ labels }) => labels.model !== 'old');
    expect(made).toEqual(again);
    await restarted.end();
  });
});

test('no stream for what folds either: it waits, the other streams go on, and it goes out in order once there is room', async () => {
  let hasRoom = false;
  const push: Push = async (_tenant, entries) => {
    const remaining = hasRoom ? [] : entries.filter(({ labels }) => labels.model !== 'old');
    return { ...STORED, ended: remaining.length > 0 ? 'too-many-streams' : 'complete', remaining };
  };
  const now = systemClock.now();
  let ahead = 0;
  const clock = {
    now: () => now + ahead,
    sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(Math.min(ms, 20), signal),
  };
  const frames = range(400, (sequence) => ({ model: sequence % 2 === 0 ? 'old' : 'new' }));
  const rig = new Rig(new Frames(frames, 5), push, { clock });
  await expect.poll(() => rig.ids().includes('c400')).toBe(true);
  expect(rig.frames.advanced).toEqual([]);
  expect(rig.parked.at(-1)).toMatch(/no more streams/);
  const before = rig.pushed.length;
  hasRoom = true;
  ahead = 3_600_000;
  await rig.advancedTo(400);
  const late = rig.pushed.slice(before).flatMap(({ entries }) => entries);
  expect(late.map(({ line }) => (JSON.parse(line) as { id: string }).id)).toEqual(
    Array.from({ length: 200 }, (_, index) => `c${2 * index + 1}`),
  );
  expect(late.every(({ labels }) => labels.model === '__overflow__')).toBe(true);
  expect(rig.parked.at(-1)).toBe(null);
  await rig.end();
});

test('so much without a stream that it would hold up the others: the oldest of it are dead letters, and the others go on', async () => {
  const push: Push = async (_tenant, entries) => {
    const remaining = entries.filter(({ labels }) => labels.model !== 'old');
    return { ...STORED, ended: remaining.length > 0 ? 'too-many-streams' : 'complete', remaining };
  };
  const frames = range(20_000, (sequence) => ({ model: sequence % 2 === 0 ? 'old' : 'new' }));
  const rig = new Rig(new Frames(frames, 500), push);
  await expect.poll(() => rig.ids().includes('c20000'), { timeout: 20_000 }).toBe(true);
  expect(rig.buried.slice(0, 2).map(([id]) => id)).toEqual(['c1', 'c3']);
  expect(rig.buried[0]?.[1]).toMatch(/max_global_streams_per_user/);
  const own = rig.pushed.flatMap(({ entries }) => entries).filter(({ labels }) => labels.model === 'old');
  expect(own).toHaveLength(10_000);
  await rig.end();
});

test('a stop sends what is there, and what is not stored in time is left', async () => {
  const rig = new Rig(new Frames(range(30)), never);
  await expect.poll(() => rig.pushed.length).toBe(1);
  await rig.shipper.stop(20);
  await rig.running;
  expect(rig.frames.advanced).toEqual([]);
});
