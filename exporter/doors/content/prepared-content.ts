import type { ContentMode } from '../../call/content-policy.js';
import type { RawRecord } from '../../call/record.js';
import { WITHHELD_REASONS } from '../../redaction/work.js';
import type { Redactors } from './redactors.js';

/** What became of the request and response of one record: nothing of them is left but this. */
export interface PreparedContent {
  /** The mode by which they were redacted; null = they were not looked at. */
  readonly mode: ContentMode | null;
  /** `{"request":…,"response":…}` as JSON in UTF-8, redacted; null = withheld. */
  readonly bytes: Uint8Array | null;
  /** Why they were withheld; empty = they were not. */
  readonly withheld: string;
  /** What was replaced, by name of detector or pattern. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Content that nobody could redact. */
export const UNPREPARED: PreparedContent = { mode: null, bytes: null, withheld: WITHHELD_REASONS.failed, counts: {} };

/** Whether a record brings content. */
export function holdsContent({ request, response }: RawRecord): boolean {
  return (request !== undefined && request !== null) || (response !== undefined && response !== null);
}

/** Redacts the content of a record. Never throws: what cannot be redacted is withheld. */
export function prepareContent(raw: RawRecord, mode: 'masked' | 'full', redactors: Redactors): PreparedContent {
  const content: { request?: unknown; response?: unknown } = {};
  if (raw.request !== undefined && raw.request !== null) content.request = raw.request;
  if (raw.response !== undefined && raw.response !== null) content.response = raw.response;
  try {
    const redacted = redactors[mode].redactContent(content);
    if ('withheld' in redacted) return { mode, bytes: null, withheld: redacted.withheld, counts: {} };
    return { mode, bytes: bytesOf(JSON.stringify(redacted.value)), withheld: '', counts: redacted.counts };
  } catch {
    // Such as a text that is longer than a string can be. Nothing of the error is kept: content may stand in it.
    return { ...UNPREPARED, mode };
  }
}

/** Not from the pool that small buffers share: these bytes may be handed over to another thread. */
function bytesOf(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
