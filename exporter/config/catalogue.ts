import { DEFAULT_BUCKETS } from '../call/buckets.js';
import { MONITORING } from '../call/call.js';
import { bucketBounds, listOf, listOfMappings, mapOf } from './collection-kinds.js';
import { key, optional, required } from './kind.js';
import {
  boolean,
  duration,
  hidden,
  httpAddress,
  integer,
  listenAddress,
  number,
  oneOf,
  size,
  text,
} from './scalar-kinds.js';
import { LANGUAGES, LOG_MODES, SCOPES } from './settings.js';

/*
 * Every key of the configuration, once. Checking, defaults, environment variables and the reference
 * page all come from here.
 */

/** Label values are bounded, so that nothing in the configuration makes a series that calls could not. */
const label = text({ max: 128 });

export const TOKEN_KEYS = {
  name: required(
    hidden(text({ max: 64, pattern: /^[\w.-]+$/, allowed: 'letters, digits, ".", "_" and "-", at most 64 of them' })),
    'What the answer to a request that the token may not make (403) calls it.',
  ),
  scopes: required(
    listOf(hidden(oneOf(SCOPES))),
    'What the token may do: `ingest` sends call records, `scrape` reads `/metrics`, `notify` is for Alertmanager, which ' +
      'calls `/notify/history` and `/notify/dingtalk`. `read` and `admin` are for later: nothing asks for them yet.',
  ),
  workspace: optional(
    hidden(label),
    'The one workspace that the token may write to; without it, all. Not with `scrape` or `notify`: `/metrics` shows every workspace, and Alertmanager tells of every one.',
  ),
  token_file: optional(
    hidden(text({ max: 4096 })),
    "A file that holds the token, relative to the configuration file's folder; blank space around the token is cut off.",
  ),
  token_sha256: optional(
    hidden(text({ max: 64, pattern: /^[0-9a-f]{64}$/i, allowed: '64 hexadecimal digits, the SHA-256 of the token' })),
    'The SHA-256 of the token, as `printf %s "$TOKEN" | sha256sum` prints it.',
  ),
};

export const QUOTA_KEYS = {
  workspace: key(label, '*', 'The workspace that has the quota; `*` is the whole account.'),
  model: required(label, 'The model as calls name it.'),
  rpm: optional(integer({ min: 1, max: 1e12 }), 'Requests a minute.'),
  tpm: optional(integer({ min: 1, max: 1e15 }), 'Tokens a minute.'),
};

export const PATTERN_KEYS = {
  name: required(
    text({ max: 32, pattern: /^[a-z][a-z0-9_]*$/, allowed: 'a name of 1 to 32 small letters, digits and _' }),
    'Stands where something was found, and in the counts.',
  ),
  pattern: required(
    text({ max: 1000 }),
    'In the syntax of RE2, which is matched in linear time: no backreferences, no lookaround.',
  ),
  action: key(oneOf(['mask', 'hash', 'drop']), 'mask', 'What becomes of a find; see `redaction.detectors`.'),
};

export const ROBOT_KEYS = {
  name: required(text({ max: 64 }), 'What contacts in `config/alerts.yml` call it, as their `robot`.'),
  access_token_file: optional(
    hidden(text({ max: 4096 })),
    "A file with the robot's access token, the part behind `access_token=` of its webhook address.",
  ),
  url_file: optional(
    hidden(text({ max: 4096 })),
    'Instead of it, a file with the whole webhook address, as DingTalk shows it.',
  ),
  secret_file: optional(
    hidden(text({ max: 4096 })),
    'A file with the secret (`SEC…`) of a robot whose security setting is a signature. Without it nothing is signed.',
  ),
  language: key(oneOf(LANGUAGES), 'en', 'The language of its messages; the texts of rules stay as they are written.'),
  base_url: key(
    httpAddress,
    'https://oapi.dingtalk.com',
    'Where DingTalk is, beside `access_token_file`: another address for a proxy, or for a test.',
  ),
};

const WORKSPACE_IDS = {
  allowed: 'workspace ids of 1 to 200 characters',
  good: (name: string) => name.length >= 1 && name.length <= 200,
  hidden: false,
};

