import type { LabelName } from '../projections/metrics/catalogue.js';

/**
 * What becomes of a label when a family is recorded.
 *
 * - `identity`: whose traffic it is. Kept, and named in the level of the series.
 * - `kind`: what the number counts. Kept: a ratio or a sum needs it.
 * - `detail`: for a look at the raw series. Summed away.
 */
export type LabelRole = 'identity' | 'kind' | 'detail';

const ROLES: Partial<Record<LabelName, LabelRole>> = {
  workspace_id: 'identity',
  model: 'identity',
  apikey_id: 'identity',
  inference_type: 'kind',
  outcome: 'kind',
  failure: 'kind',
  stage: 'kind',
  usage_type: 'kind',
  currency: 'kind',
  status_code: 'kind',
  error_code: 'kind',
  protocol: 'detail',
};

/** The role of a label; undefined where nobody has decided it yet, which a test does not let pass. */
export function roleOf(label: LabelName): LabelRole | undefined {
  return ROLES[label];
}

/** `workspace_id`, `model` → `workspace_model`: the first part of the name of a recorded series. */
export function levelText(labels: readonly LabelName[]): string {
  return labels.map((label) => label.replace(/_id$/, '')).join('_');
}
