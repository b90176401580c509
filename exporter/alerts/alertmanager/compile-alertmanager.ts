import { stringify } from 'yaml';
import type { Alerts } from '../model/alerts.js';
import { ALERT_LEVELS, levelsAbove } from '../model/levels.js';
import { equals, oneOf } from './matchers.js';
import { receiversOf, secretTemplates } from './receivers.js';
import { routeTree } from './routes.js';
import { timeIntervals } from './time-intervals.js';

const HEAD = `# Routes of alerts. Generated from config/alerts.yml by \`model-observation alerts build\`: change that file.
#
# Secrets are in files that it names, on Alertmanager's machine; the texts of messages are in templates/. docs/guides/alerts.md
`;

export interface AlertmanagerOptions {
  /** Where Alertmanager reaches the exporter, without a slash at its end. */
  readonly exporterUrl: string;
}

/**
 * `alertmanager/alertmanager.yml`, of keys that Alertmanager 0.25 and all later versions know.
 *
 * @throws where a rule names a contact that there is not, or two secrets of WeCom are in files of one name
 */
export function compileAlertmanager(alerts: Alerts, { exporterUrl }: AlertmanagerOptions): string {
  const config = {
    ...(alerts.email && { global: emailServer(alerts.email) }),
    templates: ['templates/*.tmpl', ...secretTemplates(alerts)],
    route: routeTree(alerts),
    inhibit_rules: inhibitions(),
    receivers: receiversOf(alerts, exporterUrl),
    ...(alerts.schedules.size > 0 && { time_intervals: timeIntervals(alerts.schedules) }),
  };
  // Quoted, every text: a reader of YAML 1.1, such as Alertmanager's, takes more plain words for something else.
  const text = stringify(config, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  });
  return `${HEAD}${escapeUnprintable(text)}`;
}

function emailServer({ smarthost, from, user, passwordFile, requireTls }: NonNullable<Alerts['email']>) {
  return {
    smtp_smarthost: smarthost,
    smtp_from: from,
    ...(user !== null && { smtp_auth_username: user }),
    ...(passwordFile !== null && { smtp_auth_password_file: passwordFile }),
    smtp_require_tls: requireTls,
  };
}

/** Each level mutes those below it. All alerts have these labels: two that lack one would be equal in it. */
function inhibitions() {
  return ALERT_LEVELS.flatMap((level) => {
    const above = levelsAbove(level);
    if (above.length === 0) return [];
    return {
      source_matchers: ['rule!=""', oneOf('level', above)],
      target_matchers: ['rule!=""', equals('level', level)],
      equal: ['workspace_id', 'model', 'rule'],
    };
  });
}

/** YAML 1.1 forbids these in a file, or takes them for ends of lines; in quotes it knows their numbers. */
function escapeUnprintable(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
