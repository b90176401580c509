import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CATALOGUE, type Catalogue } from './catalogue.js';
import { ConfigError, type Place, Problems } from './config-error.js';
import { checkTogether } from './cross-checks.js';
import { readEntry } from './entry.js';
import { CONFIG_VARIABLE, readEnvironment } from './environment.js';
import type { Entry } from './kind.js';
import { readLoki, readRedaction } from './loki-settings.js';
import { NO_PRICES, readPriceList } from './price-list.js';
import { readRobots } from './robot-list.js';
import type { PricingSettings, Settings } from './settings.js';
import { readTokens } from './token-list.js';
import { describe, type MapTree } from './tree.js';
import { readYamlFile } from './yaml-file.js';

const DEFAULT_FILE = join('config', 'model-observation.yml');

export interface LoadOptions {
  /** The file named on the command line. */
  configFile?: string | undefined;
  /** `process.env` unless given. */
  env?: Readonly<Record<string, string | undefined>>;
  /** What relative paths are relative to; the working directory unless given. */
  cwd?: string;
}

export interface Loaded {
  settings: Settings;
  /** As it was named; null = there is none and defaults are used. */
  configFile: string | null;
  /** Dotted paths of the keys that environment variables set. */
  fromEnvironment: readonly string[];
}

/**
 * The configuration: defaults, over them the file, over it the environment. The file is the one named
 * on the command line, else by MODEL_OBSERVATION_CONFIG, else `config/model-observation.yml` where it
 * exists.
 *
 * @throws ConfigError with every mistake of file, price list and environment at once
 */
export function loadSettings(options: LoadOptions = {}): Loaded {
  const { env = process.env, cwd = process.cwd() } = options;
  const problems = new Problems();
  const file = findFile(options.configFile, env, cwd);
  const shown = file.name ?? 'defaults';
  const tree = file.name === null ? emptyMap(shown) : readConfigFile(resolve(cwd, file.name), file, problems);
  // Without its file nearly everything would look wrong: the environment's own mistakes are still told.
  const overrides = readEnvironment(CATALOGUE, env, problems);
  const config = readEntry(CATALOGUE, tree ?? emptyMap(shown), '', problems, overrides);
  // Every key of the catalogue has a default.
  if (config === undefined) throw new Error('the catalogue has a required key');
  const folder = dirname(resolve(cwd, file.name ?? DEFAULT_FILE));
  const tokens = readTokens(config.values['auth.tokens'], folder, problems);
  const pricing = readPrices(config, folder, problems);
  const loki = readLoki(config, folder, problems);
  const redaction = readRedaction(config, problems);
  const robots = readRobots(config.values['notify.dingtalk'], folder, problems);
  if (tree !== null) checkTogether(config, problems);
  if (!problems.none) throw new ConfigError(problems.list);
  const read = { dataDir: resolve(cwd, config.values.data_dir), tokens, pricing, loki, redaction, notify: { robots } };
  const settings = toSettings(config, read);
  return { settings, configFile: file.name, fromEnvironment: [...overrides.keys()] };
}

interface ConfigFile {
  name: string | null;
  /** Who named it, where somebody did: such a file must be there. */
  namedBy: string | null;
}

function findFile(named: string | undefined, env: NonNullable<LoadOptions['env']>, cwd: string): ConfigFile {
  if (named !== undefined) return { name: named, namedBy: '--config' };
  const variable = env[CONFIG_VARIABLE] ?? '';
  if (variable !== '') return { name: variable, namedBy: CONFIG_VARIABLE };
  return { name: existsSync(resolve(cwd, DEFAULT_FILE)) ? DEFAULT_FILE : null, namedBy: null };
}

