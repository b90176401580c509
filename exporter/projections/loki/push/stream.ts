import type { LogEntry } from '../entry.js';

/** Entries with the same labels, in the order they came in. */
export interface Stream {
  readonly labels: Readonly<Record<string, string>>;
  /** The labels in Loki's notation, sorted by name: `{log="audit", model="qwen-plus"}`. */
  readonly name: string;
  readonly entries: LogEntry[];
}

/** Groups entries by their labels; streams stand in the order of their first entry, entries in the order they came in. */
export function streamsOf(entries: readonly LogEntry[]): Stream[] {
  const streams = new Map<string, Stream>();
  // Entries mostly share their labels object with a neighbour.
  let last: Stream | undefined;
  for (const entry of entries) {
    if (last === undefined || entry.labels !== last.labels) {
      const name = streamName(entry.labels);
      last = streams.get(name);
      if (last === undefined) {
        last = { labels: entry.labels, name, entries: [] };
        streams.set(name, last);
      }
    }
    last.entries.push(entry);
  }
  return [...streams.values()];
}

/** A set of labels as Loki reads it. JSON's escapes are among those of Loki's strings, once there is no lone surrogate. */
export function streamName(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quotedForLoki(value)}`);
  return `{${pairs.sort().join(', ')}}`;
}

/** A text as a string of LogQL, or of a set of labels. */
export function quotedForLoki(text: string): string {
  return JSON.stringify(text.toWellFormed());
}
