import type { Template } from '../../model/alerts.js';

const CONDITION = {
  metric: 'failures',
  aggregation: 'share',
  comparison: '>',
  windowMs: 300_000,
  inferenceType: 'realtime',
  filters: { failure: 'any' },
  leastBaseline: null,
} as const;

function official(name: string, condition: Partial<Template['conditions'][0]>): [string, Template] {
  const thresholds = new Map([['warning', 0.05] as const, ['error', 0.1] as const]);
  const conditions = [{ ...CONDITION, thresholds, ...condition }];
  return [name, { name, isOfficial: true, workspace: null, summary: `About ${name}.`, match: 'any', conditions }];
}

/** Official templates for the tests of the file, so that they do not change with the real ones. */
export const OFFICIAL = new Map([
  official('failure-rate', {}),
  official('spent', { metric: 'budget', filters: {}, inferenceType: 'all' }),
  official('near-quota', { metric: 'quota', filters: { limit: 'rpm' } }),
]);
