import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, USAGE_TYPES } from '../../call/call.js';
import { MetricsProjection } from './projection.js';
import { anyCall, callOf, OPTIONS, usageOf } from './testdata/calls.js';
import { readSeries } from './testdata/read-series.js';
import { totals } from './testdata/totals.js';

const NOW = 1_700_000_100_000;
const DAY = 86_400_000;
const OVERFLOWED = /^model_observation_overflow_calls_total/;

function governed(workspace: number, total = 1_000_000): MetricsProjection {
  return MetricsProjection.create({ ...OPTIONS, birthHoldMs: 0, series: { workspace, total, idleMs: 7 * DAY } });
}

/** A successful streamed call with everything that a usual one has. */
function streamed(given: Partial<Call> = {}): Call {
  const usage = usageOf({ total_tokens: 12, input_tokens: 10, output_tokens: 2 });
  return callOf({ protocol: 'SSE', durationUs: 700_000, firstTokenUs: 90_000, usage, ...given });
}

function failed(given: Partial<Call> = {}): Call {
  return callOf({ outcome: 'failure', failure: 'client_error', statusCode: 400, errorCode: 'Bad', ...given });
}

function seriesOf(projection: MetricsProjection): Record<string, number> {
  return readSeries(projection.view(NOW));
}

/** Values of a label that the series of a family have. */
function values(projection: MetricsProjection, family: string, label: string): Set<string> {
  const found = Object.keys(seriesOf(projection))
    .filter((key) => key.startsWith(`${family}{`))
    .map((key) => new RegExp(`[{,]${label}="([^"]*)"`).exec(key)?.[1] ?? '');
  return new Set(found);
}

function overflow(projection: MetricsProjection): Record<string, number> {
  const entries = Object.entries(seriesOf(projection)).filter(([key, value]) => OVERFLOWED.test(key) && value > 0);
  return Object.fromEntries(entries.map(([key, value]) => [/{(.*)}/.exec(key)?.[1] ?? key, value]));
}

