import { posix } from 'node:path';
import type { Alerts, Contact, ContactTarget } from '../model/alerts.js';
import { literal } from '../rules/go-template.js';

/** A receiver as Alertmanager reads it: a name, and the configurations of its integrations. */
export type Receiver = { readonly name: string } & Readonly<Record<string, unknown>>;

/** Where alerts end that nobody is told of. */
export const NOBODY = 'nobody';
export const HISTORY = 'history';
export const WATCHDOG = 'watchdog';

/** The receiver of a contact. The prefix keeps it apart from those above. */
export function receiverName({ name }: Pick<Contact, 'name'>): string {
  return `contact/${name}`;
}

/** @throws where there is no such contact */
export function contactNamed({ contacts }: Alerts, name: string): Contact {
  const contact = contacts.get(name);
  if (contact === undefined) throw new Error(`there is no contact ${JSON.stringify(name)}`);
  return contact;
}

/** Nobody, the history, the Watchdog's where it has one, and each contact that a rule or the exporter's own alerts name. */
export function receiversOf(alerts: Alerts, exporterUrl: string): Receiver[] {
  const { notifyTokenFile } = alerts.exporter;
  const doors = { url: safeUrl(exporterUrl).replace(/\/+$/, ''), notifyTokenFile };
  const { watchdogContact } = alerts;
  return [
    { name: NOBODY },
    { name: HISTORY, webhook_configs: [webhook(`${doors.url}/notify/history`, notifyTokenFile)] },
    ...(watchdogContact === null
      ? []
      : [{ name: WATCHDOG, ...integration(contactNamed(alerts, watchdogContact), alerts, doors) }]),
    ...contactsInUse(alerts).map((contact) => ({
      name: receiverName(contact),
      ...integration(contact, alerts, doors),
    })),
  ];
}

/**
 * Alertmanager 0.25 knows no file for the secret of WeCom, and 0.25 and later alike take the secret for a template. So the file that
 * holds it is loaded as one, whose name is then that of the file: the secret is in no configuration. It has to be the whole
 * file, without an end of line.
 *
 * @returns the files, as patterns of paths
 * @throws where two files of one name are in different folders: they would be one template
 */
export function secretTemplates(alerts: Alerts): string[] {
  const files = new Map<string, string>();
  for (const contact of contactsInUse(alerts)) {
    if (contact.type !== 'wecom') continue;
    const name = posix.basename(contact.secretFile);
    const other = files.get(name);
    if (other !== undefined && other !== contact.secretFile) {
      throw new Error(`${other} and ${contact.secretFile}: secrets of WeCom need files of different names`);
    }
    files.set(name, contact.secretFile);
  }
  return [...files.values()].map((file) => file.replace(/[*?[\]\\]/g, '\\$&'));
}

function contactsInUse(alerts: Alerts): Contact[] {
  const names = new Set([...alerts.rules.flatMap(({ contacts }) => contacts), ...alerts.healthContacts]);
  return [...names].map((name) => contactNamed(alerts, name));
}

/** All are told of ends too. Whatever a user wrote is shown, never run: Alertmanager takes most of these for templates. */
function integration(contact: ContactTarget, alerts: Alerts, doors: Doors): Readonly<Record<string, unknown>> {
  switch (contact.type) {
    case 'email':
      return {
        email_configs: [
          {
            send_resolved: true,
            to: literal(contact.to.join(', ')),
            headers: { Subject: template('subject') },
            html: template('email.html'),
            text: template('text'),
          },
        ],
      };
    case 'webhook':
      return { webhook_configs: [webhook(safeUrl(contact.url), contact.tokenFile)] };
    case 'dingtalk':
      return {
        webhook_configs: [
          webhook(`${doors.url}/notify/dingtalk?robot=${encodeURIComponent(contact.robot)}`, doors.notifyTokenFile),
        ],
      };
    case 'slack':
      return {
        slack_configs: [
          {
            send_resolved: true,
            api_url_file: contact.apiUrlFile,
            channel: literal(contact.channel),
            color: template('colour'),
            title: template('slack.title'),
            title_link: FIRST_DASHBOARD,
            text: template('slack.text'),
            fallback: template('slack.title'),
            // Not in the text: a model called *x* is shown so.
            mrkdwn_in: ['pretext'],
          },
        ],
      };
    case 'pagerduty':
      return {
        pagerduty_configs: [
          {
            send_resolved: true,
            routing_key_file: contact.routingKeyFile,
            severity: template('pagerduty.severity'),
            description: template('subject'),
            client: 'Model Observation',
            client_url: literal(alerts.links.alertmanager),
            class: '{{ .CommonLabels.template }}',
            group: '{{ .CommonLabels.workspace_id }}',
            links: [
              { href: FIRST_DASHBOARD, text: 'Dashboard' },
              { href: '{{ (index .Alerts 0).Annotations.logs_url }}', text: 'Logs' },
              { href: '{{ .CommonAnnotations.runbook_url }}', text: 'Runbook' },
            ],
            details: {
              level: '{{ .CommonLabels.level }}',
              workspace: '{{ .CommonLabels.workspace_id }}',
              rule: '{{ .CommonLabels.rule }}',
              summary: '{{ .CommonAnnotations.summary }}',
              // Alertmanager fills these two with whole lists where they are not named.
              firing: template('text.firing'),
              resolved: template('text.resolved'),
            },
          },
        ],
      };
    case 'wecom':
      return {
        wechat_configs: [
          {
            send_resolved: true,
            corp_id: literal(contact.corpId),
            agent_id: literal(contact.agentId),
            api_secret: `{{ template ${JSON.stringify(posix.basename(contact.secretFile))} . }}`,
            to_user: literal(contact.toUser ?? (contact.toParty === null ? '@all' : '')),
            to_party: literal(contact.toParty ?? ''),
            message: template('wecom.text'),
            message_type: 'text',
          },
        ],
      };
  }
}

interface Doors {
  readonly url: string;
  readonly notifyTokenFile: string | null;
}

const FIRST_DASHBOARD = '{{ (index .Alerts 0).Annotations.dashboard_url }}';

/** One of alertmanager/templates/model-observation.tmpl. */
function template(name: string): string {
  return `{{ template "model-observation.${name}" . }}`;
}

function webhook(url: string, tokenFile: string | null) {
  return {
    send_resolved: true,
    url,
    ...(tokenFile !== null && { http_config: { authorization: { credentials_file: tokenFile } } }),
  };
}

/** Alertmanager 0.25 takes an address as it is, later ones for a template: this one is the same in both. */
function safeUrl(url: string): string {
  return url.replaceAll('{', '%7B').replaceAll('}', '%7D');
}
