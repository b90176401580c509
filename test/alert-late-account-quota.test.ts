import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { programPath } from './harness/prometheus-binaries.js';

test('calls that came late are not counted against the quota of the account, and those in time are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'account-quota-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const calls = (workspace: string, perMinute: number) => ({
    series: `model_calls_total{workspace_id="${workspace}",model="m",api_key_id="k",inference_type="realtime",outcome="success"}`,
    values: `0+${perMinute}x20`,
  });
  const file = {
    rule_files: ['recording-minute.yml', 'recording-5-minute.yml', 'recording-hour.yml', 'alerts.yml'].map((name) =>
      resolve('prometheus', 'rules', name),
    ),
    evaluation_interval: '15s',
    tests: [
      {
        interval: '1m',
        input_series: [
          calls('late', 9000),
          calls('in-time', 510),
          { series: 'model_observation_late_calls_total{workspace_id="late",model="m"}', values: '0+9000x20' },
          { series: 'model_quota{workspace_id="*",model="m",limit="rpm"}', values: '600x20' },
        ],
        promql_expr_test: [
          {
            expr: 'count by (workspace_id, level) (ALERTS{alertstate="firing",rule="rpm-quota"})',
            eval_time: '15m',
            exp_samples: ['normal', 'warning'].map((level) => ({
              labels: `{workspace_id="*",level="${level}"}`,
              value: 1,
            })),
          },
        ],
      },
    ],
  };
  const path = join(folder, 'tests.yml');
  writeFileSync(path, JSON.stringify(file));
  const { status, stdout, stderr } = spawnSync(programPath('promtool'), ['test', 'rules', path], { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toContain('SUCCESS');
  expect(status).toBe(0);
});
