import { expect, test } from 'vitest';
import { contentTelemetry } from './content-telemetry.js';
import { createLog } from './log.js';
import { OwnMetrics } from './own-metrics.js';

test('what was redacted and withheld is counted by detector and reason', async () => {
  const own = new OwnMetrics({ version: 'test' });
  const told = contentTelemetry(own, createLog('silent'));
  told.redacted({ email: 2, phone: 1 });
  told.redacted({ email: 1 });
  told.withheld('failed');
  const samples = JSON.stringify(await own.families());
  expect(samples).toContain(String.raw`"labels":"detector=\"email\"","value":3`);
  expect(samples).toContain(String.raw`"labels":"detector=\"phone\"","value":1`);
  expect(samples).toContain(String.raw`"labels":"reason=\"failed\"","value":1`);
});
