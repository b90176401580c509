import type { FrozenChunks, RequiredProjection } from '../projection.js';

/** A projection that remembers everything: how often each id was counted, and in which order. */
export class ToyProjection implements RequiredProjection<string> {
  readonly name = 'toy';
  /** Every id as it was counted in this epoch, in order. */
  order: string[] = [];
  epoch = 1;
  /** Meta that cannot be read, and a state that cannot be restored. */
  unreadable: string | null = null;
  unrestorable = false;
  failFreeze = false;
  needsSnapshot = false;
  /** Why the saved state cannot be continued. */
  anew: string | null = null;

  restore(saved: Buffer): string | null {
    if (this.unrestorable) {
      this.unrestorable = false;
      throw new Error('this state is of no use');
    }
    const { order, epoch } = JSON.parse(saved.toString()) as { order: string[]; epoch: number };
    this.order = order;
    this.epoch = epoch;
    return this.anew;
  }

  replay(_kind: number, meta: string): void {
    const { id } = JSON.parse(meta) as { id: string };
    if (id === this.unreadable) throw new SyntaxError('unreadable');
    this.order.push(id);
  }

  apply(id: string): void {
    this.order.push(id);
  }

  beginEpoch(): void {
    this.epoch += 1;
    this.order = [];
  }

  freeze(): FrozenChunks {
    if (this.failFreeze) throw new Error('no freezing today');
    const json = Buffer.from(JSON.stringify({ order: this.order, epoch: this.epoch }));
    // Several chunks, as a real one.
    return [json.subarray(0, 5), json.subarray(5)];
  }

  count(id: string): number {
    return this.order.filter((counted) => counted === id).length;
  }
}
