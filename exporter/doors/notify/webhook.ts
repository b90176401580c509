import { boundLabelValue } from '../../call/label-value.js';
import type { Notification } from '../../call/notification.js';
import { parseTime } from '../../call/timestamp.js';
import { HttpProblem } from '../../http/problems.js';

/** One notification of Alertmanager: a group of alerts. */
export interface Webhook {
  /** What Alertmanager tells the group by. */
  readonly groupKey: string;
  readonly alerts: readonly Notification[];
  /** Alerts of the group that Alertmanager left out. */
  readonly truncated: number;
}

/** Longest annotation that is kept, in UTF-16 units: an alert's line stays one that Loki takes. */
const MAX_ANNOTATION_LENGTH = 2000;
const MAX_NAME_LENGTH = 100;
/** More than any alert of ours has. Beyond, labels are left out, those of the contract last. */
const MAX_LABELS = 40;
const MAX_ANNOTATIONS = 20;
const MAX_GROUP_KEY_LENGTH = 10_000;
/** Year 1, as Go writes a time that nobody has set. */
const UNSET = Date.parse('0001-01-02T00:00:00Z');

/** Labels and annotations that are kept before all others. */
const CONTRACT = new Set([
  ...['alertname', 'rule', 'level', 'template', 'workspace_id', 'model'],
  ...['summary', 'description', 'value', 'threshold', 'message'],
  ...['runbook_url', 'dashboard_url', 'logs_url', 'silence_url'],
]);

/**
 * Reads the JSON that Alertmanager sends to webhooks, version 4. Texts come out bounded and well-formed.
 * @param maxAlerts more are refused
 * @throws HttpProblem 400 `malformed-notification`, 413
 */
export function readWebhook(body: Uint8Array, maxAlerts: number): Webhook {
  const payload = parse(body);
  if (!isObject(payload)) throw malformed('The body is no JSON object.');
  if (payload.version !== '4') throw malformed('version is not "4".');
  const { alerts, groupKey, truncatedAlerts } = payload;
  if (!Array.isArray(alerts) || alerts.length === 0) throw malformed('alerts is no list of at least one alert.');
  if (alerts.length > maxAlerts) {
    throw new HttpProblem(
      'body-too-large',
      `The notification holds more than limits.batch_records (${maxAlerts}) alerts. Set max_alerts of the webhook in Alertmanager.`,
    );
  }
  if (groupKey !== undefined && typeof groupKey !== 'string') throw malformed('groupKey is no text.');
  return {
    groupKey: (groupKey ?? '').slice(0, MAX_GROUP_KEY_LENGTH),
    alerts: alerts.map((alert, index) => readAlert(alert, `alerts[${index}]`)),
    truncated: typeof truncatedAlerts === 'number' && truncatedAlerts > 0 ? Math.floor(truncatedAlerts) : 0,
  };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    // The engine's words may quote what it could not read, which is the sender's own.
    throw malformed(
      error instanceof SyntaxError ? `The body is not valid JSON: ${error.message}.` : 'The body is not UTF-8.',
    );
  }
}

function readAlert(alert: unknown, at: string): Notification {
  if (!isObject(alert)) throw malformed(`${at} is no object.`);
  const { status, fingerprint } = alert;
  if (status !== 'firing' && status !== 'resolved') throw malformed(`${at}.status is neither firing nor resolved.`);
  if (fingerprint !== undefined && typeof fingerprint !== 'string') throw malformed(`${at}.fingerprint is no text.`);
  const startsAt = timeOf(alert.startsAt);
  if (startsAt === null) throw malformed(`${at}.startsAt is no RFC 3339 time.`);
  const labels = readTexts(alert.labels, `${at}.labels`, MAX_LABELS, boundLabelValue);
  if (Object.keys(labels).length === 0) throw malformed(`${at}.labels is empty.`);
  const annotations = readTexts(alert.annotations ?? {}, `${at}.annotations`, MAX_ANNOTATIONS, boundAnnotation);
  const endsAt = timeOf(alert.endsAt);
  if (status === 'resolved' && endsAt === null) throw malformed(`${at}.endsAt is no RFC 3339 time.`);
  return {
    status,
    startsAt,
    endsAt: status === 'resolved' ? endsAt : null,
    fingerprint: (fingerprint ?? '').slice(0, MAX_NAME_LENGTH).toWellFormed(),
    labels,
    annotations,
  };
}

/** @returns null for what is no time, or one that nobody has set */
function timeOf(value: unknown): number | null {
  const time = typeof value === 'string' ? parseTime(value) : Number.NaN;
  return Number.isNaN(time) || time < UNSET ? null : time;
}

function readTexts(
  value: unknown,
  at: string,
  most: number,
  bound: (text: string) => string,
): Readonly<Record<string, string>> {
  if (!isObject(value)) throw malformed(`${at} is no object.`);
  const entries = Object.entries(value).map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw malformed(`${at} holds something that is no text.`);
    return [name, text];
  });
  const fitting = entries.filter(([name]) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) && name.length <= MAX_NAME_LENGTH);
  const ordered = [
    ...fitting.filter(([name]) => CONTRACT.has(name)),
    ...fitting.filter(([name]) => !CONTRACT.has(name)),
  ];
  return Object.fromEntries(ordered.slice(0, most).map(([name, text]) => [name, bound(text.toWellFormed())]));
}

function boundAnnotation(text: string): string {
  return text.length <= MAX_ANNOTATION_LENGTH ? text : `${text.slice(0, MAX_ANNOTATION_LENGTH - 1).toWellFormed()}…`;
}

function malformed(detail: string): HttpProblem {
  return new HttpProblem('malformed-notification', detail);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
