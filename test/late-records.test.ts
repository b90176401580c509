// Yesterday's records, sent today: counted like any other, and called late in the answer and in the metric.
import { expect, it } from 'vitest';
import { ExporterProcess } from './harness/exporter-process.js';
import { parseExposition } from './series.js';

const DAY_MS = 86_400_000;

it("yesterday's records are counted when they come, and called late", async () => {
  const exporter = await ExporterProcess.start({ config: { metrics: { birth_hold: '0s' } } });
  const call = (id: string, time: number) => ({
    id,
    time,
    model: 'qwen-plus',
    duration_ms: 900,
    usage: { total_tokens: 5 },
  });
  const now = Date.now();
  const records = [
    ...Array.from({ length: 40 }, (_, index) => call(`yesterday-${index}`, now - DAY_MS + index)),
    ...Array.from({ length: 10 }, (_, index) => call(`today-${index}`, now - 1000 - index)),
  ];
  const answer = await exporter.fetch('/v1/calls', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(records),
  });
  expect(await answer.json()).toEqual({ accepted: 50, duplicates: 0, late: 40, rejected: [] });

  const shown = parseExposition(await (await exporter.fetch('/metrics')).text());
  const base = 'apikey_id="others",inference_type="realtime",model="qwen-plus"';
  expect(shown.get(`model_calls_total{${base},outcome="success",protocol="HTTP",workspace_id="default"}`)).toBe(50);
  expect(shown.get('model_observation_late_calls_total{model="qwen-plus",workspace_id="default"}')).toBe(40);
  expect(await exporter.stop()).toBe(0);
});
