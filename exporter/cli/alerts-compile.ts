import { isAbsolute, join, resolve } from 'node:path';
import { compileAlertmanager } from '../alerts/alertmanager/compile-alertmanager.js';
import { type LoadedAlerts, loadAlerts } from '../alerts/file/load-alerts.js';
import { compileRules } from '../alerts/rules/compile.js';
import { OFFICIAL_TEMPLATES } from '../alerts/templates/official.js';
import { ConfigError } from '../config/config-error.js';
import { loadSettings } from '../config/load.js';
import { alertText } from './alert-text.js';
import type { Output } from './output.js';

/** The options that say what is read. */
export const ALERTS_INPUTS = { alerts: 'a file', config: 'a file' } as const;
/** Those that say what is written, and with which address. */
export const ALERTS_OUTPUTS = {
  'rules-out': 'a file',
  'alertmanager-out': 'a file',
  'exporter-url': 'an address',
} as const;

export type AlertsOptions = { [Name in keyof typeof ALERTS_INPUTS | keyof typeof ALERTS_OUTPUTS]?: string };

/** Where a command runs; the process's own unless given. */
export interface Where {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** A file as it is to be. */
export interface CompiledFile {
  readonly kind: 'rules' | 'alertmanager';
  /** As it was named. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly text: string;
}

const ALERTS_FILE = join('config', 'alerts.yml');
const RULES_FILE = join('prometheus', 'rules', 'alerts.yml');
const ALERTMANAGER_FILE = join('alertmanager', 'alertmanager.yml');
/** For docker-compose.yml, where the exporter has another address. */
const COMPOSE_FILE = join('alertmanager', 'compose', 'alertmanager.yml');
const COMPOSE_EXPORTER_URL = 'http://exporter:9490';

/** Every mistake goes to stderr. @returns null where there are some */
export function readAlerts(options: AlertsOptions, out: Output, where: Where): LoadedAlerts | null {
  try {
    return load(options, where);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { length } = error.problems;
    out.stderr.write(
      `${alertText(error.message)}\n\n${length === 1 ? '1 problem' : `${length} problems`}: nothing is written or loaded.\n`,
    );
    return null;
  }
}

function load({ alerts: file = ALERTS_FILE, config }: AlertsOptions, { env, cwd = process.cwd() }: Where) {
  const { settings } = loadSettings({ configFile: config, cwd, ...(env && { env }) });
  const { monitoring, quotas, pricing } = settings;
  return loadAlerts({ file, cwd, officialTemplates: OFFICIAL_TEMPLATES, monitoring, quotas, pricing });
}

/**
 * What the file of alerts becomes. The file for Compose is made beside the usual one; not where another is asked for, nor for
 * another address.
 */
export function compileFiles({ alerts }: LoadedAlerts, options: AlertsOptions, { cwd }: Where): CompiledFile[] {
  const file = (kind: CompiledFile['kind'], name: string, text: string): CompiledFile => {
    return { kind, name, path: isAbsolute(name) ? name : resolve(cwd ?? process.cwd(), name), text };
  };
  const exporterUrl = options['exporter-url']?.replace(/\/+$/, '') ?? alerts.exporter.url;
  const files = [
    file('rules', options['rules-out'] ?? RULES_FILE, compileRules(alerts)),
    file(
      'alertmanager',
      options['alertmanager-out'] ?? ALERTMANAGER_FILE,
      compileAlertmanager(alerts, { exporterUrl }),
    ),
  ];
  if (options['alertmanager-out'] === undefined) {
    const text = compileAlertmanager(alerts, { exporterUrl: COMPOSE_EXPORTER_URL });
    files.push(file('alertmanager', COMPOSE_FILE, text));
  }
  return files;
}

/** Whether `--exporter-url` is an address that notifications can be sent to. What is wrong goes to stderr. */
export function isExporterUrl(text: string | undefined, out: Output): boolean {
  if (text === undefined || isServerUrl(text)) return true;
  out.stderr.write('--exporter-url must be an address such as http://127.0.0.1:9490, without user and password\n');
  return false;
}

/** http or https, a host, perhaps a path; no user, no query. */
export function isServerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return ['http:', 'https:'].includes(protocol) && `${username}${password}${search}${hash}` === '';
}
