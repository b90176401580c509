import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { ALERT_LEVELS, type AlertLevel, LEVEL_NUMBERS } from '../../../exporter/alerts/model/levels.js';
import { always, knownFrom0, LEVEL_COLOURS, levelMapping, NOTHING_FIRES } from './frame/colours.js';
import { dashboard } from './frame/dashboard.js';
import { labelVariable } from './frame/further-variables.js';
import { dataLink, ofSeries } from './frame/links.js';
import { aroundVariable, filterVariables, lokiVariable, prometheusVariable } from './frame/variables.js';
import { bars } from './panels/bars.js';
import { type LogColumn, logTable } from './panels/log-table.js';
import { stat } from './panels/stat.js';
import { stateTimeline } from './panels/state-timeline.js';
import { table } from './panels/table.js';
import { LINK_COLUMNS, LINKS_OF_ROW, withEmptyCells, withoutLinkColumns } from './panels/table-links.js';
import {
  CHOSEN_ALERTS,
  chosenLevels,
  firingLevels,
  NO_RULES,
  pendingSince,
  rulesAreLoaded,
} from './query/alert-levels.js';
import { chosenAlerts, withTexts } from './query/alert-log.js';
import { withLinkLabels } from './query/alert-series.js';
import { countOfCalls } from './query/call-log.js';
import { count, max } from './query/expressions.js';
import { instant, logSeries, series } from './query/query.js';

const BY_MODEL = ['workspace_id', 'model'] as const;
const BY_ALERT = ['workspace_id', 'model', 'rule'] as const;

/** The highest level of each alert: the lower ones fire beside it, and Alertmanager mutes them. */
const HIGHEST = max(firingLevels(CHOSEN_ALERTS), BY_ALERT);

/** What fires, of which model, how it went, and what was said of it. */
export function alerts(): Dashboard {
  return dashboard({
    uid: 'alerts',
    description: 'The level of each model now, the alerts that fire, how levels went, and what people were told.',
    from: 'now-6h',
    variables: [
      prometheusVariable(),
      lokiVariable(),
      ...filterVariables(),
      aroundVariable(),
      labelVariable('rule', 'Rule', '{__name__=~"model_alert_level|ALERTS", rule!=""}', 'rule'),
    ],
    sections: [
      { panels: [counts(), active(), levels()] },
      { heading: 'Level over time', panels: [levelsByModel(), levelsByRule()] },
      { heading: 'History', panels: [began(), history()] },
    ],
  });
}

function counts() {
  const panel = stat({
    title: 'Alerts that fire now',
    description:
      'How many alerts have which level at the end of the time range; normal is the lowest. An alert counts once, at its highest level.',
    width: 24,
    height: 4,
    unit: 'short',
    look: 'tile',
    nothing: NO_RULES,
    queries: ALERT_LEVELS.toReversed().map((level) =>
      instant(`${count(`${HIGHEST} == ${LEVEL_NUMBERS[level]}`)} or ${rulesAreLoaded()}`, level),
    ),
  });
  return ALERT_LEVELS.toReversed().reduce(
    (coloured, level) => coloured.overrideByName(level, [{ id: 'thresholds', value: whenAny(level) }]),
    panel,
  );
}

function whenAny(level: AlertLevel) {
  const { mode, steps } = knownFrom0(always(NOTHING_FIRES));
  return { mode, steps: [...steps, { value: 1, color: LEVEL_COLOURS[level] }] };
}

function active() {
  const none = `label_replace(${rulesAreLoaded()}, "rule", "none fires", "", "")`;
  const panel = table({
    title: 'Active alerts',
    description:
      'Each alert that fires at the end of the time range, at its highest level, highest first. * stands for a whole account or workspace. Click a model for its monitor or its calls. Silences are made in Alertmanager: the history below has the link.',
    width: 24,
    height: 8,
    sortedBy: ['Level'],
    nothing: NO_RULES,
    columns: [
      {
        title: 'Level',
        of: { expr: withLinkLabels(`${HIGHEST} or on () ${none}`) },
        width: 80,
        coloured: true,
        mappings: [levelMapping()],
      },
      { title: 'Rule', of: { label: 'rule' } },
      { title: 'Model', of: { label: 'model' }, links: LINKS_OF_ROW },
      { title: 'Workspace', of: { label: 'workspace_id' }, width: 110 },
      {
        title: 'Began',
        of: { expr: withLinkLabels(`1000 * ${pendingSince(CHOSEN_ALERTS, BY_ALERT)} and on (${BY_ALERT}) ${HIGHEST}`) },
        width: 130,
        unit: 'dateTimeFromNow',
      },
      ...LINK_COLUMNS,
    ],
  });
  return withoutLinkColumns(withEmptyCells(panel));
}

