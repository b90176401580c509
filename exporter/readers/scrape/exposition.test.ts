import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../call/call.js';
import { MetricsProjection } from '../../projections/metrics/projection.js';
import { callOf, anyCall as callOfAnyMode, nastyText, OPTIONS } from '../../projections/metrics/testdata/calls.js';
import { renderExposition } from './exposition.js';
import { checkOpenMetrics } from './testdata/check-openmetrics.js';
import { countNaively } from './testdata/count-naively.js';
import { goldenExposition, textOf } from './testdata/golden-state.js';
import { parseText } from './testdata/parse-text.js';

/** In the middle of the times of the calls: some ended before they arrived, some say that they will. */
const BORN = 1_700_000_000_000;
const SHOWN = BORN + OPTIONS.birthHoldMs;

/** In one mode: what a change of mode does to the series of a workspace depends on the order of calls. */
function anyCall(text?: fc.Arbitrary<string>): fc.Arbitrary<Call> {
  return callOfAnyMode(text).map((call) => ({ ...call, monitoring: 'advanced' }));
}

function applied(calls: readonly Call[]): MetricsProjection {
  const projection = MetricsProjection.create(OPTIONS);
  for (const call of calls) projection.apply(call, BORN);
  return projection;
}

describe('exposition', () => {
  it('is the golden one in text 0.0.4', async () => {
    await expect(await goldenExposition('text')).toMatchFileSnapshot('testdata/golden.txt');
  });

  it('is the golden one in OpenMetrics 1.0', async () => {
    await expect(await goldenExposition('openmetrics')).toMatchFileSnapshot('testdata/golden.om.txt');
  });

  it('keeps to the rules of both formats', async () => {
    const text = parseText(await goldenExposition('text'));
    expect(text.size).toBeGreaterThan(150);
    expect(checkOpenMetrics(await goldenExposition('openmetrics'))).toBe(text.size);
  });

  it('says what a naive count says, once the hold is over, and 0 before', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyCall(fc.oneof(fc.constantFrom('a', 'b'), nastyText)), { maxLength: 40 }),
        async (calls) => {
          const projection = applied(calls);
          const { counters, gauges } = countNaively(calls, BORN, OPTIONS);
          const zeros = new Map([...counters.keys()].map((key) => [key, '0']));
          expect(parseText(await textOf(projection, null, SHOWN - 1, 'text'))).toEqual(new Map([...zeros, ...gauges]));
          expect(parseText(await textOf(projection, null, SHOWN, 'text'))).toEqual(new Map([...counters, ...gauges]));
          expect(checkOpenMetrics(await textOf(projection, null, SHOWN, 'openmetrics'))).toBe(
            counters.size + gauges.size,
          );
        },
      ),
    );
  });

  it('does not depend on the order of calls, to the byte', async () => {
    const shuffled = fc
      .array(anyCall(), { minLength: 2, maxLength: 40 })
      .chain((calls) => fc.tuple(fc.constant(calls), fc.shuffledSubarray(calls, { minLength: calls.length })));
    await fc.assert(
      fc.asyncProperty(shuffled, async ([calls, others]) => {
        const texts = [applied(calls), applied(others)].map((projection) => textOf(projection, null, SHOWN, 'text'));
        const [one, other] = await Promise.all(texts);
        expect(other).toBe(one);
      }),
    );
  });

  it('does not depend on which series were there at an earlier scrape', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyCall(nastyText), { maxLength: 30 }), fc.nat(30), async (calls, split) => {
        const projection = applied(calls.slice(0, split));
        await textOf(projection, null, BORN, 'text');
        for (const call of calls.slice(split)) projection.apply(call, BORN);
        expect(await textOf(projection, null, SHOWN, 'text')).toBe(await textOf(applied(calls), null, SHOWN, 'text'));
      }),
    );
  });

  it('is of one moment, whatever is counted while it is rendered', async () => {
    const calls = Array.from({ length: 500 }, (_, key) => callOf({ apikey: `key-${key}`, durationUs: 700_000 }));
    const projection = applied(calls);
    const expected = await textOf(projection, null, SHOWN, 'text');
    let text = '';
    for await (const chunk of renderExposition(projection.view(SHOWN), [], 'text')) {
      text += chunk;
      for (const call of calls) projection.apply({ ...call, model: `born-at-${text.length}` }, BORN);
      for (const call of calls) projection.apply(call, BORN);
    }
    expect(text).toBe(expected);
  });

  it('orders a burst of new series, also for two renders at once', async () => {
    const calls = Array.from({ length: 10_000 }, (_, key) => callOf({ apikey: `key-${(key * 7919) % 10_000}` }));
    const projection = applied(calls);
    const [one, other] = await Promise.all(['text', 'text'].map(() => textOf(projection, null, SHOWN, 'text')));
    expect(other).toBe(one);
    expect(parseText(one as string).size).toBe(projection.series);
    const keys = [...(one as string).matchAll(/apikey_id="(key-\d+)".*outcome="success"/g)].map(([, key]) => key);
    expect(keys).toEqual(calls.map(({ apikey }) => apikey).sort());
  });

  it('gives other work its turn again and again', async () => {
    const calls = Array.from({ length: 10_000 }, (_, key) => callOf({ apikey: `key-${key}`, durationUs: 1 }));
    const projection = applied(calls);
    let turns = 0;
    let chunks = 0;
    let rendering = true;
    const others = (async () => {
      for (; rendering; turns++) await setImmediate();
    })();
    for await (const chunk of renderExposition(projection.view(SHOWN), [], 'text')) {
      expect(chunk.split('\n').length).toBeLessThan(3000);
      chunks += 1;
    }
    rendering = false;
    await others;
    expect(chunks).toBeGreaterThan(40);
    expect(turns).toBeGreaterThan(40);
  });

  it('writes sums as the exact decimals that they are', async () => {
    const cost = { currency: 'CNY', nano: 9_007_199_254_000_001 };
    const long = callOf({ durationUs: 3_600_000_001, cost });
    const projection = MetricsProjection.create(OPTIONS);
    for (let count = 0; count < 1_000_003; count++) projection.apply(long, BORN);
    const text = await textOf(projection, null, SHOWN, 'text');
    expect(text).toMatch(/^model_call_duration_seconds_sum{.*} 3600010801.000003$/m);
    expect(text).toMatch(/^model_cost_total{.*} 9007226275597.763000003$/m);
  });
});
