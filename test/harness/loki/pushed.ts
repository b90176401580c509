/** One stream of a push, as it came, not yet checked. */
export interface PushedStream {
  /** `{name="value", …}` */
  labels: string;
  entries: PushedEntry[];
}

export interface PushedEntry {
  /** Epoch nanoseconds. */
  timestampNs: bigint;
  line: string;
  /** Of the line as it came, which may be no UTF-8. */
  lineBytes: number;
  metadata: Pair[];
}

export type Pair = readonly [name: string, value: string];

/** What Loki counts of an entry: the line and the structured metadata. */
export function entryBytes(entry: PushedEntry): number {
  return entry.lineBytes + metadataBytes(entry.metadata);
}

/** Names and values, but for the level that Loki wrote there itself. */
export function metadataBytes(metadata: readonly Pair[]): number {
  let bytes = 0;
  for (const [name, value] of metadata) {
    if (name !== 'detected_level') bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return bytes;
}
