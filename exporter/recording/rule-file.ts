import { type LevelName, levelOf, TOTALS_LEVEL } from './levels.js';
import { PEAK_INTERVAL, peakRules } from './peaks.js';
import { type RecordingRule, rulesOf } from './rules.js';

/** `prometheus/rules/recording-<level>.yml`, as Prometheus reads it. */
export function ruleFile(name: LevelName): string {
  const level = levelOf(name);
  const { counters, buckets } = rulesOf(level);
  return `# Recorded series of the ${name} level: rates over ${level.window}, every ${level.interval}.
# ${level.purpose}
# Generated from the catalogue of metrics: change exporter/recording/ and run \`npm run generate\`.
#
# Rates in units a second, never increases. A total: sum_over_time(series[range]) × the ${level.interval} between evaluations, in s.
# Summed over instance; job, and labels that your scrape configuration adds, stay. docs/guides/recording-rules.md
#
# ${level.range} holds ${level.window} of increases wherever the scrapes fall, 15s apart: each counts the same in a total.
# ${name === TOTALS_LEVEL.name ? FOR_TOTALS : `Prometheus forgets a sample after 5m, so at an interval of ${level.interval} the series outlast an evaluation that did not happen.`}
groups:
${group(`model-observation-${name}`, level.interval, counters)}
${group(`model-observation-${name}-buckets`, level.interval, buckets)}
${name === TOTALS_LEVEL.name ? `${PEAKS}\n${group(`model-observation-${name}-peaks`, PEAK_INTERVAL, peakRules())}\n` : ''}`;
}

const FOR_TOTALS =
  'Prometheus forgets a sample after 5m: ask for sums over a range. At most moments the series are not there.';

const PEAKS =
  '  # The busiest minute of half an hour, by these labels alone. They read the series of recording-minute.yml.';

function group(name: string, interval: string, rules: readonly RecordingRule[]): string {
  const entries = rules.map(({ record, expr }) => `      - record: ${record}\n        expr: ${expr}`);
  return `  - name: ${name}\n    interval: ${interval}\n    rules:\n${entries.join('\n')}`;
}
