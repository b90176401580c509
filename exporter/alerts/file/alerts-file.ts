import { listOf } from '../../config/collection-kinds.js';
import { key, optional, required } from '../../config/kind.js';
import { boolean, duration, integer, number, oneOf, text } from '../../config/scalar-kinds.js';
import {
  AGGREGATIONS,
  type AggregationName,
  ALERT_METRICS,
  type AlertMetricName,
  CONDITION_INFERENCE_TYPES,
  FILTERS,
} from '../model/alert-metrics.js';
import { type Comparison, type ContactType, FROM_LEVELS } from '../model/alerts.js';
import { byLevel, mapping, mappings, namedMappings, written } from './named-mappings.js';
import { hours, timeZone, weekdays } from './schedule-kinds.js';
import {
  agentId,
  baseAddress,
  callAddress,
  currency,
  emailAddress,
  level,
  lookBack,
  message,
  modelPattern,
  orNone,
  plain,
  reference,
  secretFile,
  sender,
  smarthost,
  workspace,
} from './value-kinds.js';

/*
 * Every key of `config/alerts.yml`, once. Checking, defaults and the reference page all come from here.
 */

export const CONTACT_TYPES = Object.keys(FROM_LEVELS) as ContactType[];
const COMPARISONS: readonly Comparison[] = ['>', '>=', '<', '<=', '==', '!='];

/** Those of all types; which of them a type has stands in `CONTACT_TYPE_KEYS`. */
export const CONTACT_KEYS = {
  type: required(oneOf(CONTACT_TYPES), 'How it is reached; it decides which of the other keys there are.'),
  from_level: optional(level, 'The lowest level that reaches it; without it, by its type.'),
  to: optional(listOf(emailAddress), 'Who gets the mail.'),
  url: optional(callAddress, 'What is called, with the JSON of an Alertmanager webhook.'),
  token_file: optional(secretFile, 'A file with the bearer token that the webhook asks for.'),
  api_url_file: optional(secretFile, 'A file with the address of a Slack webhook, which is a secret.'),
  channel: optional(plain(256), 'The channel, such as `#llm` (in quotes).'),
  routing_key_file: optional(secretFile, 'A file with the integration key of PagerDuty, Events API v2.'),
  corp_id: optional(plain(256), 'The id of the enterprise.'),
  agent_id: optional(agentId, 'The id of the application.'),
  secret_file: optional(
    secretFile,
    'A file with the secret of the application, without a line break at its end: Alertmanager reads it as a template.',
  ),
  to_user: optional(plain(1024), 'Users, with `|` between them; `@all` for all. Or `to_party`, or both.'),
  to_party: optional(plain(1024), 'Departments, with `|` between them.'),
  robot: optional(
    text({ max: 64, pattern: /^[\w.-]+$/, allowed: '1 to 64 letters, digits, ".", "_" and "-"' }),
    'The name of a robot that the exporter knows.',
  ),
};
export type ContactKey = Exclude<keyof typeof CONTACT_KEYS, 'type' | 'from_level'>;

/** Which keys a type must have, and which it may. */
export const CONTACT_TYPE_KEYS: Readonly<
  Record<ContactType, { readonly required: readonly ContactKey[]; readonly optional: readonly ContactKey[] }>
> = {
  email: { required: ['to'], optional: [] },
  slack: { required: ['api_url_file', 'channel'], optional: [] },
  wecom: { required: ['corp_id', 'agent_id', 'secret_file'], optional: ['to_user', 'to_party'] },
  dingtalk: { required: ['robot'], optional: [] },
  webhook: { required: ['url'], optional: ['token_file'] },
  pagerduty: { required: ['routing_key_file'], optional: [] },
};

export const SCHEDULE_KEYS = {
  hours: optional(
    listOf(hours),
    'From when to when notifications are sent; without it, the whole day. A range over midnight belongs to the day on which it begins.',
  ),
  weekdays: optional(listOf(weekdays), 'The days on which the hours begin; without it, all.'),
  time_zone: key(timeZone, 'UTC', 'Whose hours these are.'),
};

export const CONDITION_KEYS = {
  metric: required(
    oneOf(Object.keys(ALERT_METRICS) as AlertMetricName[]),
    'What is looked at; see the table of metrics.',
  ),
  aggregation: required(oneOf(Object.keys(AGGREGATIONS) as AggregationName[]), 'How; each metric has its own.'),
  comparison: key(oneOf(COMPARISONS), '>', 'How the value compares with the threshold when the condition holds.'),
  window: optional(lookBack, 'What is looked back on: `5m` where it is left out. Growth and `idle` have none.'),
  thresholds: optional(
    byLevel,
    'Level to its threshold. The levels named here are those that the condition can reach.',
  ),
  threshold: optional(written, 'One threshold for every level of the other conditions; only with `match: all`.'),
  inference_type: optional(
    oneOf(CONDITION_INFERENCE_TYPES),
    'Which calls are looked at; without it, as the metric says.',
  ),
  failure: optional(oneOf(FILTERS.failure), 'Which failures.'),
  stage: optional(oneOf(FILTERS.stage), 'Which timeouts.'),
  usage_type: optional(oneOf(FILTERS.usage_type), 'Which usage.'),
  limit: optional(oneOf(FILTERS.limit), 'Which quota.'),
  currency: optional(currency, 'Which cost.'),
  least_baseline: optional(
    number({ min: 0, max: 1e15 }),
    'The least that the hour before must have had; of growth and `idle` alone. Without it, as the metric says.',
  ),
};

