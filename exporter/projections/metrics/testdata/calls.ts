import fc from 'fast-check';
import { type Call, FAILURES, INFERENCE_TYPES, PROTOCOLS, USAGE_TYPES, type Usage } from '../../../call/call.js';
import type { MetricsOptions } from '../options.js';

/** Few buckets, so that expectations stay readable. */
export const OPTIONS = {
  birthHoldMs: 35_000,
  buckets: { durationSeconds: [0.5, 1, 10], firstTokenSeconds: [0.1, 1], generationPerTokenSeconds: [0.025, 0.1] },
  series: { workspace: 100_000, total: 500_000, idleMs: 7 * 86_400_000 },
} as const satisfies MetricsOptions;

export function usageOf(given: Partial<Usage>): Usage {
  const none = Object.fromEntries(USAGE_TYPES.map((type) => [type, 0])) as Usage;
  return { ...none, ...given };
}

/** A plain successful call, with what the test says differently. */
export function callOf(given: Partial<Call> = {}): Call {
  return {
    id: 'a-call',
    time: 1_700_000_000_000,
    workspace: 'default',
    model: 'qwen-plus',
    apikey: 'others',
    inferenceType: 'realtime',
    protocol: 'HTTP',
    statusCode: 200,
    outcome: 'success',
    failure: null,
    errorCode: '',
    errorMessage: '',
    durationUs: null,
    firstTokenUs: null,
    usage: null,
    cost: null,
    unpriced: false,
    late: false,
    monitoring: 'advanced',
    traceId: '',
    application: '',
    user: '',
    tags: [],
    logs: 'audit',
    withheld: '',
    redacted: null,
    ...given,
  };
}

/** Label values that a careless series key, escape or parser would trip over. */
export const nastyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom('"', '\\', '\n', ',', ':', '|', '{', '}', '=', '#', ' ', 'n', 'a'), maxLength: 8 }),
  fc.constantFrom('', '模型', '🦊', 'é', '\r\n', '\t', '\u2028', '__overflow__', '__proto__', 'constructor', '0', '-1'),
  fc.constantFrom('a:b', 'a,b', 'a"', '\\', '\\n', '\n', '"} 1\nmodel_calls_total{', 'x'.repeat(10_000)),
);

/** A few values that meet again and again, so that tuples are shared. */
const fewTexts = fc.constantFrom('a', 'b', 'a"b', '"a', 'a\\', 'a\nb', 'a,model="b"');

const micros = fc.oneof(fc.constantFrom(0, 1, 100_000, 500_000, 1_000_000, 10_000_000), fc.nat(2_000_000_000));

const usage: fc.Arbitrary<Usage> = fc
  .tuple(...USAGE_TYPES.map(() => fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(100_000))))
  .map((amounts) => usageOf(Object.fromEntries(USAGE_TYPES.map((type, index) => [type, amounts[index] ?? 0]))));

const ending = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ outcome: 'success', failure: null, statusCode: 200, errorCode: '' } as const) },
  fc.constant({ outcome: 'cancelled', failure: null, statusCode: 499, errorCode: '' } as const),
  fc.record({
    outcome: fc.constant('failure' as const),
    failure: fc.constantFrom(...FAILURES),
    statusCode: fc.constantFrom(400, 429, 500, 504),
    errorCode: fc.oneof(fc.constantFrom('', 'Throttling', 'a:b', '4:29'), nastyText),
  }),
);

/** Any call that intake could let through. */
export function anyCall(text: fc.Arbitrary<string> = fewTexts): fc.Arbitrary<Call> {
  return fc
    .record({
      time: fc.integer({ min: 1_600_000_000_000, max: 1_800_000_000_000 }),
      workspace: text,
      model: text,
      apikey: text,
      inferenceType: fc.constantFrom(...INFERENCE_TYPES),
      protocol: fc.constantFrom(...PROTOCOLS),
      ending,
      durationUs: fc.option(micros),
      firstTokenShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
      usage: fc.option(usage),
      cost: fc.option(fc.record({ currency: fc.constantFrom('CNY', 'USD'), nano: fc.nat(3_000_000_000_000) })),
      unpriced: fc.boolean(),
      late: fc.boolean(),
      monitoring: fc.oneof({ weight: 9, arbitrary: fc.constant('advanced' as const) }, fc.constant('basic' as const)),
    })
    .map(({ ending, firstTokenShare, ...rest }) => {
      const whole = rest.durationUs ?? 5_000_000;
      return callOf({
        ...rest,
        ...ending,
        firstTokenUs: firstTokenShare === null ? null : Math.round(whole * firstTokenShare),
      });
    });
}