export const CATALOGUE = {
  listen: key(listenAddress, '127.0.0.1:9490', 'The address to serve on; port 0 takes any free port.'),
  data_dir: key(text({ max: 4096 }), './data', 'Folder of everything that is kept, relative to the working directory.'),
  log_level: key(
    oneOf(['debug', 'info', 'warn', 'error', 'silent']),
    'info',
    "How much the exporter logs of its own work; calls' content is never logged.",
  ),
  pricing_file: key(
    text({ max: 4096 }),
    'pricing.yml',
    "The price list, relative to the configuration file's folder; the default may be missing, a file named here may not.",
  ),

  'auth.anonymous': key(
    boolean,
    false,
    'Serve requests that bring no token, with every scope; needed to listen beyond loopback without tokens.',
  ),
  'auth.tokens': key(
    listOfMappings(TOKEN_KEYS),
    null,
    'The tokens that requests may bring; each has either `token_file` or `token_sha256`.',
  ),

  'limits.body_bytes': key(
    size({ min: '1KiB', max: '512MiB' }),
    '32MiB',
    'Largest request body as received, compressed or not; larger ones are answered 413.',
  ),
  'limits.decompressed_bytes': key(
    size({ min: '1KiB', max: '512MiB' }),
    '64MiB',
    'Largest request body after decompression.',
  ),
  'limits.record_bytes': key(
    size({ min: '1KiB', max: '512MiB' }),
    '32MiB',
    'Largest single call record; a larger one is refused, not its batch. One above 256 KiB is parsed by a thread of its own, so that it holds nothing up.',
  ),
  'limits.batch_records': key(integer({ min: 1, max: 1_000_000 }), 10_000, 'Most call records in one request.'),
  'limits.nesting_depth': key(integer({ min: 4, max: 1000 }), 64, 'Deepest nesting of objects and arrays in a record.'),
  'limits.in_flight_bytes': key(
    size({ min: '1KiB', max: '64GiB' }),
    '256MiB',
    'Bytes of request bodies, as received and decompressed, that the process holds at once; beyond, requests are answered 503.',
  ),
  'limits.request_timeout': key(
    duration({ min: '100ms', max: '1h' }),
    '30s',
    'A request that has not arrived whole by then is answered 408.',
  ),

  'calls.late_after': key(
    duration({ min: '1s', max: '30d' }),
    '10m',
    'A call that ended longer than this before its record arrived is counted as late too.',
  ),
  'calls.apikey_aliases': key(
    mapOf(
      {
        allowed: 'key ids of 1 to 256 characters',
        good: (name) => name.length >= 1 && name.length <= 256,
        hidden: true,
      },
      hidden(label),
    ),
    null,
    'Key id to the name it is shown by. Use ids here, never the secret keys themselves.',
  ),

  'spool.segment_bytes': key(
    // Segments are read back in one piece, and Node.js reads no file over 2 GiB so.
    size({ min: '64KiB', max: '1GiB' }),
    '64MiB',
    'Size at which a new segment of the log begins.',
  ),
  'spool.snapshot_interval': key(
    duration({ min: '1s', max: '1h' }),
    '1m',
    'Time between two snapshots of the counters.',
  ),
  'spool.snapshot_bytes': key(
    size({ min: '1MiB', max: '64GiB' }),
    '256MiB',
    'A snapshot is also taken after this much log, which bounds the work of a start.',
  ),
  'spool.free_disk_reserve': key(
    size({ min: '0B', max: '1TiB' }),
    '256MiB',
    'Free disk that is left for snapshots; below it, call records are answered 503.',
  ),
  'spool.duplicate_window': key(
    duration({ min: '1s', max: '30d' }),
    '24h',
    'How long a record id is remembered, so that a repeated record is not counted again.',
  ),
  'spool.duplicate_window_entries': key(
    integer({ min: 1024, max: 2 ** 28 }),
    4_194_304,
    'Most record ids remembered; with more, the window is shorter than `spool.duplicate_window`.',
  ),

  'metrics.birth_hold': key(
    duration({ min: '0s', max: '10m' }),
    '35s',
    'How long a new series reads 0 before it shows its value; longer than two scrapes, so that `increase()` sees it all. ' +
      'Raising it begins a new epoch of all call counters, because those already shown would read 0 again.',
  ),
  'metrics.buckets.duration_seconds': key(
    bucketBounds,
    DEFAULT_BUCKETS.durationSeconds,
    'Upper bounds of `model_call_duration_seconds`. Other bounds begin a new epoch of all call counters.',
  ),
  'metrics.buckets.first_token_seconds': key(
    bucketBounds,
    DEFAULT_BUCKETS.firstTokenSeconds,
    'Upper bounds of `model_first_token_duration_seconds`; likewise.',
  ),
  'metrics.buckets.generation_per_token_seconds': key(
    bucketBounds,
    DEFAULT_BUCKETS.generationPerTokenSeconds,
    'Upper bounds of `model_generation_duration_per_token_seconds`; likewise.',
  ),

  'metrics.series.workspace': key(
    integer({ min: 1000, max: 10_000_000 }),
    100_000,
    'Most series of one workspace. From 70 % of it on, new values of labels are folded into `__overflow__`, those that ' +
      'matter least first: error codes, keys in histograms, keys, models.',
  ),
  'metrics.series.total': key(
    integer({ min: 1000, max: 10_000_000 }),
    500_000,
    'Most series of all workspaces together; likewise, and in the end new workspaces are folded too.',
  ),
  'metrics.idle_after': key(
    duration({ min: '1h', max: '365d' }),
    '7d',
    'A combination of workspace, model, key and inference type without a call for so long leaves within the next hour; ' +
      'it comes back at 0.',
  ),

  'monitoring.default': key(
    oneOf(MONITORING),
    'advanced',
    'How closely workspaces are watched. `basic` has averages but no percentiles, no error codes and no alerts, and ' +
      'about a quarter of the series. A change counts from the next call of a workspace on.',
  ),
  'monitoring.workspaces': key(
    mapOf(WORKSPACE_IDS, oneOf(MONITORING)),
    null,
    'Workspace id to how closely that one is watched.',
  ),

  quotas: key(
    listOfMappings(QUOTA_KEYS),
    null,
    'What the provider allows, shown as `model_quota`; each entry has `rpm`, `tpm` or both.',
  ),

  'loki.url': optional(
    httpAddress,
    'Address of Loki, such as `http://127.0.0.1:3100`. Without it there are no logs, and content is dropped as it arrives.',
  ),
  'loki.tenant': optional(
    text({
      max: 150,
      pattern: /^(?!\.{1,2}$)[A-Za-z0-9!_.*'()-]+$/,
      allowed: "1 to 150 letters, digits and !-_.*'(), other than . and .. alone",
    }),
    'Tenant of all logs, sent as `X-Scope-OrgID`. Loki needs one where `auth_enabled` is true.',
  ),
  'loki.tenant_per_workspace': key(boolean, false, 'Each workspace is a tenant of its own, named by its id.'),
  'loki.encoding': key(
    oneOf(['protobuf', 'json']),
    'protobuf',
    "How entries are sent: `protobuf` with snappy, as Loki's own clients do, or `json` with gzip for a proxy that reads along.",
  ),
  'loki.user': optional(text({ max: 256 }), 'User of basic auth; needs `loki.password_file`.'),
  'loki.password_file': optional(
    hidden(text({ max: 4096 })),
    "A file with the password, relative to the configuration file's folder, as all files here.",
  ),
  'loki.token_file': optional(hidden(text({ max: 4096 })), 'A file with a bearer token.'),
  'loki.ca_file': optional(text({ max: 4096 }), 'A file with the certificates that sign that of Loki, in PEM.'),
  'loki.cert_file': optional(text({ max: 4096 }), 'A file with a client certificate, in PEM; needs `loki.key_file`.'),
  'loki.key_file': optional(hidden(text({ max: 4096 })), 'A file with its key, in PEM.'),
  'loki.server_name': optional(text({ max: 253 }), "The name in Loki's certificate, where the address has another."),
  'loki.backlog_bytes': key(
    size({ min: '1MiB', max: '1TiB' }),
    '4GiB',
    'Most of the log that may wait on disk for Loki; beyond, the oldest is skipped and counted.',
  ),
  'loki.backlog_age': key(
    duration({ min: '1m', max: '30d' }),
    '6d',
    'Records that have waited longer are skipped and counted. Loki refuses what is older than 7 days, unless told otherwise.',
  ),
  'loki.dead_letter_bytes': key(
    size({ min: '1MiB', max: '1TiB' }),
    '256MiB',
    'Most bytes of entries that Loki refused for good; beyond, the oldest go.',
  ),

  'logs.default': key(
    oneOf(LOG_MODES),
    'metadata',
    'What is logged of workspaces: `off` nothing; `metadata` the audit log, a line of each call without its content; `masked` also the inference log, the whole request and response with secrets and personal data masked; `full` the same unmasked.',
  ),
  'logs.workspaces': key(mapOf(WORKSPACE_IDS, oneOf(LOG_MODES)), null, 'Workspace id to what is logged of that one.'),
  'logs.models': optional(
    listOf(text({ max: 128 })),
    'Models that have an inference log: names, or beginnings that end in `*`. Without it, all.',
  ),
  'logs.sample_rate': key(
    number({ min: 0, max: 1 }),
    1,
    'Share of calls that have an inference log, chosen by their id; the audit log has every call.',
  ),

  'redaction.detectors': key(
    mapOf(
      { allowed: 'names of detectors', good: (name) => /^[a-z_]{1,32}$/.test(name), hidden: false },
      oneOf(['mask', 'hash', 'drop', 'off']),
    ),
    null,
    'Detector to what becomes of its finds: `mask` puts its name in their place, `hash` a keyed hash beside it, `drop` takes the whole string away, `off` does not look. Those not named mask.',
  ),
  'redaction.patterns': key(
    listOfMappings(PATTERN_KEYS),
    null,
    'Patterns of your own, looked for beside the detectors.',
  ),
  'redaction.keep_media': key(
    boolean,
    false,
    'Keep images and audio in content instead of their type, size and hash. What is kept is not searched.',
  ),

  'notify.dingtalk': key(
    listOfMappings(ROBOT_KEYS),
    null,
    'The robots of DingTalk that alerts may go to, through `/notify/dingtalk`; each has either `access_token_file` or `url_file`.',
  ),
};

export type Catalogue = typeof CATALOGUE;
