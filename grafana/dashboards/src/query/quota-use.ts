/*
 * How much of its quotas a model uses. The quota of an account, workspace `*`, is compared with the calls of all its workspaces
 * and keys together, whichever are chosen: they share it. Quotas are of realtime calls, as alerts on them take it.
 */
import { max, perMinute, sum } from './expressions.js';
import { ofAllKeys } from './keys.js';
import { gauge, minutesOf, recorded, recordedPeaks } from './series.js';

export const QUOTA_LIMITS = ['rpm', 'tpm'] as const;
export type QuotaLimit = (typeof QUOTA_LIMITS)[number];

const BY_MODEL = ['workspace_id', 'model'] as const;

const LABELS = { workspace_model: BY_MODEL, model: ['model'] } as const;

/** Whose use: that of models in the chosen workspaces, or that of models in the account. */
type Of = keyof typeof LABELS;

/** What a quota limits, as a recorded rate: calls, or tokens. Of all inference types that are chosen. */
export function limited(limit: QuotaLimit): string {
  return rateOf(limit, 'workspace_model', recorded);
}

/** The same of realtime calls alone: what counts against a quota. */
export function limitedByQuota(limit: QuotaLimit): string {
  return realtime(limited(limit));
}

/** Requests or tokens a minute as they are drawn. */
export function perMinuteOf(limit: QuotaLimit): string {
  return perMinute(limited(limit), BY_MODEL);
}

/** The quotas of the chosen models: of the chosen workspaces, and of the account. */
export function quota(limit: QuotaLimit): string {
  return `max by (workspace_id, model) (${gauge('model_quota', { limit, workspace_id: ['$workspace', '\\\\*'] })})`;
}

/** The busiest minute of the range of the dashboard. */
export function peak(limit: QuotaLimit): string {
  const [own, all] = (['workspace_model', 'model'] as const).map((level) =>
    either(level, `max_over_time(${peaksOf(limit, level)}[$__range])`, `(${minutes(limit, level)})[$__range:1m]`),
  );
  return `(${own} or (${ofAccount(all!)} and on (workspace_id, model) ${quota(limit)}))`;
}

/** The busiest minute of the step, an hour or more, that begins at each moment; without those of the account. */
export function hourPeak(limit: QuotaLimit): string {
  const level = 'workspace_model';
  const step = '$__interval';
  const recorded = `max_over_time(${peaksOf(limit, level)}[${step}] offset -${step})`;
  return either(level, recorded, `(${minutes(limit, level)})[${step}:1m] offset -${step}`);
}

/** The busiest minute as a share of the quota, where there is one. */
export function peakShare(limit: QuotaLimit): string {
  return `${peak(limit)} / on (workspace_id, model) ${quota(limit)}`;
}

/** Use of the quota at each moment, where there is one. */
export function shareNow(limit: QuotaLimit): string {
  const all = ofAccount(perMinute(rateOf(limit, 'model', recorded), LABELS.model));
  return `(${realtime(`${perMinuteOf(limit)} or ${all}`)}) / on (workspace_id, model) ${quota(limit)}`;
}

/**
 * The recorded peaks or, where none fit, those that are looked for among minutes: one of the two names has no series.
 */
function either(level: Of, peaks: string, ofMinutes: string): string {
  return `(${max(peaks, LABELS[level])} * 60 or max_over_time(${ofMinutes}))`;
}

function peaksOf(limit: QuotaLimit, level: Of): string {
  return realtime(recordedPeaks(level, limit === 'rpm' ? 'model_calls' : 'model_usage_total_tokens'));
}

function minutes(limit: QuotaLimit, level: Of): string {
  return realtime(`${sum(rateOf(limit, level, minutesOf), LABELS[level])} * 60`);
}

function rateOf(limit: QuotaLimit, of: Of, read: typeof recorded | typeof minutesOf): string {
  const where = of === 'model' ? { workspace_id: ANY, apikey_id: ANY } : {};
  const rate =
    limit === 'rpm'
      ? read('model_calls_total', where)
      : read('model_usage_total', { ...where, usage_type: 'total_tokens' });
  return of === 'model' ? ofAllKeys(rate) : rate;
}

const CHOSEN_TYPES = 'inference_type=~"$inference_type"';

/** Realtime calls alone: none where only others are chosen. */
function realtime(expression: string): string {
  return expression.replaceAll(CHOSEN_TYPES, `inference_type="realtime", ${CHOSEN_TYPES}`);
}

/** Instead of those that are chosen. */
const ANY = ['.*'];

function ofAccount(expression: string): string {
  return `label_replace(${expression}, "workspace_id", "*", "", "")`;
}
