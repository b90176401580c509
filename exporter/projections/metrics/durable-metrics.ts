import type { Call } from '../../call/call.js';
import { decodeMeta } from '../../call/meta.js';
import { FRAME_KINDS } from '../../spool/frame.js';
import type { FrozenChunks, RequiredProjection } from '../../spool/projection.js';
import type { MetricsOptions } from './options.js';
import { MetricsProjection } from './projection.js';

/** The metrics as the spool feeds them: from its snapshots, from frames on disk, from calls in memory. */
export class DurableMetrics implements RequiredProjection<Call> {
  readonly name = 'metrics';
  #series: MetricsProjection;
  /** All frames of before were read back. */
  #isLive = false;

  constructor(private readonly options: MetricsOptions) {
    this.#series = MetricsProjection.create(options);
  }

  /** The series as they are; another object after a restore. */
  get series(): MetricsProjection {
    return this.#series;
  }

  restore(saved: Buffer): string | null {
    const { projection, newEpoch } = MetricsProjection.restore(saved, this.options);
    this.#series = projection;
    return newEpoch;
  }

  replay(kind: number, meta: string, arrival: number): void {
    if (kind === FRAME_KINDS.call) this.#series.apply(decodeMeta(meta), arrival);
  }

  apply(call: Call, arrival: number): void {
    if (!this.#isLive) this.#goLive();
    this.#series.apply(call, arrival);
  }

  get needsSnapshot(): boolean {
    return this.#series.hasOldLimits;
  }

  beginEpoch(now: number): void {
    this.#series.beginEpoch(now);
  }

  freeze(): FrozenChunks {
    if (!this.#isLive) this.#goLive();
    return this.#series.encode(this.#series.freeze());
  }

  #goLive(): void {
    this.#isLive = true;
    this.#series.settle();
  }
}
