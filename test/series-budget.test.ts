// A million records, each with a model, a key, an error code and an id that nobody has seen before, from one workspace:
// memory and series stay bounded, another workspace does not notice, and every call is counted, over a kill in the middle.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { ExporterProcess } from './harness/exporter-process.js';
import { callSeries, differences, parseExposition, type SeriesValues } from './series.js';

const RECORDS = 1_000_000;
const BATCH = 5000;
const CLIENTS = 2;
/** The kill comes while the batch after this many records is under way. */
const KILL_AT = 400_000;
const BUDGET = 100_000;
const DURATION_MS = 250;

it('a flood of junk names from one workspace', { timeout: 300_000 }, async () => {
  const exporter = await ExporterProcess.start({
    config: { metrics: { birth_hold: '0s', series: { workspace: BUDGET } } },
    ready: { timeoutMs: 60_000 },
  });
  await sendCalm(exporter.url, 'before');
  const calmBefore = calm(await shown(exporter));

  await flood(exporter.url, 0, KILL_AT);
  const early = await shown(exporter);
  const dying = flood(exporter.url, KILL_AT, KILL_AT + 10 * BATCH);
  await exporter.kill();
  await exporter.startAgain();
  await dying;
  await flood(exporter.url, KILL_AT + 10 * BATCH, RECORDS);
  const full = await shown(exporter);

  // Everything is counted, once.
  expect(sum(full, /^model_calls_total{.*workspace_id="noisy"/)).toBe(RECORDS);
  expect(sum(full, /^model_calls_total{.*outcome="failure".*workspace_id="noisy"/)).toBe(RECORDS / 2);
  expect(sum(full, /^model_call_errors_total{.*workspace_id="noisy"/)).toBe(RECORDS / 2);
  expect(sum(full, /^model_usage_total{.*usage_type="total_tokens".*workspace_id="noisy"/)).toBe(RECORDS * 12);
  expect(sum(full, /^model_call_duration_seconds_count{.*workspace_id="noisy"/)).toBe(RECORDS / 2);
  expect(sum(full, /^model_call_duration_seconds_bucket{.*le="\+Inf".*workspace_id="noisy"/)).toBe(RECORDS / 2);
  expect(sum(full, /^model_call_duration_seconds_sum{.*workspace_id="noisy"/)).toBeCloseTo(
    (RECORDS / 2) * (DURATION_MS / 1000),
    3,
  );

  // And it is bounded, said so, and seen.
  const series = full.get('model_observation_workspace_series{workspace_id="noisy"}') ?? 0;
  expect(series).toBeGreaterThan(0.95 * BUDGET);
  expect(series).toBeLessThan(1.01 * BUDGET);
  for (const dimension of ['error_code', 'apikey_id', 'model']) {
    const overflow = `model_observation_overflow_calls_total{dimension="${dimension}",workspace_id="noisy"}`;
    expect(full.get(overflow), overflow).toBeGreaterThan(0);
  }
  const resident = 'process_resident_memory_bytes{}';
  const growth = (full.get(resident) ?? Number.NaN) / (early.get(resident) ?? Number.NaN);
  // The rest of the million went through after the budget was used up: what is remembered of it are ids.
  expect(growth).toBeLessThan(1.5);
  expect(full.get(resident)).toBeLessThan(600 * 2 ** 20);

  // Nobody else notices.
  await sendCalm(exporter.url, 'after');
  const calmAfter = calm(await shown(exporter));
  expect([...calmAfter.keys()]).toEqual([...calmBefore.keys()]);
  expect([...calmAfter.keys()].filter((key) => key.includes('__overflow__'))).toEqual([]);
  expect(sum(calmAfter, /^model_calls_total/)).toBe(2 * sum(calmBefore, /^model_calls_total/));

  // The same choices after a crash: the same series with the same values.
  const before = callSeries(await shown(exporter));
  await exporter.kill();
  await exporter.startAgain();
  expect(differences(callSeries(await shown(exporter)), before)).toEqual([]);
  await flood(exporter.url, 0, 10 * BATCH);
  expect(differences(callSeries(await shown(exporter)), before), 'sent again, not counted again').toEqual([]);
  expect(await exporter.stop()).toBe(0);
});

async function flood(url: string, from: number, to: number): Promise<void> {
  let next = from;
  const client = async (): Promise<void> => {
    while (next < to) {
      const start = next;
      next += BATCH;
      await sendUntilTaken(
        url,
        Array.from({ length: Math.min(BATCH, to - start) }, (_, index) => junk(start + index)),
      );
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

function junk(number: number): string {
  const isFailure = number % 2 === 1;
  return JSON.stringify({
    id: `junk-${number}`,
    workspace_id: 'noisy',
    model: `model-${number}`,
    apikey_id: `key-${number}`,
    duration_ms: DURATION_MS,
    usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
    ...(isFailure && { status_code: 400 + (number % 90), error_code: `error-${number}` }),
  });
}

async function sendCalm(url: string, id: string): Promise<void> {
  await sendUntilTaken(url, [
    JSON.stringify({ id: `${id}-1`, workspace_id: 'calm', model: 'qwen-plus', duration_ms: 900, first_token_ms: 90 }),
    JSON.stringify({
      id: `${id}-2`,
      workspace_id: 'calm',
      model: 'qwen-plus',
      status_code: 429,
      error_code: 'Throttling',
    }),
  ]);
}

/** Again and again while the exporter is away, as a client should. */
async function sendUntilTaken(url: string, lines: readonly string[]): Promise<void> {
  const headers = { 'content-type': 'application/x-ndjson' };
  for (;;) {
    try {
      const response = await fetch(`${url}/v1/calls`, { method: 'POST', headers, body: lines.join('\n') });
      const text = await response.text();
      if (response.status === 202) {
        expect(JSON.parse(text)).toMatchObject({ rejected: [] });
        return;
      }
      expect(response.status, text).toBe(503);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await sleep(50);
  }
}

async function shown(exporter: ExporterProcess): Promise<SeriesValues> {
  return parseExposition(await (await exporter.fetch('/metrics')).text());
}

function calm(values: SeriesValues): SeriesValues {
  return new Map([...callSeries(values)].filter(([key]) => key.includes('workspace_id="calm"')));
}

function sum(values: SeriesValues, pattern: RegExp): number {
  let total = 0;
  for (const [key, value] of values) if (pattern.test(key)) total += value;
  return total;
}
