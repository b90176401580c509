import { expect, test } from 'vitest';
import { WITHHELD_REASONS } from '../redaction/work.js';
import { contentTelemetry } from './content-telemetry.js';
import { createLog } from './log.js';
import { OwnMetrics } from './own-metrics.js';

test('what was redacted and withheld is counted by detector and reason', async () => {
  const own = new OwnMetrics({ version: 'test' });
  const told = contentTelemetry(own, createLog('silent'), Object.values(WITHHELD_REASONS));
  told.redacted({ email: 2, phone: 1 });
  told.redacted({ email: 1 });
  told.withheld(WITHHELD_REASONS.failed);
  const samples = JSON.stringify(await own.families());
  expect(samples).toContain(String.raw`"labels":"detector=\"email\"","value":3`);
  expect(samples).toContain(String.raw`"labels":"detector=\"phone\"","value":1`);
  expect(samples).toContain(String.raw`"labels":"reason=\"redaction failed\"","value":1`);
});

test('every reason reads 0 before anything was withheld, so that the first one is seen as an increase', async () => {
  const own = new OwnMetrics({ version: 'test' });
  contentTelemetry(own, createLog('silent'), Object.values(WITHHELD_REASONS));
  const samples = JSON.stringify(await own.families());
  for (const reason of Object.values(WITHHELD_REASONS)) {
    expect(samples).toContain(String.raw`"labels":"reason=\"${reason}\"","value":0`);
  }
});
