// Alerts from Alertmanager's webhook to Loki: each start and each end is there once, whatever happens on the way.
import { describe, expect, it } from 'vitest';
import { posted, postedAlert } from '../exporter/doors/notify/testdata/notifications.js';
import { AlertmanagerProcess } from './harness/alertmanager-process.js';
import { until } from './harness/condition.js';
import { ExporterProcess } from './harness/exporter-process.js';
import { LokiDouble } from './harness/loki/loki-double.js';

interface Line {
  status: string;
  rule: string;
  fingerprint: string;
}

function linesIn(loki: LokiDouble): Line[] {
  const entries = loki.entries().filter(({ labels }) => labels.log === 'alerts');
  return entries.map(({ line }) => JSON.parse(line) as Line);
}

function exporterFor(loki: LokiDouble, metrics = { birth_hold: '0s' }): Promise<ExporterProcess> {
  return ExporterProcess.start({ config: { metrics, loki: { url: loki.url } } });
}

async function tell(exporter: ExporterProcess, alerts: readonly unknown[]): Promise<number> {
  const response = await exporter.fetch('/notify/history', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(posted(alerts)),
  });
  await response.text();
  return response.status;
}

describe('the history of alerts', () => {
  it('has each notification once, though the exporter is killed again and again while it is told', async () => {
    const loki = await LokiDouble.start();
    const exporter = await exporterFor(loki);
    // So long ago that an entry stands at its arrival: one that was written twice would be two in Loki.
    const startsAt = new Date(Date.now() - 3_600_000).toISOString();
    const alerts = Array.from({ length: 200 }, (_, index) => postedAlert({ startsAt, fingerprint: `f${index}` }));
    let told = 0;
    for (let kill = 0; kill < 4; kill += 1) {
      const telling = (async () => {
        for (let first = 0; first < alerts.length; first += 10) {
          const status = await tell(exporter, alerts.slice(first, first + 10)).catch(() => 0);
          if (status === 200) told += 1;
          else if (status === 0) return;
        }
      })();
      await until('some to be told', () => told > kill * 3 || undefined);
      await exporter.kill();
      await telling;
      await exporter.startAgain();
    }
    for (let first = 0; first < alerts.length; first += 10) {
      expect(await tell(exporter, alerts.slice(first, first + 10))).toBe(200);
    }
    await exporter.fetch('/v1/calls', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"model":"m","id":"last"}',
    });
    // Behind all of them in the spool.
    await until('the last call to be in Loki', () => loki.entries().some(({ labels }) => labels.log === 'audit'), {
      timeoutMs: 30_000,
    });
    await until(
      'all alerts to be in Loki',
      () => new Set(linesIn(loki).map(({ fingerprint }) => fingerprint)).size === 200,
    );
    expect(linesIn(loki)).toHaveLength(200);
    expect(await exporter.stop()).toBe(0);
  });

  it('has what a real Alertmanager tells and repeats: one start and one end', async () => {
    const loki = await LokiDouble.start();
    const exporter = await exporterFor(loki);
    const alertmanager = await AlertmanagerProcess.start({
      config: `
route: { receiver: history, group_by: [rule], group_wait: 100ms, group_interval: 200ms, repeat_interval: 200ms }
receivers:
  - { name: history, webhook_configs: [{ url: '${exporter.url}/notify/history', send_resolved: true }] }
`,
    });
    const labels = {
      alertname: 'ModelSlow',
      rule: 'slow',
      level: 'error',
      workspace_id: 'checkout',
      model: 'qwen-plus',
    };
    const startsAt = new Date(Date.now() - 3_600_000);
    await alertmanager.post([
      { labels, annotations: { summary: 'Slow.' }, startsAt, endsAt: new Date(Date.now() + 600_000) },
    ]);
    const repeated = async () => {
      const text = await (await exporter.fetch('/metrics')).text();
      const sample = 'model_observation_notifications_total{channel="history",answer="repeated"} ';
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(sample))
          ?.slice(sample.length),
      );
    };
    await until('it to be repeated', async () => (await repeated()) >= 3, { timeoutMs: 30_000 });
    await alertmanager.post([{ labels, startsAt, endsAt: new Date(Date.now() - 1) }]);
    await until('its end', () => linesIn(loki).some(({ status }) => status === 'resolved'), { timeoutMs: 30_000 });
    expect(linesIn(loki).map(({ status }) => status)).toEqual(['firing', 'resolved']);
    expect(await alertmanager.stop()).toBe(0);
    expect(await exporter.stop()).toBe(0);
  });
});
