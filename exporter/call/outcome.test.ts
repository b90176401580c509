import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideOutcome } from './outcome.js';

const CASES: [status: number, code: string, decided: string][] = [
  [200, '', 'success'],
  [201, '', 'success'],
  [101, '', 'success'],
  [304, '', 'success'],
  [200, 'content_filter', 'success'],
  [200, 'InternalError', 'success'],
  [499, '', 'cancelled'],
  [499, 'DataInspectionFailed', 'cancelled'],
  [400, 'DataInspectionFailed', 'content_moderation'],
  [400, 'data_inspection_failed', 'content_moderation'],
  [400, 'DATA_INSPECTION_FAILED', 'content_moderation'],
  [400, 'DataInspectionFailed.Output', 'content_moderation'],
  [400, 'content_filter', 'content_moderation'],
  [400, 'content_policy_violation', 'content_moderation'],
  [400, 'responsible_ai_policy_violation', 'content_moderation'],
  [400, 'ResponsibleAIPolicyViolation', 'content_moderation'],
  [400, 'moderation_blocked', 'content_moderation'],
  [400, 'InputTextSensitiveContentDetected', 'content_moderation'],
  [400, 'PROHIBITED_CONTENT', 'content_moderation'],
  [429, 'content_filter', 'content_moderation'],
  [500, 'DataInspectionFailed', 'content_moderation'],
  [504, 'content_filter', 'content_moderation'],
  // Says that the media could not be downloaded or read, not that it was refused.
  [400, 'InvalidParameter.DataInspection', 'client_error'],
  [400, 'context_length_exceeded', 'client_error'],
  [400, 'unsafety', 'client_error'],
  [429, 'Throttling.RateQuota', 'rate_limited'],
  [429, 'insufficient_quota', 'rate_limited'],
  [429, '', 'rate_limited'],
  [408, 'RequestTimeOut', 'timeout'],
  [504, '', 'timeout'],
  [400, 'InvalidParameter', 'client_error'],
  [401, 'InvalidApiKey', 'client_error'],
  [404, 'ModelNotFound', 'client_error'],
  [498, '', 'client_error'],
  [500, 'InternalError.Algo', 'server_error'],
  [503, '', 'server_error'],
  [529, 'overloaded_error', 'server_error'],
  [599, '', 'server_error'],
];

describe('decideOutcome', () => {
  it.each(CASES)('%i %s → %s', (status, code, decided) => {
    const expected =
      decided === 'success' || decided === 'cancelled'
        ? { outcome: decided, failure: null }
        : { outcome: 'failure', failure: decided };
    expect(decideOutcome(status, code)).toEqual(expected);
    // And the same from the cache.
    expect(decideOutcome(status, code)).toBe(decideOutcome(status, code));
  });

  it('shares constants that nobody can change', () => {
    expect(decideOutcome(200, '')).toBe(decideOutcome(204, 'x'));
    for (const [status, code] of CASES) expect(Object.isFrozen(decideOutcome(status, code))).toBe(true);
  });

  it('stays right when clients send more codes than are remembered', () => {
    for (let i = 0; i < 5000; i++) expect(decideOutcome(400, `junk-${i}`).failure).toBe('client_error');
    expect(decideOutcome(400, 'content_filter').failure).toBe('content_moderation');
    expect(decideOutcome(400, 'content_filter'.repeat(1000)).failure).toBe('client_error');
  });

  it('has a kind for every failure and for nothing else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 599 }), fc.string(), (status, code) => {
        const { outcome, failure } = decideOutcome(status, code);
        expect(failure !== null).toBe(outcome === 'failure');
        expect(outcome === 'success').toBe(status < 400);
      }),
    );
  });
});
