import { expect, test, vi } from 'vitest';
import type { Receipt, Rejection } from '../doors/intake.js';
import { doorTelemetry } from './door-telemetry.js';
import type { Logger } from './log.js';
import { OwnMetrics } from './own-metrics.js';

function observed() {
  const own = new OwnMetrics({ version: '0', processMetrics: false });
  const log = { error: vi.fn() };
  const observer = doorTelemetry(own, log as unknown as Logger, new Set(['model', 'usage', 'tags']));
  return { own, log, observer };
}

async function samples(own: OwnMetrics, name: string): Promise<Record<string, number>> {
  const family = (await own.families()).find((one) => one.name === name)!;
  return Object.fromEntries(family.samples.map(({ labels, value }) => [labels, value]));
}

function receipt(part: Partial<Receipt>): Receipt {
  return { accepted: 0, duplicates: 0, late: 0, rejected: [], ...part };
}

function rejection(field: string): Rejection {
  return { index: 0, field, message: 'is wrong' };
}

test('records by what became of them', async () => {
  const { own, observer } = observed();
  observer.took('calls', receipt({ accepted: 3, duplicates: 2, rejected: [rejection('model')] }));
  observer.took('calls', receipt({ accepted: 1 }));
  observer.unavailable('calls', 7);
  expect(await samples(own, 'model_observation_records_total')).toEqual({
    'door="calls",answer="accepted"': 4,
    'door="calls",answer="duplicate"': 2,
    'door="calls",answer="rejected"': 1,
    'door="calls",answer="unavailable"': 7,
  });
});

test('refused records by field: paths count for their field, a word of the client is no label', async () => {
  const { own, observer } = observed();
  const fields = [
    'model',
    'usage.prompt_tokens',
    'tags[3]',
    'usage',
    '',
    'made up',
    'models',
    'request.x',
    '__proto__',
  ];
  observer.took('calls', receipt({ rejected: fields.map(rejection) }));
  expect(await samples(own, 'model_observation_rejected_records_total')).toEqual({
    'door="calls",field="model"': 1,
    'door="calls",field="usage"': 2,
    'door="calls",field="tags"': 1,
    'door="calls",field=""': 5,
  });
});

test('requests by status, and bytes', async () => {
  const { own, observer } = observed();
  observer.answered('calls', 202);
  observer.answered('calls', 202);
  observer.answered('calls', 499);
  observer.received('calls', 100);
  observer.received('calls', 11);
  expect(await samples(own, 'model_observation_requests_total')).toEqual({
    'door="calls",code="202"': 2,
    'door="calls",code="499"': 1,
  });
  expect(await samples(own, 'model_observation_received_bytes_total')).toEqual({ 'door="calls"': 111 });
});

test('a failure inside is logged with its error', () => {
  const { log, observer } = observed();
  const error = new Error('boom');
  observer.failed('calls', error);
  expect(log.error).toHaveBeenCalledWith({ door: 'calls', err: error }, expect.any(String));
});
