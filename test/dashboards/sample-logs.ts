import type { Notification } from '../../exporter/call/notification.js';
import { alertEntry } from '../../exporter/projections/loki/alert-entry.js';
import { entriesOf } from '../../exporter/projections/loki/entries.js';
import type { LogEntry } from '../../exporter/projections/loki/entry.js';
import type { TestStream } from '../harness/loki/push-encoding.js';
import { MODELS, sampleTraffic } from './sample-traffic.js';

/** One call among the sample logs, with content that is too long for one line. */
export const ONE_CALL = 'chatcmpl-sample';
/** One call in so many of the sample traffic is logged: there is one of each kind among them. */
const ONE_IN = 7;
const MINUTE = 60_000;

/** All logs of the sample traffic from a moment to another, with alerts that began and ended; ms since the epoch. */
export function sampleLogs(from: number, to: number): TestStream[] {
  const calls = sampleTraffic(from, to - MINUTE).filter((_, index) => index % ONE_IN === 0);
  const entries = calls.flatMap(({ at, call }, index) => {
    const isLong = index === 0;
    const messages = [{ role: 'user', content: isLong ? 'Say it again. '.repeat(20_000) : 'Say it.' }];
    const content = JSON.stringify({ request: { messages }, response: { content: 'It.' } });
    const id = isLong ? ONE_CALL : `chatcmpl-${index}`;
    // Among the sample traffic none is slow.
    const durationUs = index % 10 === 0 ? 90_000_000 : call.durationUs;
    return entriesOf({ call: { ...call, id, durationUs }, arrivalMs: at, content, modelLabel: call.model });
  });
  return streams([...entries, ...alertsOf(from, to)]);
}

function alertsOf(from: number, to: number): LogEntry[] {
  return MODELS.flatMap((model, index) => {
    const began: Notification = {
      status: 'firing',
      startsAt: from + (index + 1) * MINUTE,
      endsAt: null,
      fingerprint: `a${index}`,
      labels: {
        ...{ alertname: 'FailureRate', rule: 'failure-rate', template: 'failure-rate', level: 'critical' },
        ...{ workspace_id: 'checkout', model },
      },
      annotations: { summary: 'Too many calls fail.', value: '12 %', threshold: '10 %', message: 'Look at the log.' },
    };
    const ended: Notification = { ...began, status: 'resolved', endsAt: to - MINUTE };
    return [began, ended].map((notification) => alertEntry({ notification, arrivalMs: to, modelLabel: model }));
  });
}

/** Entries as they are pushed; Loki puts those with the same labels together. */
function streams(entries: readonly LogEntry[]): TestStream[] {
  return entries.map(({ labels, timestampNs, line, metadata }) => ({
    labels,
    entries: [{ timestampNs, line, metadata: Object.fromEntries(metadata) }],
  }));
}
