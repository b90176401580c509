import { EVERY, type Notification } from '../../call/notification.js';
import type { LogEntry } from './entry.js';
import { type EntryTime, momentTime } from './entry-time.js';
import { labelText } from './label-text.js';

/** The log of alerts, as the label `log` names it: an entry for each start and each end. */
export const ALERTS_LOG = 'alerts';

/** A notification as it stands in the spool. */
export interface LoggedAlert {
  readonly notification: Notification;
  /** When it arrived, ms since the epoch. */
  readonly arrivalMs: number;
  /** The model as the label says it. */
  readonly modelLabel: string;
}

/** Labels of an alert that have a place of their own in its line. */
const HEAD_LABELS = new Set(['alertname', 'level', 'model', 'rule', 'template', 'workspace_id']);

/** Whose the alert is: `*` = the whole account, or not of one workspace. */
export function workspaceOf({ labels }: Notification): string {
  return labels.workspace_id || EVERY;
}

/** `*` = all models, or not of one. */
export function modelOf({ labels }: Notification): string {
  return labels.model || EVERY;
}

/** The entry of an alert that began, or has ended: at that moment, or at its arrival by the rules of calls. */
export function alertEntry({ notification, arrivalMs, modelLabel }: LoggedAlert): LogEntry {
  const { status, startsAt, endsAt } = notification;
  const time = momentTime(BigInt(status === 'resolved' && endsAt !== null ? endsAt : startsAt) * 1000n, arrivalMs);
  return {
    labels: {
      log: ALERTS_LOG,
      model: labelText(modelLabel),
      service_name: 'model-observation',
      workspace_id: labelText(workspaceOf(notification)),
    },
    timestampNs: time.timestampNs,
    line: JSON.stringify(headOf(notification)),
    metadata: metadataOf(notification, modelLabel, time),
  };
}

/** What a person looks for first; what is empty is left out. */
function headOf(notification: Notification): Readonly<Record<string, unknown>> {
  const { status, startsAt, endsAt, fingerprint, labels, annotations } = notification;
  const others = Object.entries(labels).filter(([name]) => !HEAD_LABELS.has(name));
  const head = {
    status,
    level: labels.level,
    rule: labels.rule ?? labels.alertname,
    workspace_id: workspaceOf(notification),
    model: modelOf(notification),
    value: annotations.value,
    threshold: annotations.threshold,
    summary: annotations.summary,
    description: annotations.description,
    message: annotations.message,
    starts_at: timeText(startsAt),
    ends_at: endsAt === null ? undefined : timeText(endsAt),
    dashboard_url: annotations.dashboard_url,
    logs_url: annotations.logs_url,
    runbook_url: annotations.runbook_url,
    silence_url: annotations.silence_url,
    template: labels.template,
    alertname: labels.alertname,
    fingerprint,
  };
  const kept = Object.entries(head).filter(([, value]) => value !== undefined && value !== '');
  return { ...Object.fromEntries(kept), ...(others.length > 0 && { labels: Object.fromEntries(others) }) };
}

/** Sorted by name. */
function metadataOf(
  notification: Notification,
  modelLabel: string,
  { isArrival }: EntryTime,
): readonly (readonly [string, string])[] {
  const { status, startsAt, endsAt, fingerprint, labels } = notification;
  const model = modelOf(notification);
  const values: Readonly<Record<string, string | undefined>> = {
    alertname: labels.alertname,
    ends_at: endsAt === null || !isArrival ? undefined : timeText(endsAt),
    fingerprint,
    level: labels.level,
    model_name: labelText(modelLabel) === model ? undefined : model,
    rule: labels.rule ?? labels.alertname,
    starts_at: timeText(startsAt),
    status,
    template: labels.template,
  };
  return Object.entries(values)
    .filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '')
    .map(([name, value]) => [name, value.toWellFormed()] as const);
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
