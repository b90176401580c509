import type { Problems } from './config-error.js';
import type { Fields } from './kind.js';
import { nearest } from './nearest.js';
import type { ScalarTree } from './tree.js';

const PREFIX = 'MODEL_OBSERVATION_';

/** Names the configuration file; no key of its own. */
export const CONFIG_VARIABLE = `${PREFIX}CONFIG`;

/**
 * Kubernetes sets such variables for every service of a namespace, and one called `model-observation`
 * gives them our prefix. They are not a person's mistake.
 */
const SERVICE_LINK = /^MODEL_OBSERVATION_([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_[A-Z_]+)?)$/;

/** The environment variable of a key: `spool.segment_bytes` is `MODEL_OBSERVATION_SPOOL_SEGMENT_BYTES`. */
export function variableOf(path: string): string {
  return PREFIX + path.toUpperCase().replaceAll('.', '_');
}

/** Whether the name belongs to a service link of Kubernetes and is passed over. */
export function isServiceLink(name: string): boolean {
  return SERVICE_LINK.test(name);
}

/**
 * The keys set by environment variables, by dotted path. An empty variable is as good as none, so
 * that Compose files may pass on what is not set.
 */
export function readEnvironment(
  fields: Fields,
  env: Readonly<Record<string, string | undefined>>,
  problems: Problems,
): Map<string, ScalarTree> {
  const paths = new Map<string, string>();
  for (const [path, { kind }] of Object.entries(fields)) {
    if (kind.fromText !== undefined) paths.set(variableOf(path), path);
  }
  const overrides = new Map<string, ScalarTree>();
  for (const name of Object.keys(env).toSorted()) {
    const text = env[name] ?? '';
    if (text === '' || !name.startsWith(PREFIX) || name === CONFIG_VARIABLE) continue;
    const path = paths.get(name);
    if (path !== undefined) {
      const place = { file: `environment ${name}`, line: null, column: null };
      overrides.set(path, { type: 'scalar', place, value: fields[path]!.kind.fromText!(text) });
    } else if (!isServiceLink(name)) {
      const meant = nearest(name.slice(PREFIX.length), [...paths.keys(), CONFIG_VARIABLE].map(withoutPrefix));
      const hint = meant === null ? 'Set such a key in the configuration file.' : `Did you mean ${PREFIX}${meant}?`;
      problems.add({ file: 'environment', line: null, column: null }, name, 'unknown variable', null, hint);
    }
  }
  return overrides;
}

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}
