import { describe, expect, it } from 'vitest';
import { EXPORTER_FAMILIES } from '../projections/metrics/exporter-families.js';
import { OwnMetrics } from './own-metrics.js';

function own(): OwnMetrics {
  return new OwnMetrics({ version: '1.2.3', node: '20.0.0', processMetrics: false });
}

async function samples(metrics: OwnMetrics): Promise<Record<string, number>> {
  const all = (await metrics.families()).flatMap((family) => family.samples);
  return Object.fromEntries(all.map(({ name, labels, value }) => [`${name}{${labels}}`, value]));
}

describe("the exporter's own metrics", () => {
  it('are the ones of the catalogue, in its order, with its words', async () => {
    const told = (await own().families()).map(({ name, type, help, unit }) => ({ name, type, help, unit }));
    expect(told).toEqual(EXPORTER_FAMILIES.map(({ name, type, help, unit }) => ({ name, type, help, unit })));
  });

  it('begin with counters at 0 and without gauges that nobody has set', async () => {
    const metrics = own();
    const before = await samples(metrics);
    expect(before['model_observation_commit_failures_total{}']).toBe(0);
    expect(before['model_observation_spool_free_bytes{}']).toBeUndefined();
    expect(before['model_observation_build_info{version="1.2.3",node="20.0.0"}']).toBe(1);
    metrics.inFlightBytes.inc(5);
    expect((await samples(metrics))['model_observation_in_flight_bytes{}']).toBe(5);
  });

  it('begin the counters of a door at 0', async () => {
    const metrics = own();
    metrics.openDoor('calls');
    const begun = await samples(metrics);
    expect(begun['model_observation_requests_total{door="calls",code="503"}']).toBe(0);
    expect(begun['model_observation_received_bytes_total{door="calls"}']).toBe(0);
    const records = Object.entries(begun).filter(([key]) => key.includes('records_total'));
    expect(records).toEqual([
      ['model_observation_records_total{door="calls",answer="accepted"}', 0],
      ['model_observation_records_total{door="calls",answer="duplicate"}', 0],
      ['model_observation_records_total{door="calls",answer="rejected"}', 0],
      ['model_observation_records_total{door="calls",answer="unavailable"}', 0],
    ]);
  });

  it('begin with scrapes of each result at 0, and with the versions of what is written', async () => {
    const begun = await samples(own());
    for (const result of ['complete', 'aborted', 'failed', 'refused']) {
      expect(begun[`model_observation_scrapes_total{result="${result}"}`]).toBe(0);
    }
    for (const format of ['segment', 'snapshot', 'series']) {
      expect(begun[`model_observation_format_version{format="${format}"}`]).toBeGreaterThan(0);
    }
  });

  it('ask for what is only known at the time of a scrape', async () => {
    const metrics = own();
    let bytes = 0;
    metrics.onCollect(() => {
      bytes += 100;
      metrics.spoolBytes.set(bytes);
    });
    await samples(metrics);
    expect((await samples(metrics))['model_observation_spool_bytes{}']).toBe(200);
  });

  it('escape labels and write bounds in the one form of the call families', async () => {
    const metrics = own();
    metrics.rejectedRecords.inc({ door: 'calls', field: 'a"\\\n' });
    metrics.commitDuration.observe(0.3);
    const told = await samples(metrics);
    expect(told['model_observation_rejected_records_total{door="calls",field="a\\"\\\\\\n"}']).toBe(1);
    expect(told['model_observation_commit_duration_seconds_bucket{le="0.25"}']).toBe(0);
    expect(told['model_observation_commit_duration_seconds_bucket{le="1.0"}']).toBe(1);
    expect(told['model_observation_commit_duration_seconds_bucket{le="+Inf"}']).toBe(1);
  });

  it('come with those of the process, without gauges that are named like counters', async () => {
    const families = await new OwnMetrics({ version: '1.2.3' }).families();
    const names = families.map(({ name }) => name);
    expect(names).toContain('process_resident_memory_bytes');
    expect(names).toContain('nodejs_gc_duration_seconds');
    const started = families.find(({ name }) => name === 'process_start_time_seconds')?.samples[0]?.value ?? 0;
    expect(Math.abs(started - (Date.now() / 1000 - process.uptime()))).toBeLessThan(5);
    for (const { name, type } of families) expect(name.endsWith('_total'), name).toBe(type === 'counter');
    expect(families.find(({ name }) => name === 'process_cpu_seconds_total')?.unit).toBe('seconds');
  });
});
