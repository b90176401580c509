import type { Call } from '../../call/call.js';
import { decodeMeta } from '../../call/meta.js';
import { decodeNotification, EVERY } from '../../call/notification.js';
import type { SpoolFrame } from '../../spool/cursors/frame-reader.js';
import { FRAME_KINDS } from '../../spool/frame.js';
import { alertEntry, modelOf, workspaceOf } from './alert-entry.js';
import { entriesOf } from './entries.js';
import type { LogEntry } from './entry.js';
import type { ModelLabels } from './model-labels.js';

/** What a frame says to the logs. */
export interface FrameEntries {
  readonly workspace: string;
  readonly model: string;
  /** None where its workspace has no logs. */
  readonly entries: readonly LogEntry[];
}

/** What `withheld` says where the content was there and is damaged. */
const DAMAGED = 'damaged';

/**
 * Makes a frame's entries.
 * @returns null for a frame of another kind
 * @throws on meta that is none; the error's message may quote it
 */
export function frameEntries(frame: SpoolFrame, labels: ModelLabels): FrameEntries | null {
  if (frame.kind === FRAME_KINDS.notification) return alertEntries(frame, labels);
  if (frame.kind !== FRAME_KINDS.call) return null;
  const decoded = decodeMeta(frame.meta);
  const { workspace, model, logs } = decoded;
  if (logs === 'none') return { workspace, model, entries: [] };
  const call: Call = frame.isContentDamaged ? { ...decoded, withheld: DAMAGED } : decoded;
  const content = logs === 'inference' && frame.content !== null ? frame.content.toString('utf8') : null;
  const modelLabel = labels.labelFor(workspace, model);
  return { workspace, model, entries: entriesOf({ call, arrivalMs: frame.arrival, content, modelLabel }) };
}

function alertEntries(frame: SpoolFrame, labels: ModelLabels): FrameEntries {
  const notification = decodeNotification(frame.meta);
  const [workspace, model] = [workspaceOf(notification), modelOf(notification)];
  // No model's name, so it takes no model's place.
  const modelLabel = model === EVERY ? EVERY : labels.labelFor(workspace, model);
  return { workspace, model, entries: [alertEntry({ notification, arrivalMs: frame.arrival, modelLabel })] };
}
