import { RECORD_FIELDS } from '../call/record.js';

/** Most names that one answer lists, and the length at which each is cut. */
export const MAX_IGNORED_NAMES = 20;
export const MAX_IGNORED_LENGTH = 64;

const KNOWN: ReadonlySet<string> = new Set(RECORD_FIELDS);

/**
 * The fields of one request's records that nobody knows, such as `duration` for `duration_ms`. They don't
 * make a record wrong, since senders may be newer than the exporter, but a sender should hear of them.
 */
export class IgnoredFields {
  #names: Set<string> | null = null;

  /** Looks at the top-level keys of a record. Runs for each: some 70 ns with ten keys, all known. */
  see(record: object): void {
    for (const key in record) if (!KNOWN.has(key)) this.#add(key);
  }

  /** Looks at a usage in which nothing was recognised: then each of its fields was ignored. */
  seeUsage(usage: unknown): void {
    if (typeof usage !== 'object' || usage === null) return;
    for (const key in usage) this.#add(`usage.${key}`);
  }

  /** Distinct names in the order in which they came; null = none. */
  get names(): string[] | null {
    return this.#names === null ? null : [...this.#names];
  }

  #add(key: string): void {
    this.#names ??= new Set();
    if (this.#names.size >= MAX_IGNORED_NAMES) return;
    // A cut may leave half a character behind.
    this.#names.add(key.length > MAX_IGNORED_LENGTH ? key.slice(0, MAX_IGNORED_LENGTH).toWellFormed() : key);
  }
}