describe('a workspace that comes near its budget', () => {
  it('loses unknown error codes first: a known one and the status stay told apart', () => {
    const projection = governed(1000);
    projection.apply(failed({ errorCode: 'Known' }), NOW);
    for (let code = 0; code < 2000; code++) projection.apply(failed({ errorCode: `junk-${code}` }), NOW);
    const codes = values(projection, 'model_call_errors_total', 'error_code');
    expect(codes).toContain('__overflow__');
    expect(codes.size).toBeLessThan(720);
    projection.apply(failed({ apikey: 'another', errorCode: 'Known', statusCode: 422 }), NOW);
    projection.apply(failed({ apikey: 'another', errorCode: 'junk-1999', statusCode: 422 }), NOW);
    const base = 'workspace_id="default",model="qwen-plus",apikey_id="another",inference_type="realtime"';
    expect(seriesOf(projection)).toMatchObject({
      [`model_call_errors_total{${base},status_code="422",error_code="Known"}`]: 1,
      [`model_call_errors_total{${base},status_code="422",error_code="__overflow__"}`]: 1,
    });
    expect(overflow(projection)).toEqual({
      'workspace_id="default",dimension="error_code"': 2002 - (codes.size - 1),
    });
  });

  it('then keys in histograms, then keys, then models; the outermost is what counts', () => {
    const projection = governed(1000);
    for (let key = 0; key < 60; key++) projection.apply(streamed({ apikey: `key-${key}` }), NOW);
    const inHistograms = values(projection, 'model_call_duration_seconds_count', 'apikey_id');
    const inCounters = values(projection, 'model_calls_total', 'apikey_id');
    expect(inHistograms).toContain('__overflow__');
    expect(inCounters).toContain('__overflow__');
    expect(inHistograms.size).toBeGreaterThan(20);
    expect(inCounters.size).toBeGreaterThan(inHistograms.size + 5);
    expect(values(projection, 'model_calls_total', 'model')).toEqual(new Set(['qwen-plus']));

    for (let model = 0; model < 60; model++) projection.apply(streamed({ model: `model-${model}` }), NOW);
    const models = values(projection, 'model_calls_total', 'model');
    expect(models).toContain('__overflow__');
    expect(models.size).toBeGreaterThan(2);
    const dimensions = overflow(projection);
    expect(Object.keys(dimensions).map((labels) => /dimension="(.*)"/.exec(labels)?.[1])).toEqual([
      'apikey_id_histograms',
      'apikey_id',
      'model',
    ]);
    expect(dimensions['workspace_id="default",dimension="model"']).toBe(60 - (models.size - 2));
    expect(
      totals(seriesOf(projection)).get(
        'model_calls_total{workspace_id="default",inference_type="realtime",protocol="SSE",outcome="success"}',
      ),
    ).toBe(120);
  });

  it('keeps what is there: known keys go on in their own series', () => {
    const projection = governed(1000);
    for (let key = 0; key < 200; key++) projection.apply(streamed({ apikey: `key-${key}` }), NOW);
    const before = seriesOf(projection);
    projection.apply(streamed({ apikey: 'key-0' }), NOW);
    const after = seriesOf(projection);
    expect(Object.keys(after)).toEqual(Object.keys(before));
    const own = (name: string) =>
      `${name}{workspace_id="default",model="qwen-plus",apikey_id="key-0",inference_type="realtime"`;
    expect(after[`${own('model_calls_total')},protocol="SSE",outcome="success"}`]).toBe(2);
    expect(after[`${own('model_call_duration_seconds_count')}}`]).toBe(2);
  });

  it('bears what a known key had not had yet, as long as there is room at all', () => {
    const projection = governed(1000);
    projection.apply(callOf({ apikey: 'first' }), NOW);
    for (let key = 0; key < 200; key++) projection.apply(streamed({ apikey: `key-${key}` }), NOW);
    projection.apply(failed({ apikey: 'first' }), NOW);
    const own = 'workspace_id="default",model="qwen-plus",apikey_id="first",inference_type="realtime"';
    expect(seriesOf(projection)[`model_call_failures_total{${own},failure="client_error"}`]).toBe(1);
  });

  it('does not touch another workspace', () => {
    const projection = governed(1000);
    for (let key = 0; key < 500; key++)
      projection.apply(failed({ apikey: `key-${key}`, errorCode: `e${key}`, model: `m${key}` }), NOW);
    projection.apply(streamed({ workspace: 'calm', model: 'new', apikey: 'new' }), NOW);
    projection.apply(failed({ workspace: 'calm', errorCode: 'New' }), NOW);
    const calm = Object.keys(seriesOf(projection)).filter((key) => key.includes('workspace_id="calm"'));
    expect(calm.some((key) => key.includes('__overflow__'))).toBe(false);
    expect(calm.some((key) => key.includes('le="+Inf"') && key.includes('apikey_id="new"'))).toBe(true);
    expect(Object.keys(overflow(projection)).every((labels) => labels.startsWith('workspace_id="default"'))).toBe(true);
  });
});

describe('the budget of all workspaces', () => {
  it('folds new workspaces when it is nearly used up, and the known ones go on', () => {
    const projection = governed(1000, 2000);
    for (let workspace = 0; workspace < 500; workspace++)
      projection.apply(streamed({ workspace: `w${workspace}` }), NOW);
    const workspaces = values(projection, 'model_calls_total', 'workspace_id');
    expect(workspaces).toContain('__overflow__');
    expect(overflow(projection)['workspace_id="__overflow__",dimension="workspace_id"']).toBe(
      500 - (workspaces.size - 1),
    );
    projection.apply(streamed({ workspace: 'w0' }), NOW);
    const own = 'workspace_id="w0",model="qwen-plus",apikey_id="others",inference_type="realtime"';
    expect(seriesOf(projection)[`model_calls_total{${own},protocol="SSE",outcome="success"}`]).toBe(2);
    expect(projection.series).toBeLessThan(2000 + 100);
  });
});

