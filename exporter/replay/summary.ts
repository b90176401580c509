import { counted, grouped, overallRate } from './figures.js';
import type { StopReason } from './stop.js';
import type { RejectedRecord, Tally } from './tally.js';

/** What a replay came to. */
export interface Outcome {
  /** The input as it is shown. */
  name: string;
  tally: Tally;
  seconds: number;
  /** Why it ended early; null = it did not. */
  stopped: StopReason | null;
  /** Another replay of the same file would make other ids. */
  newIds: boolean;
}

/** For people. */
export function summaryText({ name, tally, seconds, newIds }: Outcome): string {
  const rows: [label: string, count: number, note: string][] = [
    ['accepted', tally.accepted, ''],
    ['duplicates', tally.duplicates, duplicatesNote(tally)],
    ['late', tally.late, tally.late > 0 ? 'of the accepted: ended longer ago than calls.late_after' : ''],
    ['rejected', tally.rejected, ''],
    ['retries', tally.retries, ''],
  ];
  if (tally.unconfirmed > 0) rows.splice(-1, 0, ['unconfirmed', tally.unconfirmed, unconfirmedNote(tally)]);
  const labelWidth = Math.max(...rows.map(([label]) => label.length));
  const width = Math.max(...rows.map(([, count]) => grouped(count).length));
  const table = rows.map(([label, count, note]) =>
    `  ${label.padEnd(labelWidth)}  ${grouped(count).padStart(width)}  ${note}`.trimEnd(),
  );
  const rate = grouped(overallRate(tally, seconds));
  const head = `${name}: ${counted(tally.read, 'record')} in ${seconds.toFixed(1)} s (${rate}/s)`;
  return `${[head, ...table].join('\n')}\n${tally.unconfirmed > 0 ? again(newIds) : ''}`;
}

/** For machines: one line of JSON. */
export function summaryJson({ name, tally, seconds, stopped }: Outcome): string {
  const { read, accepted, duplicates, duplicatesSentAgain, late, rejected, unconfirmed, retries } = tally;
  return `${JSON.stringify({
    input: name,
    records: read,
    accepted,
    duplicates,
    duplicates_sent_again: duplicatesSentAgain,
    late,
    rejected,
    unconfirmed,
    retries,
    seconds: Math.round(seconds * 1000) / 1000,
    stopped: stopped === null ? null : stopped.kind === 'signal' ? stopped.signal : stopped.message,
    rejections: tally.rejections,
    ignored: [...tally.ignored],
  })}\n`;
}

/** `calls.ndjson:17  model: is missing`. */
export function rejectionText(name: string, { line, field, message }: RejectedRecord): string {
  return `${name}:${line}  ${field === '' ? '' : `${field}: `}${message}`;
}

/**
 * What is to be said of the rejections that were not told in full, of all of them, and of fields without effect;
 * null = nothing.
 * @param rebased the times were moved already
 */
export function remarks(tally: Tally, rebased: boolean): string | null {
  const sentences: string[] = [];
  const others = [...tally.otherRejections].sort(([, a], [, b]) => b - a);
  if (others.length > 0) {
    const more = others.reduce((sum, [, count]) => sum + count, 0);
    const fields = others.map(([field, count]) => `${grouped(count)} for ${fieldName(field)}`).join(', ');
    sentences.push(`and ${grouped(more)} more rejected: ${fields}`);
  }
  if (!rebased && tally.rejections.some(({ field, message }) => field === 'time' && message.includes('30 days ago'))) {
    sentences.push('Calls that are too old can be taken as recent ones: --rebase now moves all times together.');
  }
  const nothingFits =
    tally.rejected > 0 && tally.rejected === tally.read && tally.rejections.every((r) => r.field === '');
  if (nothingFits) {
    sentences.push('No line is a call record. Expected is NDJSON, one JSON object a line.');
  }
  if (tally.ignored.size > 0) {
    sentences.push(`Fields that no call record has were ignored: ${[...tally.ignored].join(', ')}.`);
  }
  return sentences.length === 0 ? null : sentences.join('\n');
}

function fieldName(field: string): string {
  if (field === '') return 'the record as a whole';
  return field === '…' ? 'other fields' : field;
}

function duplicatesNote({ duplicatesSentAgain: again }: Tally): string {
  return again === 0 ? '' : `${grouped(again)} of them in requests sent again, whose first answer was lost`;
}

function unconfirmedNote({ unconfirmedFrom, unconfirmedTo }: Tally): string {
  const lines =
    unconfirmedFrom === unconfirmedTo
      ? `line ${grouped(unconfirmedFrom)}`
      : `lines ${grouped(unconfirmedFrom)} to ${grouped(unconfirmedTo)}`;
  return `not sent, or sent and not answered: ${lines}`;
}

function again(newIds: boolean): string {
  return newIds
    ? 'With --new-ids the same command would count again what was accepted.\n'
    : 'Run the same command again for the rest: what was taken is not counted twice.\n';
}
