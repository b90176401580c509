import { CATALOGUE } from './catalogue.js';
import { CONFIG_VARIABLE, variableOf } from './environment.js';
import type { Fields, Key } from './kind.js';
import { PRICE_LIST } from './price-list.js';

const INTRODUCTION = `# Configuration

<!-- Generated from exporter/config/catalogue.ts by scripts/generate-reference.mjs. Do not edit. -->

Model Observation runs without any configuration. What is set comes from three places; a later one wins:

1. the defaults on this page;
2. one YAML file: the one named by \`--config\`, else by the environment variable \`${CONFIG_VARIABLE}\`, else
   \`config/model-observation.yml\` in the working directory where it exists;
3. environment variables, for single values. An empty variable counts as not set.

The file is read once, at the start. A mistake never passes in silence: an unknown key, a wrong type or a value out of
range is refused, all of them at once, with file, line and column, and so is an unknown \`MODEL_OBSERVATION_…\` variable
(those that Kubernetes sets for a service called \`model-observation\` are passed over).

    npm run cli -- config check --config config/model-observation.yml

says what would be used, or everything that is wrong, and starts nothing.

**Durations** are written \`500ms\`, \`35s\`, \`10m\`, \`24h\`, \`7d\`, or together: \`1h30m\`. **Sizes** are written \`256KiB\`,
\`64MiB\`, \`2GiB\`, or as a plain number of bytes. \`MB\` is refused, because it means two different things. YAML's anchors
and aliases are not supported.

**Listening.** Without tokens only a loopback address (127.0.0.0/8, \`[::1]\`, \`localhost\`) is allowed, unless
\`auth.anonymous: true\` says that somebody meant it. With tokens, \`auth.anonymous: true\` lets a request that brings no
\`Authorization\` header do everything; a request with a wrong token is still refused.
`;

const PRICES = `## The price list

A second YAML file, named by \`pricing_file\`. Prices are per million tokens; each holds until the next one of the same
model begins. A call is priced once, when its record arrives, by the price that held when the call started; a model that
is not in the list is counted without a cost.
`;

const TITLES: Readonly<Record<string, string>> = {
  '': 'General',
  auth: 'Tokens',
  limits: 'Limits',
  calls: 'Calls',
  spool: 'The log',
  metrics: 'Metrics',
  monitoring: 'Monitoring',
  loki: 'Loki',
  logs: 'Logs',
  redaction: 'Redaction',
};

/** The reference page of the configuration, in Markdown, from the catalogue. */
export function configurationReference(): string {
  const parts = [INTRODUCTION];
  let section: string | null = null;
  for (const [path, field] of inSections()) {
    const next = path.slice(0, Math.max(0, path.indexOf('.')));
    if (next !== section) parts.push(`## ${TITLES[next] ?? next}\n`);
    section = next;
    parts.push(describeKey(path, field, true));
  }
  parts.push(PRICES, ...Object.entries(PRICE_LIST).map(([path, field]) => describeKey(path, field, false)));
  return parts.join('\n');
}

/** Keys without a section come first, wherever they stand in the catalogue. */
function inSections(): [string, Key<unknown>][] {
  const keys = Object.entries<Key<unknown>>(CATALOGUE);
  return [...keys.filter(([path]) => !path.includes('.')), ...keys.filter(([path]) => path.includes('.'))];
}

/** A key with what it allows and its default, under a heading. */
export function describeKey(path: string, field: Key<unknown>, hasVariable: boolean): string {
  const lines = [`### \`${path}\`\n`, `${field.description}\n`];
  if (field.kind.fields !== undefined) {
    lines.push(`A ${field.kind.name}; default: empty.\n`, tableOf(field.kind.fields));
    return lines.join('\n');
  }
  lines.push(`- Allowed: ${field.kind.allowed}`, `- Default: ${writtenDefault(field)}`);
  if (hasVariable && field.kind.fromText !== undefined) lines.push(`- Environment: \`${variableOf(path)}\``);
  return `${lines.join('\n')}\n`;
}

/** The keys of a mapping as a table. */
export function tableOf(fields: Fields): string {
  const rows = Object.entries(fields).map(([name, field]) => {
    const when = field.presence === 'default' ? writtenDefault(field) : field.presence;
    return `| \`${name}\` | ${when} | ${cell(field.kind.allowed)} | ${cell(field.description)} |`;
  });
  return ['| key | default | allowed | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function writtenDefault(field: Key<unknown>): string {
  if (field.written === null) return field.presence === 'optional' ? 'none' : 'empty';
  return `\`${Array.isArray(field.written) ? `[${field.written.join(', ')}]` : String(field.written)}\``;
}

/** A text as it stands in a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
