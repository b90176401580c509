// A storm: 200 models of each of 3 workspaces fail at once, each beyond the thresholds of all levels of three rules. A contact gets a
// message for each workspace and rule, of the highest level, and no more while the alerts go on.
//
// How many keys call these models does not show: the rules look at models, so an alert has no label of a key.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertsOf, contactOf, ruleOf } from '../exporter/alerts/alertmanager/testdata/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../exporter/alerts/model/levels.js';
import { compiledForTest, TEMPLATE_FILES } from './alertmanager-files.js';
import { AlertmanagerProcess, type PostableAlert } from './harness/alertmanager-process.js';
import { until } from './harness/condition.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { WebhookReceiver } from './harness/webhook-receiver.js';

const WORKSPACES = ['team-a', 'team-b', 'team-c'];
const MODELS = Array.from({ length: 200 }, (_, index) => `model-${index}`);
/** By rule, the levels that its template has. */
const RULES: Readonly<Record<string, readonly AlertLevel[]>> = {
  'Failures high': ALERT_LEVELS,
  'First token slow': ['warning', 'error'],
  'Tokens odd': ['normal', 'warning'],
};
/** The highest of each. */
const HIGHEST: Readonly<Record<string, AlertLevel>> = {
  'Failures high': 'critical',
  'First token slow': 'error',
  'Tokens odd': 'warning',
};

/** What a message comes of, where nothing mutes. */
const groups = WORKSPACES.length * Object.values(RULES).flat().length;
const afterInhibition = WORKSPACES.length * Object.keys(RULES).length;

describe.runIf(hasPrograms('alertmanager'))('200 models fail at once', () => {
  let startsAt: Date;
  let receiver: WebhookReceiver;
  let alertmanager: AlertmanagerProcess;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    const contacts = ['chat', 'watch'].map((name) =>
      contactOf(name, 'normal', { type: 'webhook', url: `${receiver.url}/${name}`, tokenFile: null }),
    );
    const config = compiledForTest(
      alertsOf({
        contacts,
        rules: Object.keys(RULES).map((name) => ruleOf(name, ['chat'])),
        watchdogContact: 'watch',
      }),
      receiver.url,
      {
        // As compiled, but that the wait and the interval are some seconds at every level; the repeat stays above the test.
        timings: ({ receiver: name }) =>
          name === 'watchdog'
            ? { group_wait: '0s', group_interval: '1s', repeat_interval: '500ms' }
            : { group_wait: '8s', group_interval: '6s', repeat_interval: '1h' },
      },
    );
    alertmanager = await AlertmanagerProcess.start({ config, files: TEMPLATE_FILES });
    await alertmanager.post([{ labels: { alertname: 'Watchdog' } }]);
  });
  afterAll(() => receiver.close());

  it('a contact gets one message for each workspace and rule, and none while the same goes on', async () => {
    // Not before: what began longer ago than a group waits is told at once, before the rest has come.
    startsAt = new Date();
    const alerts = storm(startsAt);
    expect(alerts.length).toBe(200 * groups);
    await alertmanager.post(alerts);
    await until('the alerts to be told', () => toldAlerts('/chat') >= 200 * afterInhibition, { timeoutMs: 20_000 });
    const first = receiver.messages('/chat').length;

    // Prometheus sends what fires again and again; the Watchdog's calls tell how often Alertmanager has looked since.
    for (let round = 0; round < 2; round++) {
      await alertmanager.post(alerts);
      const calls = receiver.messages('/watch').length;
      await until('some rounds of Alertmanager', () => receiver.messages('/watch').length >= calls + 4, {
        timeoutMs: 15_000,
      });
    }
    const messages = receiver.messages('/chat');
    const history = receiver.messages('/notify/history');
    const largest = Math.max(...receiver.received.map(({ body }) => Buffer.byteLength(body)));
    console.info(
      `storm: ${alerts.length} alerts of ${MODELS.length} models in ${WORKSPACES.length} workspaces, posted 3 times: ` +
        `${messages.length} messages to the contact (bound ${groups} without muting), ${history.length} to the history, ` +
        `the largest of ${Math.round(largest / 1024)} KiB`,
    );
    // Numbers: a difference of whole messages would take minutes to print.
    expect([first, messages.length]).toEqual([afterInhibition, afterInhibition]);
    expect(history.length).toBeLessThanOrEqual(groups);
    for (const { groupLabels, alerts: told } of messages) {
      expect(groupLabels.level).toBe(HIGHEST[groupLabels.rule!]);
      expect(told.length).toBe(200);
    }
    expect(new Set(messages.map(({ groupKey }) => groupKey)).size).toBe(afterInhibition);
  }, 40_000);

  it('the lower levels are there, muted', async () => {
    const known = await alertmanager.alerts();
    const active = known.filter(({ status }) => status.state === 'active');
    expect(active.filter(({ labels }) => labels.rule !== undefined).length).toBe(200 * afterInhibition);
    const muted = known.filter(({ status }) => status.inhibitedBy.length > 0);
    expect(muted.length).toBe(200 * (groups - afterInhibition));
  });

  it('the end of all is told once for each group too', async () => {
    const before = receiver.messages('/chat').length;
    const ends = storm(startsAt).map((alert) => ({ ...alert, endsAt: new Date() }));
    await alertmanager.post(ends);
    const resolved = () => receiver.messages('/chat').filter(({ status }) => status === 'resolved');
    await until('the end', () => resolved().length === afterInhibition, { timeoutMs: 20_000 });
    const calls = receiver.messages('/watch').length;
    await until('some rounds of Alertmanager', () => receiver.messages('/watch').length >= calls + 4, {
      timeoutMs: 15_000,
    });
    expect(receiver.messages('/chat').length - before).toBe(afterInhibition);
  }, 40_000);

  function toldAlerts(path: string): number {
    return receiver.messages(path).reduce((sum, { alerts }) => sum + alerts.length, 0);
  }
});

/** As the rules of Prometheus send them: rule by rule, level by level. */
function storm(startsAt: Date): PostableAlert[] {
  return Object.entries(RULES).flatMap(([rule, levels]) =>
    levels.flatMap((level) =>
      WORKSPACES.flatMap((workspace) =>
        MODELS.map((model) => ({
          labels: { alertname: 'ModelX', rule, level, template: 'x', workspace_id: workspace, model },
          annotations: {
            summary: 'Something is wrong with a model.',
            description: `Something is 7.5 %, for model ${model} in workspace ${workspace}. ${level}: more than 5 %.`,
            value: '7.5 %',
            threshold: '5 %',
            runbook_url: 'https://docs.example.com/runbooks/x',
            dashboard_url: `https://grafana.example.com/d/model-monitor?var-workspace=${workspace}&var-model=${model}`,
            logs_url: `https://grafana.example.com/d/inference-logs?var-workspace=${workspace}&var-model=${model}`,
            silence_url: `https://alerts.example.com/#/silences/new?filter=%7Bworkspace_id%3D${workspace}%7D`,
          },
          startsAt,
        })),
      ),
    ),
  );
}
