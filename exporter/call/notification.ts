/** What Alertmanager said of one alert: that it fires, or that it has ended. */
export interface Notification {
  readonly status: 'firing' | 'resolved';
  /** ms since the epoch. */
  readonly startsAt: number;
  /** ms since the epoch; null while it fires. */
  readonly endsAt: number | null;
  /** Alertmanager's hash of the labels; empty = it sent none. */
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** What stands for a workspace or a model where an alert is of all of them. */
export const EVERY = '*';

/** The meta of a notification's frame. Fields may be added, none may change its meaning. */
interface Meta {
  status: string;
  starts_at: number;
  ends_at?: number;
  fingerprint?: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

/** The meta of a notification's frame, as JSON. */
export function encodeNotification(notification: Notification): string {
  const { status, startsAt, endsAt, fingerprint, labels, annotations } = notification;
  const meta: Meta = {
    status,
    starts_at: startsAt,
    ...(endsAt !== null && { ends_at: endsAt }),
    ...(fingerprint !== '' && { fingerprint }),
    labels,
    annotations,
  };
  return JSON.stringify(meta);
}

/**
 * The notification that `encodeNotification` wrote.
 * @throws SyntaxError, RangeError on anything else
 */
export function decodeNotification(json: string): Notification {
  const meta = JSON.parse(json) as Partial<Meta>;
  const { status, starts_at: startsAt, labels, annotations } = meta;
  if (status !== 'firing' && status !== 'resolved')
    throw new RangeError('A notification is neither firing nor resolved');
  if (typeof startsAt !== 'number' || labels === undefined || annotations === undefined) {
    throw new RangeError('A notification lacks its start, labels or annotations');
  }
  return { status, startsAt, endsAt: meta.ends_at ?? null, fingerprint: meta.fingerprint ?? '', labels, annotations };
}
