/*
 * How much of its quotas a model uses. The quota of an account, workspace `*`, is compared with the calls of all its chosen
 * workspaces together.
 */
import { perMinute, sum } from './expressions.js';
import { gauge, recorded, recordedAt } from './series.js';

export const QUOTA_LIMITS = ['rpm', 'tpm'] as const;
export type QuotaLimit = (typeof QUOTA_LIMITS)[number];

const BY_MODEL = ['workspace_id', 'model'] as const;

/** Requests or tokens a minute as they are drawn. */
export function perMinuteOf(limit: QuotaLimit, by: readonly ('workspace_id' | 'model')[]): string {
  return limit === 'rpm'
    ? perMinute(recorded('model_calls_total'), by)
    : perMinute(recorded('model_usage_total', { usage_type: 'total_tokens' }), by);
}

/** The quotas of the chosen models: of the chosen workspaces, and of the account. */
export function quota(limit: QuotaLimit): string {
  return `max by (workspace_id, model) (${gauge('model_quota', { limit, workspace_id: ['$workspace', '\\\\*'] })})`;
}

/** The busiest minute of a span such as `$__range`, whatever the range: hours would level peaks. */
export function peak(limit: QuotaLimit, span: string): string {
  const own = `max_over_time((${minutes(limit, BY_MODEL)})[${span}:1m])`;
  const all = `max_over_time((${minutes(limit, ['model'])})[${span}:1m])`;
  return `(${own} or (${ofAccount(all)} and on (workspace_id, model) ${quota(limit)}))`;
}

/** Peaks without those of the account; with an offset such as `-1h`, of the span that begins now. */
export function ownPeak(limit: QuotaLimit, span: string, offset: string): string {
  return `max_over_time((${minutes(limit, BY_MODEL)})[${span}:1m] offset ${offset})`;
}

/** The busiest minute as a share of the quota, where there is one. */
export function peakShare(limit: QuotaLimit, span: string): string {
  return `${peak(limit, span)} / on (workspace_id, model) ${quota(limit)}`;
}

/** Use of the quota at each moment, where there is one. */
export function shareNow(limit: QuotaLimit): string {
  const all = `${ofAccount(perMinuteOf(limit, ['model']))}`;
  return `(${perMinuteOf(limit, BY_MODEL)} or ${all}) / on (workspace_id, model) ${quota(limit)}`;
}

function minutes(limit: QuotaLimit, by: readonly ('workspace_id' | 'model')[]): string {
  const rate =
    limit === 'rpm'
      ? recordedAt('minute', 'model_calls_total')
      : recordedAt('minute', 'model_usage_total', { usage_type: 'total_tokens' });
  return `${sum(rate, by)} * 60`;
}

function ofAccount(expression: string): string {
  return `label_replace(${expression}, "workspace_id", "*", "", "")`;
}
