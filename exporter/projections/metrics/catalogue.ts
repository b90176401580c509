/**
 * The one place where a metric family or a label is defined. What is exposed, what HELP says and the
 * reference page (`docs/reference/metrics.md`) all come from here.
 */
import { EXPORTER_FAMILIES } from './exporter-families.js';
import type { Family, LabelName } from './family.js';

export { type Family, LABELS, type LabelName } from './family.js';

/** Labels of every call series, in the order in which they are written. */
export const BASE_LABELS = [
  'workspace_id',
  'model',
  'apikey_id',
  'inference_type',
] as const satisfies readonly LabelName[];

/** What the calls were: moved by call records alone, exact over restarts. */
export const CALL_FAMILIES = [
  {
    name: 'model_calls_total',
    type: 'counter',
    help: 'Calls to a model, by how they ended.',
    labels: [...BASE_LABELS, 'protocol', 'outcome'],
    unit: '',
    explanation:
      'Every accepted call record counts once, when it arrives. A cancelled call is not a failure: failure rate = failures ÷ (successes + failures), everywhere.',
    example:
      'sum by (workspace_id, model) (rate(model_calls_total{outcome="failure"}[5m])) / sum by (workspace_id, model) (rate(model_calls_total{outcome=~"success|failure"}[5m]))',
  },
  {
    name: 'model_call_failures_total',
    type: 'counter',
    help: 'Failed calls, by the kind of failure.',
    labels: [...BASE_LABELS, 'failure'],
    unit: '',
    explanation:
      'The kinds add up to `model_calls_total{outcome="failure"}`. Moderation is told first, by its error code; the other kinds by the status code.',
    example: 'sum by (workspace_id, model, failure) (rate(model_call_failures_total[5m])) * 60',
  },
  {
    name: 'model_call_errors_total',
    type: 'counter',
    help: 'Failed calls, by status code and the error code of the provider.',
    labels: [...BASE_LABELS, 'status_code', 'error_code'],
    unit: '',
    explanation:
      "For drilling down from a failure to its cause; not of workspaces watched in `basic` mode. Do not build ratios or alerts on it: its labels are the provider's, and each code is a series of its own from its first failure on. Use `model_call_failures_total` there.",
    example: 'topk(10, sum by (status_code, error_code) (rate(model_call_errors_total[15m])))',
  },
  {
    name: 'model_call_timeouts_total',
    type: 'counter',
    help: 'Calls that timed out, by how far they had come.',
    labels: [...BASE_LABELS, 'stage'],
    unit: '',
    explanation:
      'The stages add up to `model_call_failures_total{failure="timeout"}`. `first_token`: nothing had come, so look at network and queue. `generation`: the call was cut while tokens were coming, so stream long answers or allow them more time. A call that was not streamed shows no first token and counts as `first_token`.',
    example: 'sum by (model, stage) (rate(model_call_timeouts_total[15m]))',
  },
  {
    name: 'model_usage_total',
    type: 'counter',
    help: 'What calls used, by type of usage: tokens, pieces, characters, or seconds for the type duration.',
    labels: [...BASE_LABELS, 'usage_type'],
    unit: '',
    explanation:
      'Counts whatever the outcome: tokens of a cancelled or failed call were used, too. The types measure different things and some are parts of others (`cache_tokens` of `input_tokens`, `reasoning_tokens` of `output_tokens`), so every expression must fix `usage_type` or group by it.',
    example: 'sum by (workspace_id, model) (rate(model_usage_total{usage_type="total_tokens"}[2m])) * 60',
  },
  {
    name: 'model_cost_total',
    type: 'counter',
    help: 'What calls cost by the price list, in units of the currency.',
    labels: [...BASE_LABELS, 'currency'],
    unit: '',
    explanation:
      'Reckoned once, when the call arrives, with the price that held when the call started, in whole billionths: sums are exact. Every expression must fix `currency` or group by it. Calls that no price covers are in `model_observation_unpriced_calls_total`.',
    example: 'sum by (workspace_id, apikey_id, currency) (increase(model_cost_total[1d]))',
  },
  {
    name: 'model_call_duration_seconds',
    type: 'histogram',
    help: 'How long successful calls took as a whole.',
    labels: BASE_LABELS,
    unit: 'seconds',
    explanation:
      'Successful calls whose record says a duration. Bucket bounds come from `metrics.buckets.duration_seconds`; workspaces watched in `basic` mode have `_sum` and `_count` alone.',
    example: 'histogram_quantile(0.95, sum by (le, model) (rate(model_call_duration_seconds_bucket[5m])))',
  },
  {
    name: 'model_first_token_duration_seconds',
    type: 'histogram',
    help: 'How long successful streamed calls took to their first token.',
    labels: BASE_LABELS,
    unit: 'seconds',
    explanation:
      'Only calls whose record says when the first token came; a call that was not streamed never counts here, so its whole duration cannot pass for a first token. Bucket bounds come from `metrics.buckets.first_token_seconds`; in `basic` mode there are none.',
    example: 'histogram_quantile(0.99, sum by (le, model) (rate(model_first_token_duration_seconds_bucket[5m])))',
  },
  {
    name: 'model_generation_duration_per_token_seconds',
    type: 'histogram',
    help: 'How long successful streamed calls took for each output token after the first.',
    labels: BASE_LABELS,
    unit: 'seconds',
    explanation:
      '(duration − time to first token) ÷ (output tokens − 1), for calls with two output tokens or more: the time per output token of the OpenTelemetry GenAI conventions. Each call counts once, whatever its length. Bucket bounds come from `metrics.buckets.generation_per_token_seconds`; in `basic` mode there are none.',
    example:
      '1 / histogram_quantile(0.5, sum by (le, model) (rate(model_generation_duration_per_token_seconds_bucket[5m])))',
  },
  {
    name: 'model_last_call_timestamp_seconds',
    type: 'gauge',
    help: 'When the last call of a model ended, in seconds since the epoch; never ahead of the clock of the exporter.',
    labels: ['workspace_id', 'model'],
    unit: 'seconds',
    explanation:
      "The latest end (start + duration) of all calls seen, or its record's arrival where a sender's clock puts the end behind that; it never goes back when records arrive out of order.",
    example: 'time() - model_last_call_timestamp_seconds > 3600',
  },
  {
    name: 'model_quota',
    type: 'gauge',
    help: 'The quota of a model as configured, per minute.',
    labels: ['workspace_id', 'model', 'limit'],
    unit: '',
    explanation: 'From `quotas` in the configuration, to compare calls with.',
    example:
      'sum by (workspace_id, model) (rate(model_calls_total[2m])) * 60 / on (workspace_id, model) max by (workspace_id, model) (model_quota{limit="rpm"})',
  },
  {
    name: 'model_workspace_info',
    type: 'gauge',
    help: 'Always 1, for every workspace that has sent a call, with how closely it is watched.',
    labels: ['workspace_id', 'monitoring'],
    unit: '',
    explanation:
      'The list of workspaces, for variables of dashboards and for joins. A changed `monitoring` shows from the next call of the workspace on.',
    example: 'count(model_workspace_info)',
  },
  {
    name: 'model_observation_late_calls_total',
    type: 'counter',
    help: 'Calls whose record arrived longer after their end than calls.late_after allows.',
    labels: ['workspace_id', 'model'],
    unit: '',
    explanation:
      'Counters move when a record arrives, not when its call was. Late calls count as usual and also here; where their share is high, rates tell of arrivals rather than of calls, and alerts look away.',
    example:
      'sum by (workspace_id, model) (rate(model_observation_late_calls_total[5m])) / sum by (workspace_id, model) (rate(model_calls_total[5m]))',
  },
  {
    name: 'model_observation_unpriced_calls_total',
    type: 'counter',
    help: 'Calls that used something which no price covers, also beside tokens that have a cost.',
    labels: ['workspace_id', 'model'],
    unit: '',
    explanation:
      'While this rises, `model_cost_total` says too little for the model. Either the model has no price: add it. Or its calls used images, audio, video, seconds, characters or times, for which the price list knows no price; the tokens beside them are charged. Tokens of media are part of `input_tokens` and covered by its price.',
    example: 'sum by (workspace_id, model) (rate(model_observation_unpriced_calls_total[1h])) > 0',
  },
  {
    name: 'model_observation_overflow_calls_total',
    type: 'counter',
    help: 'Calls that count under __overflow__ because a budget of series is nearly used up, by what was folded.',
    labels: ['workspace_id', 'dimension'],
    unit: '',
    explanation:
      'Totals stay right: what is folded is counted, only not told apart. Series that are there stay as they are. Look for junk among the values of the dimension, or raise `metrics.series.workspace` or `metrics.series.total`.',
    example: 'sum by (workspace_id, dimension) (rate(model_observation_overflow_calls_total[15m])) > 0',
  },
  {
    name: 'model_observation_workspace_series',
    type: 'gauge',
    help: 'Series that a workspace has.',
    labels: ['workspace_id'],
    unit: '',
    explanation:
      'Beside `model_observation_series_limit{scope="workspace"}`: from 70 % of it on the first folding sets in.',
    example: 'topk(5, model_observation_workspace_series)',
  },
  {
    name: 'model_observation_series_limit',
    type: 'gauge',
    help: 'How many series there may be, as configured.',
    labels: ['scope'],
    unit: '',
    explanation: 'From `metrics.series` in the configuration. New values of labels are folded as a limit comes near.',
    example: 'model_observation_series / on () model_observation_series_limit{scope="all"}',
  },
] as const satisfies readonly Family[];

/** Every family there is, in the order in which it is exposed. */
export const FAMILIES = [...CALL_FAMILIES, ...EXPORTER_FAMILIES] as const;

export type FamilyName = (typeof FAMILIES)[number]['name'];

const byName = new Map<FamilyName, Family>(FAMILIES.map((family) => [family.name, family]));

/** What the catalogue says of a family. */
export function familyOf(name: FamilyName): Family {
  return byName.get(name) as Family;
}
