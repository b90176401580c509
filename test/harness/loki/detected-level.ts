import type { Pair } from './pushed.js';

/** Names that Loki takes for a level, in labels, structured metadata, and JSON two levels deep. */
const LEVEL_FIELDS: ReadonlySet<string> = new Set([
  ...['level', 'LEVEL', 'Level', 'log.level', 'severity', 'SEVERITY', 'Severity', 'SeverityText'],
  ...['lvl', 'LVL', 'Lvl', 'severity_text', 'Severity_Text', 'SEVERITY_TEXT'],
]);
const JSON_DEPTH = 2;

const NAMES: Readonly<Record<string, string>> = {
  trace: 'trace',
  trc: 'trace',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  inf: 'info',
  information: 'info',
  warn: 'warn',
  wrn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  critical: 'critical',
  fatal: 'fatal',
};

/** A word that stands alone in the line; the first one is taken. */
const WORD =
  /(?<=^|[ \t\n[({"'=|])(trace|debug|fatal|critical|error|err|warning|warn|info)(?=$|[ \t\n[\](){}:,!"'=|])/i;

/**
 * The level that Loki would write into the structured metadata of an entry, with `discover_log_levels`: by a label, else
 * by the metadata, else by a field of a JSON line, else by the first word in it that is the name of a level.
 */
export function detectedLevel(labels: readonly Pair[], metadata: readonly Pair[], line: string): string {
  for (const pairs of [labels, metadata]) {
    const found = pairs.find(([name]) => LEVEL_FIELDS.has(name));
    if (found !== undefined) return NAMES[found[1].toLowerCase()] ?? found[1];
  }
  const field = levelInJson(line);
  if (field !== undefined) return field;
  const word = WORD.exec(line)?.[1];
  return word === undefined ? 'unknown' : NAMES[word.toLowerCase()]!;
}

function levelInJson(line: string): string | undefined {
  if (!line.trimStart().startsWith('{') || !line.trimEnd().endsWith('}')) return undefined;
  try {
    const value = levelIn(JSON.parse(line), 0);
    return value === undefined ? undefined : NAMES[value.toLowerCase()];
  } catch {
    return undefined;
  }
}

function levelIn(json: unknown, depth: number): string | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || depth >= JSON_DEPTH) return undefined;
  for (const [key, value] of Object.entries(json)) {
    if (typeof value === 'string' && LEVEL_FIELDS.has(key)) return value;
    const inner = levelIn(value, depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}