describe('whatever is sent', () => {
  const junk = fc.array(
    anyCall(
      fc.oneof(
        fc.constantFrom('a', 'b'),
        fc.integer({ min: 0, max: 200 }).map((number) => `junk-${number}`),
      ),
    ),
    { minLength: 50, maxLength: 250 },
  );
  /** `basic` mode leaves errors out, so what is folded into a workspace in another mode would differ there. */
  const watched = junk.map((calls) => calls.map((call) => ({ ...call, monitoring: 'advanced' as const })));

  it('totals are what they are without a budget, and the number of series is bounded', () => {
    fc.assert(
      fc.property(watched, fc.constantFrom(200, 400), (calls, budget) => {
        const tight = governed(budget, 2 * budget);
        const free = governed(1_000_000);
        for (const call of calls) {
          tight.apply(call, NOW);
          free.apply(call, NOW);
        }
        const expected = totals(seriesOf(free), false);
        const found = totals(seriesOf(tight), false);
        expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
        // Sums of seconds and of money are sums of fractions here, which depend on their order.
        for (const [name, total] of expected) expect(found.get(name), name).toBeCloseTo(total, 4);
        // Beyond the budget go one block that is born at its edge, and what folds into itself: a tuple for each inference
        // type with all its blocks, in each workspace that had one when all was full.
        const workspaces = values(tight, 'model_workspace_info', 'workspace_id').size;
        expect(tight.series).toBeLessThan(2 * budget + workspaces * 8 + 2 * (USAGE_TYPES.length + 60));
      }),
      { numRuns: 60 },
    );
  });

  it('the same calls come to the same series after a crash, wherever it falls', () => {
    fc.assert(
      fc.property(junk, fc.nat(250), (calls, crash) => {
        const whole = governed(300, 700);
        let stopped = governed(300, 700);
        calls.forEach((call, index) => {
          if (index === crash) {
            const bytes = Buffer.concat([...stopped.encode(stopped.freeze())]);
            stopped = MetricsProjection.restore(bytes, {
              ...OPTIONS,
              birthHoldMs: 0,
              series: { workspace: 300, total: 700, idleMs: 7 * DAY },
            }).projection;
          }
          whole.apply(call, NOW + index * 3_600_000);
          stopped.apply(call, NOW + index * 3_600_000);
        });
        const later = NOW + 400 * 3_600_000;
        expect(readSeries(stopped.view(later))).toEqual(readSeries(whole.view(later)));
      }),
      { numRuns: 60 },
    );
  });

  it('says of each workspace how many series it has', () => {
    fc.assert(
      fc.property(junk, (calls) => {
        const projection = governed(300, 700);
        calls.forEach((call, index) => {
          projection.apply(call, NOW + index * 7_200_000);
        });
        const series = readSeries(projection.view(NOW + 400 * 7_200_000));
        const said = Object.entries(series).filter(([key]) => key.startsWith('model_observation_workspace_series'));
        for (const [key, count] of said) {
          const workspace = /workspace_id="(?:[^"\\]|\\.)*"/.exec(key)?.[0] ?? '';
          expect(Object.keys(series).filter((other) => other.includes(`{${workspace}`)).length, key).toBe(count);
        }
        expect(projection.series).toBe(Object.keys(series).length);
      }),
      { numRuns: 60 },
    );
  });
});

describe('other limits than before', () => {
  it('hold from the first call after the restart on; what was counted before it is read back under the old ones', () => {
    const before = governed(1000);
    const bytes = Buffer.concat([...before.encode(before.freeze())]);
    const options = { ...OPTIONS, birthHoldMs: 0, series: { workspace: 100, total: 200, idleMs: 7 * DAY } };
    const { projection } = MetricsProjection.restore(bytes, options);
    expect(projection.hasOldLimits).toBe(true);
    for (let key = 0; key < 5; key++) projection.apply(streamed({ apikey: `before-${key}` }), NOW);
    projection.settle();
    expect(projection.hasOldLimits).toBe(false);
    for (let key = 0; key < 5; key++) projection.apply(streamed({ apikey: `after-${key}` }), NOW);
    expect(values(projection, 'model_calls_total', 'apikey_id')).toEqual(
      new Set(['before-0', 'before-1', 'before-2', 'before-3', 'before-4', '__overflow__']),
    );
  });
});
