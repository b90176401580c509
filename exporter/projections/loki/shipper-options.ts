import type { FrameReader } from '../../spool/cursors/frame-reader.js';
import type { LogEntry } from './entry.js';
import type { ModelLabels } from './model-labels.js';
import type { Clock } from './push/clock.js';
import type { PushOutcome } from './push/delivery.js';

export interface ShipperOptions {
  reader: Pick<FrameReader, 'read' | 'wait' | 'advance'>;
  push: (tenant: string, entries: readonly LogEntry[], signal: AbortSignal) => Promise<PushOutcome>;
  labels: ModelLabels;
  /** Makes what `labels` has chosen durable. */
  saveLabels: () => Promise<void>;
  tenantOf: (workspace: string) => string;
  /** Makes an entry a dead letter that waited for a stream for too long; returns when it is durable. */
  bury: (entry: LogEntry, tenant: string, reason: string) => Promise<void>;
  observer: ShipperObserver;
  clock: Clock;
  /** From 0 to 1. */
  random: () => number;
  /** Most bytes of entries in memory that are not stored yet; a little more for what is read at once. */
  outstandingBytes?: number;
}

export interface ShipperObserver {
  /** A frame that this version cannot read was passed over. */
  unreadable(sequence: number): void;
  /** What is in the way, with what to do. */
  trouble(text: string, waitMs: number, tenant: string): void;
  /** Some streams of a tenant wait, for this reason, and the others go on; null = none waits any more. */
  parked(text: string | null, tenant: string): void;
}
