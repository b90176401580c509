// The LogQL of the guide: Grafana's parser takes it, it names labels and metadata that entries have, and what is a log query finds
// the call that it is about.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mistakesIn } from '../test/harness/loki/logql-mistakes.js';
import { LokiClient } from '../test/harness/loki/loki-client.js';
import { LokiDouble } from '../test/harness/loki/loki-double.js';
import type { Call } from './call/call.js';
import { ALERTS_LOG, alertEntry } from './projections/loki/alert-entry.js';
import { entriesOf, LOGS } from './projections/loki/entries.js';
import type { LogEntry } from './projections/loki/entry.js';
import { callOf, usageOf } from './projections/metrics/testdata/calls.js';

const GUIDE = readFileSync(new URL('../docs/guides/logs.md', import.meta.url), 'utf8');
const QUERIES = [...GUIDE.matchAll(/^```logql\n([\s\S]*?)^```$/gm)].map(([, query = '']) => query.trim());
/** What the double of Loki has no part in. */
const BEYOND_THE_DOUBLE = /unwrap|_over_time|line_format|json \w+=/;

const OVERFLOW = '__overflow__';
const now = Date.now();

function entries(given: Partial<Call>, content: object | null, modelLabel?: string): LogEntry[] {
  const call = callOf({
    time: now - 60_000,
    workspace: 'checkout',
    apikey: 'checkout-production',
    protocol: 'SSE',
    durationUs: 45_000_000,
    firstTokenUs: 9_000_000,
    usage: usageOf({ total_tokens: 12, input_tokens: 10, output_tokens: 2 }),
    application: 'assistant',
    logs: content === null ? 'audit' : 'inference',
    ...given,
  });
  const text = content === null ? null : JSON.stringify(content);
  return entriesOf({ call, arrivalMs: now, content: text, modelLabel: modelLabel ?? call.model });
}

/** A call for each thing that the guide looks for. */
const ENTRIES = [
  ...entries(
    { id: 'chatcmpl-8f14e45f', traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
    { request: { text: 'What is the refund policy?' }, response: { text: 'x'.repeat(300_000) } },
  ),
  ...entries(
    { id: 'failed', outcome: 'failure', failure: 'timeout', statusCode: 504, errorCode: 'RequestTimeOut' },
    null,
  ),
  ...entries({ id: 'withheld', logs: 'inference', withheld: 'too large to be redacted' }, null),
  ...entries({ id: 'folded', model: 'qwen-plus-2026-11-01' }, null, OVERFLOW),
  alertEntry({
    notification: {
      status: 'firing',
      startsAt: now - 60_000,
      endsAt: null,
      fingerprint: 'a1b2c3d4e5f60718',
      labels: {
        rule: 'slow first token',
        level: 'critical',
        template: 'x',
        workspace_id: 'checkout',
        model: 'qwen-plus',
      },
      annotations: {},
    },
    arrivalMs: now,
    modelLabel: 'qwen-plus',
  }),
];

it('the guide has the queries that people need', () => {
  expect(QUERIES.length).toBeGreaterThan(12);
  expect(QUERIES.filter((query) => !BEYOND_THE_DOUBLE.test(query)).length).toBeGreaterThan(8);
});

it.each(['{a="1"', '{a="1"} | duration_ms >', 'sum by (a (rate({a="1"}[1m]))'])(
  'the parser sees a mistake: %s',
  (query) => {
    expect(mistakesIn(query)).not.toEqual([]);
  },
);

describe.each(QUERIES)('%s', (query) => {
  it('is LogQL', () => {
    expect(mistakesIn(query)).toEqual([]);
  });

  it('names labels, metadata and logs that entries have', () => {
    const known = new Set(
      ENTRIES.flatMap(({ labels, metadata }) => [...Object.keys(labels), ...metadata.map(([name]) => name)]),
    );
    const inLine = [...query.matchAll(/json (\w+)=/g)].map(([, name]) => name as string);
    for (const name of [...inLine, 'withheld']) known.add(name);
    const filtered = [...query.matchAll(/\b([a-z_]+) ?(?:=~|!=|>=|=|>)(?= ?["\d])/g)];
    const grouped = [...query.matchAll(/\bby \(([^)]+)\)/g)].flatMap(([, names = '']) => names.split(', '));
    const unwrapped = [...query.matchAll(/unwrap (\w+)/g)];
    for (const [, name] of [...filtered, ...unwrapped]) expect(known).toContain(name);
    for (const name of grouped) expect(known).toContain(name);
    for (const [, logs = ''] of query.matchAll(/\blog=~?"([^"]+)"/g)) {
      for (const log of logs.split('|')) expect([...LOGS, ALERTS_LOG]).toContain(log);
    }
  });
});

describe('asked of the double of Loki', () => {
  let loki: LokiDouble;
  let client: LokiClient;

  beforeAll(async () => {
    loki = await LokiDouble.start();
    client = new LokiClient(loki.url);
    const { status, body } = await client.push(
      ENTRIES.map(({ labels, timestampNs, line, metadata }) => ({
        labels,
        entries: [{ timestampNs, line, metadata: Object.fromEntries(metadata) }],
      })),
    );
    expect([status, body]).toEqual([204, '']);
  });
  afterAll(() => loki.stop());

  it.each(QUERIES.filter((query) => !BEYOND_THE_DOUBLE.test(query)))(
    '%s finds something, and not everything',
    async (query) => {
      const found = await client.query({ query, limit: 1000 });
      expect(found.length).toBeGreaterThan(0);
      expect(found.length).toBeLessThan(ENTRIES.length);
    },
  );
});
