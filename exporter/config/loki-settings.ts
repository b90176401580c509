import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { DETECTOR_NAMES } from '../redaction/catalogue.js';
import { RedactorOptionsError } from '../redaction/options.js';
import { compilePatterns } from '../redaction/patterns.js';
import type { Catalogue } from './catalogue.js';
import type { Place, Problems } from './config-error.js';
import type { Entry } from './kind.js';
import type { LokiSettings, RedactionSettings } from './settings.js';

type Config = Entry<Catalogue>;
type FileKey = 'loki.password_file' | 'loki.token_file' | 'loki.ca_file' | 'loki.cert_file' | 'loki.key_file';

const MOST_FILE_BYTES = 1024 * 1024;

/**
 * Where logs go; the files of password, token and certificates are read here.
 * @param folder the folder that relative files are looked for in
 * @returns null without an address
 */
export function readLoki(config: Config, folder: string, problems: Problems): LokiSettings | null {
  const { values } = config;
  const url = values['loki.url'];
  checkTenant(config, problems);
  checkPairs(config, problems);
  const read = (key: FileKey): string | undefined => fileOf(config, key, folder, problems);
  const password = read('loki.password_file');
  const token = read('loki.token_file');
  const [ca, cert, key] = [read('loki.ca_file'), read('loki.cert_file'), read('loki.key_file')];
  if (url === null) {
    const stray = Object.keys(values).find((name) => name.startsWith('loki.') && config.places.has(name as never));
    if (stray !== undefined && stray !== 'loki.url') {
      problems.add(
        placeOf(config, stray as never),
        stray,
        'set without loki.url',
        null,
        'Set loki.url, or remove this.',
      );
    }
    return null;
  }
  const user = values['loki.user'];
  return {
    url,
    tenant: values['loki.tenant'] ?? '',
    tenantPerWorkspace: values['loki.tenant_per_workspace'],
    encoding: values['loki.encoding'],
    credentials:
      token !== undefined
        ? { kind: 'bearer', token: token.trim() }
        : user !== null
          ? { kind: 'basic', user, password: (password ?? '').replace(/\r?\n$/, '') }
          : { kind: 'none' },
    tls: {
      ...(ca !== undefined && { ca }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(values['loki.server_name'] !== null && { servername: values['loki.server_name'] }),
    },
    backlogBytes: values['loki.backlog_bytes'],
    backlogAgeMs: values['loki.backlog_age'],
    deadLetterBytes: values['loki.dead_letter_bytes'],
  };
}

/** What is masked; patterns are compiled once here, so that a wrong one is told at the start. */
export function readRedaction(config: Config, problems: Problems): RedactionSettings {
  const detectors = config.values['redaction.detectors'];
  for (const name of detectors.keys()) {
    if ((DETECTOR_NAMES as readonly string[]).includes(name)) continue;
    const place = placeOf(config, 'redaction.detectors');
    problems.add(place, `redaction.detectors.${name}`, 'no such detector', `one of ${DETECTOR_NAMES.join(', ')}`);
  }
  const entries = config.values['redaction.patterns'];
  const patterns = entries.map(({ values }) => values);
  for (const [index, pattern] of patterns.entries()) {
    try {
      compilePatterns([pattern]);
    } catch (error) {
      tell(error, entries[index]!, problems);
    }
  }
  if (problems.none) {
    try {
      compilePatterns(patterns);
    } catch (error) {
      tell(error, { key: 'redaction.patterns', place: placeOf(config, 'redaction.patterns') }, problems);
    }
  }
  return { detectors, patterns, keepMedia: config.values['redaction.keep_media'] };
}

function tell(error: unknown, { key, place }: { key: string; place: Place }, problems: Problems): void {
  if (!(error instanceof RedactorOptionsError)) throw error;
  problems.add(place, key, error.message, null);
}

function checkTenant(config: Config, problems: Problems): void {
  const { values } = config;
  if (!values['loki.tenant_per_workspace'] || values['loki.tenant'] === null) return;
  const hint = 'With tenant_per_workspace each workspace is the tenant of its logs: remove one of the two.';
  problems.add(placeOf(config, 'loki.tenant'), 'loki.tenant', 'set beside loki.tenant_per_workspace', null, hint);
}

/** Keys of which one means nothing without the other, or beside it. */
function checkPairs(config: Config, problems: Problems): void {
  const needs = [
    ['loki.user', 'loki.password_file'],
    ['loki.password_file', 'loki.user'],
    ['loki.cert_file', 'loki.key_file'],
    ['loki.key_file', 'loki.cert_file'],
  ] as const;
  for (const [key, other] of needs) {
    if (config.values[key] === null || config.values[other] !== null) continue;
    problems.add(placeOf(config, key), key, `set without ${other}`, null, `Set ${other} too.`);
  }
  if (config.values['loki.user'] === null || config.values['loki.token_file'] === null) return;
  const hint = 'Loki is told one of the two: remove the other.';
  problems.add(placeOf(config, 'loki.token_file'), 'loki.token_file', 'set beside loki.user', null, hint);
}

function fileOf(config: Config, key: FileKey, folder: string, problems: Problems): string | undefined {
  const name = config.values[key];
  if (name === null) return undefined;
  const path = resolve(folder, name);
  // The path is not shown: somebody may have pasted the secret itself.
  const refuse = (found: string): undefined => {
    problems.add(placeOf(config, key), key, found, null, `A relative path is looked for in ${folder}.`);
  };
  try {
    const { size } = statSync(path);
    // Never a device or a pipe, which could hold up the start for ever.
    if (!statSync(path).isFile()) return refuse('the file named here is not a plain file');
    if (size > MOST_FILE_BYTES) return refuse('the file named here is larger than 1 MiB');
    const text = readFileSync(path, 'utf8');
    if (text.trim() === '') return refuse('the file named here is empty');
    if (key === 'loki.token_file' && !/^[\x21-\x7e]+$/.test(text.trim())) {
      return refuse('the file named here holds more than one word of plain ASCII');
    }
    return text;
  } catch (error) {
    return refuse(`the file named here cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`);
  }
}

function placeOf(config: Config, path: keyof Catalogue): Place {
  return config.places.get(path) ?? config.place;
}
