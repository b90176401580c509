import type { Fields, Key } from '../../config/kind.js';
import { cell, describeKey, tableOf } from '../../config/reference.js';
import {
  AGGREGATIONS,
  type AggregationName,
  ALERT_METRICS,
  type AlertMetric,
  type AlertMetricName,
  alertMetric,
  FILTERS,
  LEAST_BASELINES,
  WINDOWS,
} from '../model/alert-metrics.js';
import { type ContactType, FROM_LEVELS, MESSAGE_PLACEHOLDERS, type Template } from '../model/alerts.js';
import { ALERT_LEVELS, LEVEL_NUMBERS } from '../model/levels.js';
import { subjectText, thresholdOf, valueText } from '../model/value-text.js';
import { ALERTS_FILE, BUDGET_KEYS, CONDITION_KEYS, CONTACT_TYPE_KEYS } from './alerts-file.js';

const INTRODUCTION = `# Alerts

<!-- Generated from exporter/alerts/file/alerts-file.ts by scripts/generate-reference.mjs. Do not edit. -->

Templates, rules, contacts and schedules stand in one YAML file, \`config/alerts.yml\`. An empty file is good: it has no
rules. A mistake never passes in silence: all of them are told at once, with file, line and column, and what to write
instead.

**Durations** are written \`500ms\`, \`35s\`, \`10m\`, \`24h\`, \`7d\`. **Thresholds** are in the unit of metric and
aggregation: a share is \`5%\` or \`0.05\`, seconds are \`2s\`, \`1.5s\`, \`500ms\` or a number, all others are numbers.
**Names** have 1 to 64 characters. **Files** are absolute paths: Alertmanager reads them, on its own machine.
`;

const UNIT_WORDS = {
  share: 'share',
  seconds: 'seconds',
  calls: 'calls',
  usage: 'usage',
  currency: 'units of the currency',
  times: 'times',
} as const;

/** The reference page of `config/alerts.yml`, in Markdown. */
export function alertsReference(officialTemplates: ReadonlyMap<string, Template>): string {
  return [
    INTRODUCTION,
    '## The file\n',
    ...Object.entries<Key<unknown>>(ALERTS_FILE).map(([path, field]) => describeKey(path, field, false)),
    '## Conditions\n',
    'The keys of an entry of `conditions` in a template.\n',
    tableOf(CONDITION_KEYS as Fields),
    'With `match: any` each condition has `thresholds`, and a level is reached when one condition reaches it. With',
    '`match: all` a level is reached when every condition that has `thresholds` reaches it; `threshold` is one number for',
    'all levels. Thresholds rise with the level for `>` and `>=`, and fall for `<` and `<=`; `==` and `!=` have one level.',
    '',
    '## Budgets\n',
    'The keys of `budget` in a rule.\n',
    tableOf(BUDGET_KEYS as Fields),
    '## Contacts by type\n',
    contactTable(),
    '## Levels\n',
    `The levels are fixed: ${ALERT_LEVELS.map((level) => `\`${level}\` (${LEVEL_NUMBERS[level]})`).join(', ')}. 0 is none.\n`,
    '## Metrics\n',
    ...(Object.keys(ALERT_METRICS) as AlertMetricName[]).map((name) => describeMetric(name, alertMetric(name))),
    '## Aggregations\n',
    table(
      ['aggregation', 'meaning'],
      Object.entries(AGGREGATIONS).map(([name, text]) => [`\`${name}\``, text]),
    ),
    '## Filters\n',
    table(
      ['filter', 'values'],
      Object.entries(FILTERS).map(([name, values]) => [
        `\`${name}\``,
        values === null ? 'three capital letters' : code(values),
      ]),
    ),
    '## Windows\n',
    `${code(WINDOWS)}. Without one, \`5m\`.\n`,
    '## Placeholders of messages\n',
    `${code(MESSAGE_PLACEHOLDERS)}. All else in a message is shown as it is written.\n`,
    '## Official templates\n',
    'Read-only, and always there. Copy one under a name of your own to change it.\n',
    table(['template', 'condition', ...ALERT_LEVELS, 'summary'], [...officialTemplates.values()].flatMap(templateRows)),
  ].join('\n');
}

function contactTable(): string {
  const rows = (Object.keys(CONTACT_TYPE_KEYS) as ContactType[]).map((type) => {
    const { required, optional } = CONTACT_TYPE_KEYS[type];
    return [`\`${type}\``, code(required), code(optional), `\`${FROM_LEVELS[type]}\``];
  });
  return table(['type', 'required', 'optional', '`from_level` without one'], rows);
}

function describeMetric(name: AlertMetricName, metric: AlertMetric): string {
  const aggregations = Object.entries(metric.aggregations).map(
    ([aggregation, unit]) => `\`${aggregation as AggregationName}\` (${UNIT_WORDS[unit]})`,
  );
  const filters = Object.entries(metric.filters).map(([filter, value]) => `\`${filter}\` (without one, \`${value}\`)`);
  const baseline = LEAST_BASELINES[name];
  const lines = [
    `- Aggregations: ${aggregations.join(', ')}`,
    `- Filters: ${filters.length === 0 ? 'none' : filters.join(', ')}`,
    `- \`inference_type\`: ${metric.inferenceType === null ? 'none' : `without one, \`${metric.inferenceType}\``}`,
    `- Window: ${metric.hasWindow ? 'yes, except for growth' : 'none'}`,
    `- Least calls: ${metric.leastCalls}`,
    ...(baseline === undefined ? [] : [`- \`least_baseline\`: without one, ${baseline}`]),
  ];
  return `### \`${name}\`\n\n${metric.explanation}\n\n${lines.join('\n')}\n`;
}

function templateRows({ name, summary, conditions }: Template): string[][] {
  return conditions.map((condition) => [
    `\`${name}\``,
    `${subjectText(condition)} ${condition.comparison}`,
    ...ALERT_LEVELS.map((level) => {
      const threshold = thresholdOf(condition, level);
      return threshold === null ? '' : valueText(threshold, condition);
    }),
    summary,
  ]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}

function code(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
