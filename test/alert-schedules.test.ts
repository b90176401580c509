// A schedule in a real Alertmanager: what fires outside it is not told, but the history has it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertsOf, contactOf, ruleOf, scheduleOf } from '../exporter/alerts/alertmanager/testdata/alerts.js';
import { isActive } from '../exporter/alerts/alertmanager/testdata/schedule-evaluator.js';
import { WEEKDAYS } from '../exporter/alerts/model/alerts.js';
import { compiledForTest, TEMPLATE_FILES } from './alertmanager-files.js';
import { AlertmanagerProcess } from './harness/alertmanager-process.js';
import { until } from './harness/condition.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { WebhookReceiver } from './harness/webhook-receiver.js';

const now = minuteOfDay(new Date());
/** Ten hours around now, and the others: in UTC, so that the minutes of this test are within them for hours. */
const NOW = { from: (now + 1440 - 300) % 1440, to: (now + 300) % 1440 };
const around = scheduleOf({ name: 'around now', timeZone: 'UTC', weekdays: WEEKDAYS, hours: [NOW] });
const away = scheduleOf({
  name: 'any but now',
  timeZone: 'UTC',
  weekdays: WEEKDAYS,
  hours: [{ from: NOW.to, to: NOW.from }],
});

describe.runIf(hasPrograms('alertmanager'))('on schedules', () => {
  let receiver: WebhookReceiver;
  let alertmanager: AlertmanagerProcess;

  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
    const alerts = alertsOf({
      contacts: ['on', 'off', 'always'].map((name) =>
        contactOf(name, 'normal', { type: 'webhook', url: `${receiver.url}/${name}`, tokenFile: null }),
      ),
      rules: [
        ruleOf('around', ['on'], { schedule: around }),
        ruleOf('away', ['off'], { schedule: away }),
        ruleOf('always', ['always']),
      ],
    });
    const config = compiledForTest(alerts, receiver.url, {
      timings: () => ({ group_wait: '100ms', group_interval: '500ms', repeat_interval: '1s' }),
    });
    alertmanager = await AlertmanagerProcess.start({ config, files: TEMPLATE_FILES });
  });
  afterAll(() => receiver.close());

  it('a contact hears of what fires within its schedule, and of nothing else; the history of all', async () => {
    expect([isActive(around, new Date()), isActive(away, new Date())]).toEqual([true, false]);
    await alertmanager.post(
      ['around', 'away', 'always'].map((rule) => ({
        labels: { alertname: 'ModelX', rule, level: 'critical', template: 't', workspace_id: 'w', model: 'm' },
      })),
    );
    await until('the contact on schedule', () => receiver.messages('/on').length > 0);
    await until('the history', () => new Set(historyRules()).size === 3);
    // Alertmanager has then looked at the group of the other many times.
    const before = receiver.messages('/always').length;
    await until('some repeats', () => receiver.messages('/always').length >= before + 3, { timeoutMs: 20_000 });
    expect(receiver.messages('/off')).toEqual([]);
    const alert = (await alertmanager.alerts()).find(({ labels }) => labels.rule === 'away');
    expect(alert?.receivers.map(({ name }) => name).toSorted()).toEqual(['contact/off', 'history']);
  });

  const historyRules = () => receiver.messages('/notify/history').map(({ commonLabels }) => commonLabels.rule);
});

function minuteOfDay(instant: Date): number {
  return instant.getUTCHours() * 60 + instant.getUTCMinutes();
}
