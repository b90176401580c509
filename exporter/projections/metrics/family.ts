/** One metric family as the catalogue describes it. */
export interface Family {
  /** As in the text format: a counter's name ends in `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One complete sentence, for HELP. */
  readonly help: string;
  /** In the order in which they are written; `le` of a histogram goes without saying. */
  readonly labels: readonly LabelName[];
  /** The base unit that the name ends in; empty where a family counts things. */
  readonly unit: '' | 'seconds' | 'bytes';
  /** For the reference page: what moves it, what it leaves out, what to beware of. */
  readonly explanation: string;
  /** A PromQL expression that answers a question somebody has. */
  readonly example: string;
}

/** Every label there is and what its values are. */
export const LABELS = {
  workspace_id:
    'The tenant; `__overflow__` where there was no room for one more. In `model_quota`, `*` is the whole account.',
  model: 'The model as requested; `__overflow__` where there was no room for one more.',
  apikey_id:
    'Id or alias of the API key, never the secret; `others` where the record named none; `__overflow__` where there was no room for one more.',
  inference_type: '`realtime` or `batch`.',
  protocol: '`HTTP`, `SSE` or `WS`.',
  outcome: '`success`, `failure` or `cancelled` (the client went away). Born together.',
  failure: '`content_moderation`, `rate_limited`, `timeout`, `client_error` or `server_error`. Born together.',
  status_code: 'HTTP status of the failed call; `__overflow__` where there was no room for one more.',
  error_code:
    "The provider's error code; empty where it gave none; `__overflow__` where there was no room for one more.",
  stage:
    'Of a timeout: `first_token`, nothing had come yet; `generation`, the call was cut while tokens were coming. Of bytes pushed: `before` or `after` compression.',
  usage_type:
    '`total_tokens`, `input_tokens`, `output_tokens` (born together), `cache_tokens`, `cache_write_tokens`, `reasoning_tokens`, `image_tokens`, `audio_tokens`, `video_tokens`, `image_count`, `audio_count`, `video_count`, `duration` (seconds), `characters`, `times`.',
  currency: 'ISO 4217 code from the price list.',
  limit: '`rpm`: requests a minute. `tpm`: tokens a minute.',
  monitoring: 'How closely the workspace is watched: `basic` or `advanced`.',
  dimension:
    'What was folded into `__overflow__`: `error_code`, `apikey_id_histograms` (the key, in histograms alone), `apikey_id`, `model` or `workspace_id`. Born together.',
  scope: '`workspace`: of each workspace. `all`: of all together.',
  door: 'The way in, such as `calls`.',
  answer:
    'Of a record: `accepted`, `duplicate`, `rejected` or `unavailable`. Of a push: `stored`, or what was in the way. Of a notification: `delivered`, `repeated`, `refused`, `unavailable` or `invalid`.',
  code: 'HTTP status of the answer.',
  field: 'The field of the record that was refused.',
  version: 'Version of Model Observation.',
  node: 'Version of Node.js.',
  result: 'Of a scrape: `complete`, `aborted`, `failed` or `refused`. Of a log entry: `stored` or `dead`.',
  cursor: 'Who reads the spool: `snapshot`, and `loki` where logs are kept.',
  reason: 'Why something is not where it was to go, as the family says it.',
  channel: 'Where notifications go: `history` or `dingtalk`.',
  robot: 'The name of a robot in `notify.dingtalk`.',
  detector: 'What was looked for, by the name that the configuration has for it.',
  format: '`segment`: the frames of the spool. `snapshot`: the file of a snapshot. `series`: the call metrics in it.',
} as const;

export type LabelName = keyof typeof LABELS;
