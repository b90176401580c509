import type { DoorObserver } from '../doors/calls/calls-door.js';
import type { Receipt } from '../doors/intake.js';
import type { Logger } from './log.js';
import type { OwnMetrics } from './own-metrics.js';

/** Every field of a record stands in the catalogue; paths into one, such as `usage.prompt_tokens`, count for it. */
function fieldOf(path: string): string {
  const end = path.search(/[.[]/);
  return end === -1 ? path : path.slice(0, end);
}

/** Turns what happens at the doors into metrics and log lines. */
export function doorTelemetry(own: OwnMetrics, log: Logger, knownFields: ReadonlySet<string>): DoorObserver {
  return {
    received: (door, bytes) => own.receivedBytes.inc({ door }, bytes),
    answered: (door, status) => own.requests.inc({ door, code: status }),
    took(door, receipt: Receipt) {
      if (receipt.accepted > 0) own.records.inc({ door, answer: 'accepted' }, receipt.accepted);
      if (receipt.duplicates > 0) own.records.inc({ door, answer: 'duplicate' }, receipt.duplicates);
      if (receipt.rejected.length === 0) return;
      own.records.inc({ door, answer: 'rejected' }, receipt.rejected.length);
      for (const { field } of receipt.rejected) {
        // A key that stands twice may be any word of the client's: it must not become a label.
        const known = fieldOf(field);
        own.rejectedRecords.inc({ door, field: knownFields.has(known) ? known : '' });
      }
    },
    unavailable: (door, records) => own.records.inc({ door, answer: 'unavailable' }, records),
    failed: (door, error) => log.error({ door, err: error }, 'A request failed inside the exporter'),
  };
}
