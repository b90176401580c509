import { expect, test } from 'vitest';
import { decodeNotification, encodeNotification, type Notification } from '../../call/notification.js';
import { FRAME_KINDS } from '../../spool/frame.js';
import { alertEntry } from './alert-entry.js';
import { frameEntries } from './frame-entries.js';
import { ModelLabels } from './model-labels.js';

const START = Date.UTC(2026, 10, 24, 3, 24, 41, 870);
const MINUTE = 60_000;
const firing: Notification = {
  status: 'firing',
  startsAt: START,
  endsAt: null,
  fingerprint: 'a1b2',
  labels: {
    ...{ alertname: 'ModelSlow', rule: 'slow', level: 'critical', template: 'first-token' },
    ...{ workspace_id: 'checkout', model: 'qwen-plus', team: 'a' },
  },
  annotations: { summary: 'Too slow.', value: '2.4 s', threshold: '2 s', logs_url: 'http://grafana/logs' },
};
const resolved: Notification = { ...firing, status: 'resolved', endsAt: START + 10 * MINUTE };

function frame(notification: Notification, arrival = START + MINUTE) {
  const meta = encodeNotification(notification);
  return { sequence: 1, kind: FRAME_KINDS.notification, arrival, meta, content: null, isContentDamaged: false };
}
const entryOf = (notification: Notification, arrival?: number, labels = new ModelLabels()) =>
  frameEntries(frame(notification, arrival), labels)!.entries[0]!;

test.each([firing, resolved])('what is written to the spool is read back', (notification) => {
  expect(decodeNotification(encodeNotification(notification))).toEqual(notification);
});

test.each(['{}', '{"status":"x"}', '{"status":"firing","starts_at":"1"}', 'null', '{'])(
  '%s is no notification',
  (meta) => {
    expect(() => decodeNotification(meta)).toThrow();
  },
);

test('an alert that fires stands at its start, with a readable head', () => {
  const entry = entryOf(firing);
  expect(entry.labels).toEqual({
    log: 'alerts',
    model: 'qwen-plus',
    service_name: 'model-observation',
    workspace_id: 'checkout',
  });
  expect(entry.timestampNs).toBe(BigInt(START) * 1_000_000n);
  expect(Object.entries(JSON.parse(entry.line))).toEqual(
    Object.entries({
      status: 'firing',
      level: 'critical',
      rule: 'slow',
      workspace_id: 'checkout',
      model: 'qwen-plus',
      value: '2.4 s',
      threshold: '2 s',
      summary: 'Too slow.',
      starts_at: '2026-11-24T03:24:41.870Z',
      logs_url: 'http://grafana/logs',
      template: 'first-token',
      alertname: 'ModelSlow',
      fingerprint: 'a1b2',
      labels: { team: 'a' },
    }),
  );
  expect(entry.metadata).toEqual([
    ['alertname', 'ModelSlow'],
    ['fingerprint', 'a1b2'],
    ['level', 'critical'],
    ['rule', 'slow'],
    ['starts_at', '2026-11-24T03:24:41.870Z'],
    ['status', 'firing'],
    ['template', 'first-token'],
  ]);
});

test('one that has ended stands at its end; too long before its arrival, at that', () => {
  expect(entryOf(resolved, START + 11 * MINUTE).timestampNs).toBe(BigInt(START + 10 * MINUTE) * 1_000_000n);
  const late = entryOf(resolved, START + 50 * MINUTE);
  expect(late.timestampNs).toBe(BigInt(START + 50 * MINUTE) * 1_000_000n);
  expect(Object.fromEntries(late.metadata)).toMatchObject({ ends_at: '2026-11-24T03:34:41.870Z', status: 'resolved' });
});

test('of the whole account and all models it is `*`, which takes no place among the models', () => {
  const labels = new ModelLabels({}, 1);
  const every = { ...firing, labels: { alertname: 'ModelObservationExporterDown' } };
  expect(entryOf(every, undefined, labels).labels).toMatchObject({ model: '*', workspace_id: '*' });
  expect(Object.fromEntries(entryOf(every).metadata).rule).toBe('ModelObservationExporterDown');
  expect(entryOf({ ...firing, labels: { ...firing.labels, workspace_id: '*' } }, undefined, labels).labels.model).toBe(
    'qwen-plus',
  );
  expect(entryOf({ ...every, labels: { workspace_id: '*', model: '*' } }, undefined, labels).labels.model).toBe('*');
});

test('a model that is folded has its name in the metadata', () => {
  const entry = alertEntry({ notification: firing, arrivalMs: START, modelLabel: '__overflow__' });
  expect(entry.labels.model).toBe('__overflow__');
  expect(Object.fromEntries(entry.metadata).model_name).toBe('qwen-plus');
});

test('the largest alert is a line that Loki takes', () => {
  const text = (length: number) => '\u0001'.repeat(length);
  const notification: Notification = {
    ...firing,
    labels: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`l${index}${'x'.repeat(95)}`, text(200)])),
    annotations: Object.fromEntries(
      [
        'value',
        'threshold',
        'summary',
        'description',
        'message',
        'dashboard_url',
        'logs_url',
        'runbook_url',
        'silence_url',
      ].map((name) => [name, text(2000)]),
    ),
  };
  expect(Buffer.byteLength(entryOf(notification).line)).toBeLessThan(256 * 1024);
});
