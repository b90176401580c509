/**
 * One line in Loki. Entries are a pure function of what stands in the log and of saved state, so that one that is pushed
 * again is the same to the byte: Loki takes an entry with the same time, line and structured metadata for the same entry.
 */
export interface LogEntry {
  /** Few and bounded: each combination is a stream of its own. */
  readonly labels: Readonly<Record<string, string>>;
  /** ns since the epoch. */
  readonly timestampNs: bigint;
  /** JSON. */
  readonly line: string;
  /** Structured metadata, sorted by name. */
  readonly metadata: readonly (readonly [string, string])[];
}
