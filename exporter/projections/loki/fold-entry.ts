import { OVERFLOW } from '../../call/label-value.js';
import type { LogEntry } from './entry.js';

/** An entry as it would have been made, had its model had no label: the true name stands in the metadata. */
export function folded(entry: LogEntry, model: string): LogEntry {
  const metadata = [...entry.metadata, ['model_name', model.toWellFormed()] as const];
  return {
    ...entry,
    labels: { ...entry.labels, model: OVERFLOW },
    metadata: metadata.sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}
