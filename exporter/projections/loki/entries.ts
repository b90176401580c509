import type { Call } from '../../call/call.js';
import { callHead } from './call-head.js';
import { callMetadata } from './call-metadata.js';
import { cutText } from './cut-text.js';
import type { LogEntry } from './entry.js';
import { entryTime } from './entry-time.js';
import { labelText } from './label-text.js';
import { PART_BYTES, PREVIEW_BYTES } from './sizes.js';

/** The logs of a call, as the label `log` names them. */
export const LOGS = ['audit', 'inference', 'inference_part'] as const;
export type Log = (typeof LOGS)[number];

/** A call as it stands in the spool. */
export interface LoggedCall {
  readonly call: Call;
  /** When its record arrived, ms since the epoch. */
  readonly arrivalMs: number;
  /** `{"request":…,"response":…}` as JSON, already redacted; null where no content is kept. */
  readonly content: string | null;
  /** The model as the label says it: the call's own, or what it was folded into. */
  readonly modelLabel: string;
}

/**
 * The entries of one call, oldest first: its audit log, and its inference log where its content is kept, or was to be kept and
 * was withheld. Content that is too long for one line goes to parts, 1 ns apart, and the inference entry then shows its beginning
 * and says how many there are.
 */
export function entriesOf(logged: LoggedCall): LogEntry[] {
  const { call, content } = logged;
  const head = callHead(call);
  const { timestampNs, isArrival } = entryTime(call, logged.arrivalMs);
  const metadata = callMetadata(call, logged.modelLabel, isArrival);
  const entry = (
    log: Log,
    line: string,
    at = timestampNs,
    more: readonly (readonly [string, string])[] = [],
  ): LogEntry => ({
    labels: {
      log,
      model: labelText(logged.modelLabel),
      outcome: call.outcome,
      service_name: 'model-observation',
      workspace_id: labelText(call.workspace),
    },
    timestampNs: at,
    line,
    metadata: more.length === 0 ? metadata : [...metadata, ...more].sort(([a], [b]) => (a < b ? -1 : 1)),
  });

  const entries = [entry('audit', JSON.stringify(head))];
  if (content === null) {
    const isWithheld = call.logs === 'inference' && call.withheld !== '';
    return isWithheld ? [...entries, entry('inference', JSON.stringify(head))] : entries;
  }
  const opened = JSON.stringify(head).slice(0, -1);
  const whole = content === '{}' ? `${opened}}` : `${opened},${content.slice(1)}`;
  if (Buffer.byteLength(whole) <= PART_BYTES) return [...entries, entry('inference', whole)];

  const parts = [...cutText(content, PART_BYTES)];
  const [preview = ''] = cutText(content, PREVIEW_BYTES);
  const first = { ...head, parts: parts.length, content_bytes: Buffer.byteLength(content), preview };
  entries.push(entry('inference', JSON.stringify(first)));
  parts.forEach((part, index) => {
    const place = [
      ['part', String(index + 1)],
      ['parts', String(parts.length)],
    ] as const;
    entries.push(entry('inference_part', part, timestampNs + BigInt(index + 1), place));
  });
  return entries;
}
