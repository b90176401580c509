import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { ConfigKeys, ConfigValue } from '../exporter-process.js';
import { PROJECT_ROOT } from '../project-root.js';

/** The configuration that is shipped, `loki/loki.yml`, with what a test changes laid over it. */
export function lokiConfig(changes: ConfigKeys = {}): ConfigKeys {
  const shipped = parse(readFileSync(join(PROJECT_ROOT, 'loki/loki.yml'), 'utf8')) as ConfigKeys;
  return laidOver(shipped, changes);
}

/** `above` laid over `below`, mapping by mapping; a list replaces the other. */
export function laidOver(below: ConfigKeys, above: ConfigKeys): ConfigKeys {
  const merged: ConfigKeys = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const other = below[key];
    merged[key] = isMapping(value) && isMapping(other) ? laidOver(other, value) : value;
  }
  return merged;
}

function isMapping(value: ConfigValue | undefined): value is ConfigKeys {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