export const TEMPLATE_KEYS = {
  workspace: optional(workspace, 'The one workspace whose template it is; without it, of all.'),
  summary: optional(text({ max: 256 }), 'One sentence that says what is wrong, without values; without it, the name.'),
  match: key(oneOf(['any', 'all']), 'any', 'Which conditions must hold: one of them, or each.'),
  conditions: required(mappings(CONDITION_KEYS, { min: 1, max: 10 }), '1 to 10 conditions, below.'),
};

export const BUDGET_KEYS = {
  amount: required(number({ min: 0.01, max: 1e15 }), 'What a workspace may spend in the window of the template.'),
  currency: required(currency, 'The currency of the amount.'),
};

const REPEATED = { min: '1m', max: '5d' };

export const RULE_KEYS = {
  template: required(reference, 'An official template, or one of `templates`.'),
  workspaces: optional(listOf(workspace), 'The workspaces that it watches; without it, all.'),
  models: optional(listOf(modelPattern), 'Models, or beginnings that end in `*`; without it, all.'),
  for: key(duration({ min: '0s', max: '7d' }), '1m', 'How long a condition must hold until the alert fires.'),
  hold: key(duration({ min: '0s', max: '7d' }), '5m', 'How long an alert goes on after its condition has ended.'),
  clear_at: optional(
    byLevel,
    'Level to the value beyond which a firing alert ends; without it, its threshold. Only with templates of one condition.',
  ),
  least_calls: optional(
    integer({ min: 0, max: 1e12 }),
    'Calls in the window below which the rule says nothing; without it, as the metric says.',
  ),
  message: optional(message, 'Text of your own in the notification.'),
  schedule: optional(reference, 'One of `schedules`; without it, notifications are sent at any time.'),
  silence: optional(
    duration(REPEATED),
    'How long until a notification is repeated; without it, by its level. At most as long as Alertmanager remembers.',
  ),
  contacts: optional(
    orNone(listOf(reference)),
    'Who is notified. Without it, alerts are seen in Grafana, Alertmanager and the history alone.',
  ),
  budget: optional(
    mapping(BUDGET_KEYS),
    'Needed exactly where the template looks at `budget`: `amount` and `currency`.',
  ),
};

export const ALERTS_FILE = {
  'links.grafana': key(baseAddress, 'http://127.0.0.1:3000', 'Grafana, as people open it; notifications lead there.'),
  'links.alertmanager': key(baseAddress, 'http://127.0.0.1:9093', 'Alertmanager, as people open it, for silences.'),
  'links.runbooks': key(
    baseAddress,
    'http://127.0.0.1:9490/runbooks',
    'Where the runbooks are: `<runbooks>/<template>` is that of a template.',
  ),
  'exporter.url': key(baseAddress, 'http://127.0.0.1:9490', 'Where Alertmanager reaches the exporter.'),
  'exporter.notify_token_file': optional(
    secretFile,
    'A file with the token of scope `notify`; without it, Alertmanager brings none.',
  ),
  'email.smarthost': optional(smarthost, 'The server that mail leaves through; needed by contacts of type `email`.'),
  'email.from': optional(sender, 'Who mail comes from; needed with `email.smarthost`.'),
  'email.user': optional(plain(256), 'User of the mail server; needs `email.password_file`.'),
  'email.password_file': optional(secretFile, 'A file with its password.'),
  'email.require_tls': key(boolean, true, 'Send nothing over a connection that is not encrypted.'),
  contacts: key(namedMappings(CONTACT_KEYS), null, 'Name to a contact: who is notified, and how.'),
  schedules: key(namedMappings(SCHEDULE_KEYS), null, 'Name to the hours and days on which notifications are sent.'),
  templates: key(
    namedMappings(TEMPLATE_KEYS),
    null,
    'Name to a template of your own; the official ones are always there.',
  ),
  rules: key(namedMappings(RULE_KEYS), null, 'Name to a rule: a template at work on workspaces and models.'),
  'health.contacts': optional(orNone(listOf(reference)), "Who hears of the exporter's own alerts; without it, nobody."),
  'watchdog.contact': optional(
    reference,
    'A contact of type `webhook` that is called again and again, and whose silence means that alerting is broken.',
  ),
};
export type AlertsFile = typeof ALERTS_FILE;
