// When a real Alertmanager repeats: after the time that was asked for, where the naive configuration is late by a group interval.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertsOf, contactOf, ruleOf } from '../exporter/alerts/alertmanager/testdata/alerts.js';
import { repeating } from '../exporter/alerts/alertmanager/timings.js';
import { compiledForTest, TEMPLATE_FILES } from './alertmanager-files.js';
import { AlertmanagerProcess } from './harness/alertmanager-process.js';
import { until } from './harness/condition.js';
import { hasPrograms } from './harness/prometheus-binaries.js';
import { WebhookReceiver } from './harness/webhook-receiver.js';

/** A digest in small: it is repeated every other time that Alertmanager looks. */
const REPEAT = 4_000;
const INTERVAL = 2_000;

describe.runIf(hasPrograms('alertmanager'))('a message that repeats', () => {
  let receiver: WebhookReceiver;
  beforeAll(async () => {
    receiver = await WebhookReceiver.start();
  });
  afterAll(() => receiver.close());

  async function gap(name: string, timings: ReturnType<typeof repeating>): Promise<number> {
    const contact = contactOf(name, 'normal', { type: 'webhook', url: `${receiver.url}/${name}`, tokenFile: null });
    const alerts = alertsOf({ contacts: [contact], rules: [ruleOf('r', [name])] });
    const config = compiledForTest(alerts, receiver.url, { timings: () => timings });
    const alertmanager = await AlertmanagerProcess.start({ config, files: TEMPLATE_FILES });
    await alertmanager.post([
      { labels: { alertname: 'ModelX', rule: 'r', level: 'normal', template: 't', workspace_id: 'w', model: 'm' } },
    ]);
    const times = () => receiver.received.filter(({ path }) => path === `/${name}`).map(({ at }) => at);
    const [first, second] = await until('a repeat', () => times().length >= 2 && times(), { timeoutMs: 15_000 });
    return second! - first!;
  }

  it('comes after the time that was asked for', async () => {
    expect(repeating(REPEAT, INTERVAL)).toMatchObject({ group_interval: '2s', repeat_interval: '3s' });
    const [compiled, naive] = await Promise.all([
      gap('compiled', repeating(REPEAT, INTERVAL)),
      gap('naive', { group_wait: '0s', group_interval: '2s', repeat_interval: '4s' }),
    ]);
    expect(Math.round(compiled / INTERVAL)).toBe(2);
    expect(Math.round(naive / INTERVAL)).toBe(3);
  });
});
