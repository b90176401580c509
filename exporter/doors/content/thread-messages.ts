import type { LogsSettings, RedactionSettings } from '../../config/settings.js';
import type { RecordLimits } from '../calls/body-records.js';
import type { RecordFormat } from '../calls/content-type.js';
import type { PreparedContent } from './prepared-content.js';

/** What a thread has to know to redact as intake does. */
export interface ContentSettings {
  logs: LogsSettings;
  redaction: RedactionSettings;
  /** Whether there is anywhere to send logs to; else content is dropped. */
  hasLoki: boolean;
  /** Keys the hashes that stand in for finds, 16 bytes or more. */
  hashKey: Uint8Array;
}

/** A body that a thread is to read. */
export interface BodyJob {
  body: SharedArrayBuffer;
  format: RecordFormat;
  limits: RecordLimits;
  /** The one workspace that the caller may write to; null = any. */
  workspace: string | null;
  idempotencyKey: string | null;
}

/** One record as a thread has read it. */
export interface ThreadRecord {
  /** Line in an NDJSON body, from 1. */
  line: number | null;
  /** Why it is refused unread. */
  problem: { field: string; message: string } | null;
  /** The record without its content. */
  raw: unknown;
  /** The content that stood in it; null = there was none. */
  prepared: PreparedContent | null;
}

export type ThreadMessage =
  | { kind: 'records'; records: readonly ThreadRecord[] }
  /** The last of a body; with a problem, nothing of the body can be taken. */
  | { kind: 'end'; problem: { name: string; detail: string } | null };