/** Null when the file is unusable; `problems` has been told. */
function readConfigFile(path: string, { name, namedBy }: ConfigFile, problems: Problems): MapTree | null {
  const shown = name ?? path;
  const before = problems.list.length;
  const tree = readYamlFile(path, shown, problems);
  if (tree === 'missing') {
    const hint = namedBy === null ? null : `It was named by ${namedBy} and looked for at ${path}.`;
    problems.add({ file: shown, line: null, column: null }, '', 'no such file', null, hint);
    return null;
  }
  if (tree === null) return problems.list.length === before ? emptyMap(shown) : null;
  if (tree.type === 'map') return tree;
  if (tree.type === 'scalar' && tree.value === null) return emptyMap(shown);
  const sections = [...new Set(Object.keys(CATALOGUE).map((key) => key.split('.')[0]))].join(', ');
  const allowed = `a mapping with the keys ${sections}`;
  problems.add(tree.place, '', tree.type === 'scalar' ? 'found a bare value' : describe(tree), allowed);
  return null;
}

function readPrices(config: Entry<Catalogue>, folder: string, problems: Problems): PricingSettings {
  const name = config.values.pricing_file;
  const path = resolve(folder, name);
  const place: Place | undefined = config.places.get('pricing_file');
  // Shown as a person would type it from where the configuration file's name was typed.
  const shown = join(dirname(config.place.file === 'defaults' ? DEFAULT_FILE : config.place.file), name);
  const tree = readYamlFile(path, isAbsolute(name) ? name : shown, problems);
  if (tree !== 'missing') return readPriceList(tree, problems);
  if (place !== undefined) {
    problems.add(place, 'pricing_file', 'no such file', null, `It was looked for at ${path}.`);
  }
  return NO_PRICES;
}

function toSettings(
  { values }: Entry<Catalogue>,
  read: Pick<Settings, 'dataDir' | 'pricing' | 'loki' | 'redaction' | 'notify'> & {
    tokens: Settings['auth']['tokens'];
  },
): Settings {
  const { dataDir, tokens, pricing, loki, redaction, notify } = read;
  return {
    listen: values.listen,
    dataDir,
    logLevel: values.log_level,
    auth: { anonymous: values['auth.anonymous'], tokens },
    limits: {
      bodyBytes: values['limits.body_bytes'],
      decompressedBytes: values['limits.decompressed_bytes'],
      recordBytes: values['limits.record_bytes'],
      batchRecords: values['limits.batch_records'],
      nestingDepth: values['limits.nesting_depth'],
      inFlightBytes: values['limits.in_flight_bytes'],
      requestTimeoutMs: values['limits.request_timeout'],
    },
    calls: { lateAfterMs: values['calls.late_after'], apikeyAliases: values['calls.apikey_aliases'] },
    pricing,
    spool: {
      segmentBytes: values['spool.segment_bytes'],
      snapshotIntervalMs: values['spool.snapshot_interval'],
      snapshotBytes: values['spool.snapshot_bytes'],
      freeDiskReserveBytes: values['spool.free_disk_reserve'],
      duplicateWindowMs: values['spool.duplicate_window'],
      duplicateWindowEntries: values['spool.duplicate_window_entries'],
    },
    metrics: {
      birthHoldMs: values['metrics.birth_hold'],
      buckets: {
        durationSeconds: values['metrics.buckets.duration_seconds'],
        firstTokenSeconds: values['metrics.buckets.first_token_seconds'],
        generationPerTokenSeconds: values['metrics.buckets.generation_per_token_seconds'],
      },
      series: {
        workspace: values['metrics.series.workspace'],
        total: values['metrics.series.total'],
        idleMs: values['metrics.idle_after'],
      },
    },
    monitoring: { default: values['monitoring.default'], workspaces: values['monitoring.workspaces'] },
    quotas: values.quotas.map((quota) => quota.values),
    loki,
    logs: {
      default: values['logs.default'],
      workspaces: values['logs.workspaces'],
      models: values['logs.models'] ?? [],
      sampleRate: values['logs.sample_rate'],
    },
    redaction,
    notify,
  };
}

function emptyMap(file: string): MapTree {
  return { type: 'map', place: { file, line: null, column: null }, entries: [] };
}
