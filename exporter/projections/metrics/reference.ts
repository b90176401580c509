import { DEFAULT_BUCKETS } from '../../call/buckets.js';
import { CALL_FAMILIES, FAMILIES, type Family, LABELS } from './catalogue.js';
import { EXPORTER_FAMILIES } from './exporter-families.js';

/** The page `docs/reference/metrics.md`, written from the catalogue. */
export function metricsReference(): string {
  return [
    '# Metrics',
    'Every family that `GET /metrics` exposes. This page is generated from the catalogue in the code: change it there.',
    'Call counters go on exactly over restarts, or all start again at 0 together (`model_observation_counters_epoch` then rises). A new series reads 0 for `metrics.birth_hold` after its first record, so that `rate()` and `increase()` see that record too.',
    summary('Calls', CALL_FAMILIES),
    summary('The exporter itself', EXPORTER_FAMILIES),
    'Beside these stand the process and Node.js metrics of prom-client: `process_*` and `nodejs_*`.',
    '## Labels',
    table(
      ['label', 'values'],
      Object.entries(LABELS).map(([name, values]) => [`\`${name}\``, values]),
    ),
    '## Buckets',
    'Upper bounds in seconds where the configuration names none. All series of a histogram have the same.',
    table(
      ['family', 'bounds'],
      [
        ['`model_call_duration_seconds`', DEFAULT_BUCKETS.durationSeconds.join(', ')],
        ['`model_first_token_duration_seconds`', DEFAULT_BUCKETS.firstTokenSeconds.join(', ')],
        ['`model_generation_duration_per_token_seconds`', DEFAULT_BUCKETS.generationPerTokenSeconds.join(', ')],
      ],
    ),
    '## Families',
    ...FAMILIES.map(section),
  ]
    .join('\n\n')
    .concat('\n');
}

function summary(title: string, families: readonly Family[]): string {
  const rows = families.map((family) => [`[\`${family.name}\`](#${family.name})`, family.type, family.help]);
  return `## ${title}\n\n${table(['family', 'type', 'what it says'], rows)}`;
}

function section(family: Family): string {
  const facts = [
    `Type: ${family.type}.`,
    family.unit === '' ? '' : `Unit: ${family.unit}.`,
    family.labels.length === 0 ? 'No labels.' : `Labels: ${family.labels.map((name) => `\`${name}\``).join(', ')}.`,
  ].filter((fact) => fact !== '');
  return [
    `### ${family.name}`,
    family.help,
    facts.join(' '),
    family.explanation,
    `\`\`\`promql\n${family.example}\n\`\`\``,
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}
