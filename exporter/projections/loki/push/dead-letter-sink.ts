import type { LogEntry } from '../entry.js';

/** Where an entry goes that Loki refuses for good. */
export interface DeadLetterSink {
  /**
   * Returns when the entry is durable. The same entry may come twice, after a crash: it is kept once.
   * @param reason Loki's message to the letter
   * @throws what the file system says; the entry is then brought again
   */
  add(entry: LogEntry, tenant: string, reason: string): Promise<void>;
}
