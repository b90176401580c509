import type { Entry } from '../../config/kind.js';
import { type Contact, type ContactTarget, type ContactType, type EmailServer, FROM_LEVELS } from '../model/alerts.js';
import { type AlertsFile, CONTACT_KEYS, CONTACT_TYPE_KEYS, type ContactKey } from './alerts-file.js';
import type { Named } from './named-mappings.js';
import { isRefused, placeOf, type Reading, refuse } from './reading.js';

type ContactEntry = Entry<typeof CONTACT_KEYS>;

/** The contacts by name; null where one was refused. */
export function readContacts(file: Entry<AlertsFile>, reading: Reading): Map<string, Contact | null> {
  const contacts = new Map<string, Contact | null>();
  for (const named of file.values.contacts) contacts.set(named.name, readContact(named, file, reading));
  return contacts;
}

function readContact(
  { name, entry }: Named<typeof CONTACT_KEYS>,
  file: Entry<AlertsFile>,
  reading: Reading,
): Contact | null {
  if (entry === null) return null;
  const { type } = entry.values;
  checkKeys(entry, type, reading);
  if (type === 'email') checkServer(entry, file, reading);
  const target = targetOf(entry);
  return target === null ? null : { name, fromLevel: entry.values.from_level ?? FROM_LEVELS[type], ...target };
}

function checkKeys(entry: ContactEntry, type: ContactType, reading: Reading): void {
  const { required, optional } = CONTACT_TYPE_KEYS[type];
  const known: readonly string[] = ['type', 'from_level', ...required, ...optional];
  for (const name of Object.keys(CONTACT_KEYS) as (keyof typeof CONTACT_KEYS)[]) {
    if (!entry.places.has(name) || known.includes(name)) continue;
    refuse(reading, entry, name, `not a key of type ${type}`, null, `Its keys: ${known.join(', ')}.`);
  }
  for (const name of required) {
    if (entry.values[name] !== null || entry.places.has(name)) continue;
    refuse(reading, entry, name, 'missing', CONTACT_KEYS[name].kind.allowed, `Contacts of type ${type} need it.`);
  }
  if (type === 'wecom' && !entry.places.has('to_user') && !entry.places.has('to_party')) {
    refuse(reading, entry, 'to_user', 'found neither to_user nor to_party', 'to_user, to_party or both');
  }
}

function checkServer(entry: ContactEntry, file: Entry<AlertsFile>, reading: Reading): void {
  if (file.values['email.smarthost'] !== null || file.places.has('email.smarthost') || reading.refused.has('email'))
    return;
  const hint = 'Set email.smarthost and email.from.';
  refuse(reading, entry, 'type', 'email without a server that it leaves through', null, hint);
}

/** Null where a key is missing, which has been told. */
function targetOf({ values }: ContactEntry): ContactTarget | null {
  const all = <const K extends ContactKey>(...names: K[]): boolean => names.every((name) => values[name] !== null);
  switch (values.type) {
    case 'email':
      return all('to') ? { type: 'email', to: values.to! } : null;
    case 'webhook':
      return all('url') ? { type: 'webhook', url: values.url!, tokenFile: values.token_file } : null;
    case 'slack': {
      const { api_url_file: apiUrlFile, channel } = values;
      return all('api_url_file', 'channel') ? { type: 'slack', apiUrlFile: apiUrlFile!, channel: channel! } : null;
    }
    case 'pagerduty':
      return all('routing_key_file') ? { type: 'pagerduty', routingKeyFile: values.routing_key_file! } : null;
    case 'dingtalk':
      return all('robot') ? { type: 'dingtalk', robot: values.robot! } : null;
    case 'wecom':
      return all('corp_id', 'agent_id', 'secret_file')
        ? {
            type: 'wecom',
            corpId: values.corp_id!,
            agentId: values.agent_id!,
            secretFile: values.secret_file!,
            toUser: values.to_user,
            toParty: values.to_party,
          }
        : null;
  }
}

const PAIRS = [
  ['email.smarthost', 'email.from'],
  ['email.from', 'email.smarthost'],
  ['email.user', 'email.password_file'],
  ['email.password_file', 'email.user'],
  ['email.user', 'email.smarthost'],
] as const;

/** How email leaves; null where the section says nothing. */
export function readEmail(file: Entry<AlertsFile>, reading: Reading): EmailServer | null {
  const { values } = file;
  for (const [name, other] of PAIRS) {
    if (values[name] === null || values[other] !== null || isRefused(reading, file, other)) continue;
    reading.problems.add(placeOf(file, name), name, `set without ${other}`, null, `Set ${other} too.`);
  }
  if (values['email.smarthost'] === null || values['email.from'] === null) return null;
  return {
    smarthost: values['email.smarthost'],
    from: values['email.from'],
    user: values['email.user'],
    passwordFile: values['email.password_file'],
    requireTls: values['email.require_tls'],
  };
}
