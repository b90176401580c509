import { RECORDED_LEVELS } from './levels.js';
import { PEAK_INTERVAL, PEAK_OPERATION, peakRules } from './peaks.js';
import { type RecordingRule, rulesOf } from './rules.js';

/** The page `docs/reference/recorded-series.md`. */
export function recordedSeriesReference(): string {
  const { counters, buckets } = rulesOf(RECORDED_LEVELS[0]);
  const [{ window }] = RECORDED_LEVELS;
  return [
    '# Recorded series',
    'What the rules in `prometheus/rules/recording-*.yml` record. This page is generated from the catalogue in the code. Which to use when: [the guide](../guides/recording-rules.md).',
    '## Levels',
    table(
      ['level', 'name ends in', 'evaluated every', 'for'],
      RECORDED_LEVELS.map(({ name, window, interval, purpose }) => [name, `\`:rate${window}\``, interval, purpose]),
    ),
    '## Names',
    '`level:metric:operations`, as Prometheus advises. The **level** names whose traffic a series is: `workspace_model_apikey` has `workspace_id`, `model` and `apikey_id`, `workspace_model` the first two. The **metric** is the raw name, without `_total`. The **operation** is `rate` over the window, in units a second, summed over the exporters (`instance`). Labels that your scrape configuration adds, `job` among them, stay.',
    '## Series',
    `Each is there at every level; only the end of the name differs. Units a second: calls, seconds of duration, tokens, units of a currency.`,
    table(
      ['series', 'labels'],
      [...counters, ...buckets].map((rule) => row(rule, window)),
    ),
    '## Peaks',
    `The busiest minute of the half-hour before, recorded every ${PEAK_INTERVAL} from the series of the minute level. \`${PEAK_OPERATION}\` is the largest rate over 2 minutes, in units a second: times 60 it is requests or tokens a minute. No other labels stay: peaks of several jobs can't be added up.`,
    table(
      ['series', 'labels'],
      [...new Map(peakRules().map(({ record, labels }) => [record, labels]))].map(([record, labels]) => [
        `\`${record}\``,
        labelsText(labels),
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

function row({ record, labels }: RecordingRule, window: string): string[] {
  const name = record.slice(0, -`rate${window}`.length);
  return [`\`${name}\` …`, labelsText(labels)];
}

function labelsText(labels: RecordingRule['labels']): string {
  return labels.map((label) => `\`${label}\``).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.join('\n');
}
