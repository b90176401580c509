/** What a projection gives to a snapshot: frozen at once, written in its own time. */
export type FrozenChunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * A projection that the spool feeds and whose state stands in the snapshots: a required cursor. It is a
 * pure function of the frames and its own saved state.
 */
export interface RequiredProjection<Payload> {
  /** Names its section in the snapshot. */
  readonly name: string;
  /**
   * Takes back a saved state; called at most once, before any frame.
   * @returns why what was shown cannot be continued from it, such as other buckets: `beginEpoch` follows when every
   *   frame was read, because those behind the snapshot were shown, too; null when it can
   * @throws when the state cannot be used; an older snapshot is tried then
   */
  restore(saved: Buffer): string | null;
  /** A frame read back from disk, in the order of sequences. @throws when meta cannot be read */
  replay(kind: number, meta: string, arrival: number): void;
  /** A frame that has just become durable, as the writer handed it over. */
  apply(payload: Payload, arrival: number): void;
  /**
   * Whether frames to come are counted by other rules than those saved with the state. A snapshot is taken
   * before the first of them then, so that they are read back by the rules that they were counted by.
   */
  readonly needsSnapshot: boolean;
  /** What was shown cannot be continued: begin again at zero, from `now` (ms) on. */
  beginEpoch(now: number): void;
  /** Copies the state as it is now, in a few ms. */
  freeze(): FrozenChunks;
}
