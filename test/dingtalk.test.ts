// A real Alertmanager, the exporter, and a robot that is not always there: nobody misses an alert.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { RobotDouble } from '../exporter/doors/notify/testdata/robot-double.js';
import { AlertmanagerProcess } from './harness/alertmanager-process.js';
import { until } from './harness/condition.js';
import { ExporterProcess } from './harness/exporter-process.js';
import { temporaryFolder } from './harness/temporary-folder.js';

it('a robot that is down for a while, and then busy, hears of each alert once it is back', async () => {
  const robot = await RobotDouble.start();
  const folder = await temporaryFolder('dingtalk');
  await writeFile(join(folder, 'token'), robot.token);
  await writeFile(join(folder, 'secret'), robot.secret ?? '');
  const exporter = await ExporterProcess.start({
    config: {
      notify: {
        dingtalk: [
          {
            name: 'oncall',
            access_token_file: join(folder, 'token'),
            secret_file: join(folder, 'secret'),
            base_url: robot.url,
          },
        ],
      },
    },
  });
  const alertmanager = await AlertmanagerProcess.start({
    config: `
route: { receiver: robot, group_by: [rule], group_wait: 100ms, group_interval: 1s, repeat_interval: 1h }
receivers:
  - { name: robot, webhook_configs: [{ url: '${exporter.url}/notify/dingtalk?robot=oncall', send_resolved: true }] }
`,
  });
  await robot.goDown();
  const endsAt = new Date(Date.now() + 600_000);
  const rules = Array.from({ length: 5 }, (_, index) => `rule ${index}`);
  const alerts = rules.map((rule) => ({
    labels: { alertname: 'ModelSlow', rule, level: 'error', workspace_id: 'checkout', model: 'qwen-plus' },
    endsAt,
  }));
  await alertmanager.post(alerts);
  const failures = async (reason: string) => {
    const text = await (await exporter.fetch('/metrics')).text();
    const sample = `model_observation_dingtalk_failures_total{robot="oncall",reason="${reason}"} `;
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(sample))
        ?.slice(sample.length),
    );
  };
  await until('Alertmanager to try in vain', async () => (await failures('unreachable')) >= rules.length, {
    timeoutMs: 30_000,
  });
  robot.instead = { status: 500, body: '' };
  await robot.comeUp();
  await until('DingTalk to be busy', async () => (await failures('busy')) >= 1, { timeoutMs: 60_000 });
  expect(robot.messages).toEqual([]);
  robot.instead = null;
  const heard = () => new Set(robot.messages.map(({ title }) => /rule \d/.exec(title)?.[0]));
  await until('each alert to be heard of', () => heard().size === rules.length, { timeoutMs: 90_000 });
  expect(robot.messages).toHaveLength(rules.length);
  expect(exporter.stderr).toContain('A robot takes no messages now');
  expect(exporter.stderr).not.toContain(robot.token);
  expect(await alertmanager.stop()).toBe(0);
  expect(await exporter.stop()).toBe(0);
  await robot.goDown();
});