function levels() {
  const panel = table({
    title: 'Level of each model',
    description:
      'The highest level of the chosen rules for each model of each workspace at the end of the time range, and how many rules fire.',
    width: 24,
    height: 8,
    sortedBy: ['Level'],
    nothing: 'No alert rules are loaded, or monitoring is basic',
    columns: [
      {
        title: 'Level',
        of: { expr: withLinkLabels(max(chosenLevels(), BY_MODEL)) },
        width: 80,
        coloured: true,
        mappings: [levelMapping()],
      },
      { title: 'Model', of: { label: 'model' }, links: LINKS_OF_ROW },
      { title: 'Workspace', of: { label: 'workspace_id' }, width: 110 },
      { title: 'Rules', of: { expr: withLinkLabels(count(`${chosenLevels()} > 0`, BY_MODEL)) }, width: 70 },
      ...LINK_COLUMNS,
    ],
  });
  return withoutLinkColumns(withEmptyCells(panel));
}

function levelsByModel() {
  const worst = `topk(15, sum by (workspace_id, model) (avg_over_time(${chosenLevels()}[$__range] @ end())))`;
  return stateTimeline({
    title: 'By model',
    description:
      'The highest level of the chosen rules for each model over time; the 15 with the longest and highest. Click a moment for its calls.',
    width: 12,
    height: 12,
    unit: 'none',
    mappings: [levelMapping()],
    queries: [
      series(
        withLinkLabels(`${max(chosenLevels(), BY_MODEL)} and on (workspace_id, model) ${worst}`),
        '{{model}} {{workspace_id}}',
      ),
    ],
    links: [
      dataLink('Calls around this moment', 'inference-logs', {
        time: 'moment',
        set: { workspace: ofSeries('link_workspace'), model: ofSeries('link_model') },
      }),
      dataLink('Monitor', 'model-monitor', {
        set: { workspace: ofSeries('link_workspace'), model: ofSeries('link_model') },
      }),
    ],
    nothing: 'No alert rules are loaded, or monitoring is basic',
  });
}

function levelsByRule() {
  return stateTimeline({
    title: 'By rule',
    description: 'The highest level that each rule had for any of the chosen models over time.',
    width: 12,
    height: 12,
    unit: 'none',
    mappings: [levelMapping()],
    queries: [series(max(chosenLevels(), ['rule']), '{{rule}}')],
    nothing: 'No alert rules are loaded, or monitoring is basic',
  });
}

function began() {
  return bars({
    title: 'Alerts that began',
    description:
      'Starts of alerts over time, by level, from the history in Loki: those that Alertmanager told of, so without what is muted or silenced.',
    width: 24,
    height: 6,
    unit: 'short',
    colours: { ...LEVEL_COLOURS },
    counted: 'before',
    queries: [logSeries(countOfCalls(chosenAlerts('firing'), ['level'], '$__auto'), '{{level}}')],
  })
    .maxDataPoints(90)
    .noValue('None began, or no history is kept: docs/guides/alerts.md');
}

function history() {
  return logTable({
    title: 'History of alerts',
    description:
      'The newest 200 starts and ends of alerts as Alertmanager told them, with their runbooks, and links that fill in a silence.',
    width: 24,
    height: 12,
    expr: withTexts(chosenAlerts()),
    most: 200,
    nothing: 'None, or no history is kept: docs/guides/alerts.md',
    columns: [
      { title: 'Status', of: 'status', width: 80 },
      { title: 'Level', of: 'level', width: 80, mappings: [levelNames()] },
      { title: 'Rule', of: 'rule', width: 150 },
      { title: 'Model', of: 'model', width: 150 },
      { title: 'Workspace', of: 'workspace_id', width: 110 },
      { title: 'Value', of: 'value', width: 100 },
      { title: 'Threshold', of: 'threshold', width: 100 },
      { title: 'Summary', of: 'summary' },
      outside('Runbook', 'runbook_url'),
      outside('Silence', 'silence_url'),
    ],
  });
}

/** The words of levels in their colours. */
function levelNames() {
  const options = Object.fromEntries(
    ALERT_LEVELS.map((level, index) => [level, { color: LEVEL_COLOURS[level], index }]),
  );
  return { type: 'value', options } as never;
}

/** A link that the entry brings: to a page that is no dashboard. */
function outside(title: string, of: string): LogColumn {
  const link = { title, url: `\${__value.raw}`, targetBlank: true };
  const words = { type: 'regex', options: { pattern: '.+', result: { text: title, index: 0 } } } as never;
  return { title, of, width: 85, mappings: [words], links: [{ build: () => link as never }], isPlain: true };
}
