import { parseTime } from '../call/timestamp.js';
import type { Line } from './lines.js';
import type { IdOf } from './record-ids.js';
import type { Timeline } from './timeline.js';
import { findTopLevelFields, type Span, type TopLevelFields } from './top-level-fields.js';

/** A record as it is sent, the same bytes each time. */
export interface OutgoingRecord {
  /** Line in the file. */
  line: number;
  bytes: Buffer;
  /** When it is to be sent, ms since the epoch; null = at once. */
  due: number | null;
}

export interface Outgoing {
  idOf: IdOf;
  /** Also where a record has an id. */
  replaceIds: boolean;
  /** null = times stay, and nothing waits. */
  timeline: Timeline | null;
}

/** A line as it is to be sent. What is not one JSON object goes as it is: the exporter says what is wrong with it. */
export function outgoingRecord(line: { number: number; bytes: Buffer }, outgoing: Outgoing): OutgoingRecord {
  const { number, bytes } = line;
  const fields = findTopLevelFields(bytes);
  if (fields === null) return { line: number, bytes, due: null };

  const edits: { span: Span; text: string }[] = [];
  const time = outgoing.timeline === null ? null : timeIn(bytes, fields);
  const moment = time === null ? null : outgoing.timeline!.moment(time);
  if (moment !== null && moment.time !== null && fields.time !== null) {
    edits.push({ span: fields.time, text: timeText(moment.time, bytes[fields.time.start] === 0x22) });
  }
  const id = idEdit(line, fields, outgoing);
  if (id !== null) edits.push(id);
  return { line: number, bytes: edited(bytes, edits), due: moment?.due ?? null };
}

/** The record's own time, ms since the epoch; null where it has none that can be read. */
export function timeOf({ bytes }: Line): number | null {
  if (bytes === null) return null;
  const fields = findTopLevelFields(bytes);
  return fields === null ? null : timeIn(bytes, fields);
}

function timeIn(bytes: Buffer, { time: span }: TopLevelFields): number | null {
  if (span === null) return null;
  try {
    const time = parseTime(JSON.parse(bytes.toString('utf8', span.start, span.end)));
    return Number.isNaN(time) ? null : time;
  } catch {
    return null;
  }
}

/** In the form that it had. A time beyond what a date can hold stays a number, and is refused as one. */
function timeText(time: number, asDate: boolean): string {
  return asDate && Math.abs(time) <= 8.64e15 ? JSON.stringify(new Date(time)) : String(time);
}

function idEdit(
  { number, bytes }: { number: number; bytes: Buffer },
  { id, close, empty }: TopLevelFields,
  { idOf, replaceIds }: Outgoing,
): { span: Span; text: string } | null {
  if (id === null) {
    // At the end, so that what the exporter says of a position in the record is true of the file.
    const text = `${empty ? '' : ','}"id":${JSON.stringify(idOf(number, bytes))}`;
    return { span: { start: close, end: close }, text };
  }
  const isNull = bytes.toString('latin1', id.start, Math.min(id.end, id.start + 5)) === 'null';
  return isNull || replaceIds ? { span: id, text: JSON.stringify(idOf(number, bytes)) } : null;
}

function edited(bytes: Buffer, edits: { span: Span; text: string }[]): Buffer {
  if (edits.length === 0) return bytes;
  edits.sort((a, b) => a.span.start - b.span.start);
  const parts: Buffer[] = [];
  let at = 0;
  for (const { span, text } of edits) {
    parts.push(bytes.subarray(at, span.start), Buffer.from(text));
    at = span.end;
  }
  parts.push(bytes.subarray(at));
  return Buffer.concat(parts);
}
