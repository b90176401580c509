import type { Notification } from '../../../call/notification.js';

export const START = '2026-11-24T03:24:41.870Z';
export const END = '2026-11-24T03:40:00Z';

export interface PostedAlert {
  status: 'firing' | 'resolved';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  startsAt: string;
  endsAt: string;
  generatorURL: string;
  fingerprint: string;
}

/** One alert as Alertmanager sends it to webhooks. */
export function postedAlert(given: Partial<PostedAlert> = {}): PostedAlert {
  const labels = {
    ...{ alertname: 'ModelSlowFirstToken', rule: 'slow first token', level: 'critical', template: 'first-token' },
    ...{ workspace_id: 'checkout', model: 'qwen-plus' },
  };
  const annotations = {
    ...{ summary: 'The first token takes too long.', description: 'p95 is 2.4 s.', value: '2.4 s', threshold: '2 s' },
    ...{ message: 'Call the model team.', dashboard_url: 'http://grafana/d/model?var-model=qwen-plus' },
    ...{ logs_url: 'http://grafana/d/logs', runbook_url: 'http://exporter:9490/runbooks/first-token' },
    ...{ silence_url: 'http://alertmanager/#/silences/new?filter={rule="slow first token"}' },
  };
  return {
    ...{ status: 'firing', labels, annotations, startsAt: START, endsAt: '0001-01-01T00:00:00Z', generatorURL: '' },
    fingerprint: 'a1b2c3d4e5f60718',
    ...given,
  };
}

/** What Alertmanager posts for a group of alerts, version 4. */
export function posted(alerts: readonly unknown[], given: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    version: '4',
    groupKey: '{}/{rule!=""}:{rule="slow first token"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'history',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager',
    alerts,
    ...given,
  };
}

/** The same as it is read. */
export function notificationOf(given: Partial<Notification> = {}): Notification {
  const { labels, annotations, fingerprint } = postedAlert();
  const startsAt = Date.parse(START);
  return { status: 'firing', startsAt, endsAt: null, fingerprint, labels, annotations, ...given };
}
