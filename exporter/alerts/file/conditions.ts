import type { Place } from '../../config/config-error.js';
import type { Entry } from '../../config/kind.js';
import {
  ALERT_METRICS,
  type AlertMetric,
  type AlertMetricName,
  alertMetric,
  type ConditionFilters,
  FILTERS,
  type FilterName,
  LEAST_BASELINES,
  type Unit,
} from '../model/alert-metrics.js';
import type { Comparison, Condition } from '../model/alerts.js';
import { ALERT_LEVELS, type AlertLevel } from '../model/levels.js';
import type { CONDITION_KEYS } from './alerts-file.js';
import type { ByLevel } from './named-mappings.js';
import { readQuantity, writtenQuantity } from './quantity.js';
import { isRefused, listed, pathOf, type Reading, refuse } from './reading.js';

export type ConditionEntry = Entry<typeof CONDITION_KEYS>;

const DEFAULT_WINDOW_MS = 300_000;

/**
 * A condition, checked against what its metric can say.
 * @param match of its template; null where that was refused
 * @returns null where it was refused
 */
export function readCondition(entry: ConditionEntry, match: 'any' | 'all' | null, reading: Reading): Condition | null {
  const before = reading.problems.list.length;
  const { metric: name, aggregation, comparison } = entry.values;
  const metric = alertMetric(name);
  const unit = metric.aggregations[aggregation];
  if (unit === undefined) {
    const allowed = `one of ${Object.keys(metric.aggregations).join(', ')}`;
    refuse(reading, entry, 'aggregation', `${name} has no ${aggregation}`, allowed);
  }
  const isGrowth = aggregation.startsWith('growth_');
  checkWindow(entry, metric, isGrowth, reading);
  checkBaseline(entry, isGrowth, reading);
  const filters = filtersOf(entry, metric, reading);
  if (metric.inferenceType === null && entry.places.has('inference_type')) {
    const found = `${name} knows no types of inference`;
    refuse(reading, entry, 'inference_type', found, null, 'Remove it: calls of all types count.');
  }
  checkForm(entry, match, reading);
  const thresholds = unit === undefined ? null : thresholdsOf(entry, unit, reading);
  // A key that was refused by itself has no value, and the file is not used.
  if (thresholds === null || reading.problems.list.length > before) return null;
  const hasWindow = metric.hasWindow && !isGrowth;
  return {
    metric: name,
    aggregation,
    comparison,
    windowMs: hasWindow ? (entry.values.window ?? DEFAULT_WINDOW_MS) : null,
    inferenceType: entry.values.inference_type ?? metric.inferenceType ?? 'all',
    filters,
    leastBaseline: isGrowth || name === 'idle' ? (entry.values.least_baseline ?? LEAST_BASELINES[name] ?? null) : null,
    thresholds,
  };
}

function checkWindow(entry: ConditionEntry, metric: AlertMetric, isGrowth: boolean, reading: Reading): void {
  if (!entry.places.has('window')) return;
  const { metric: name, aggregation } = entry.values;
  const hint = 'Remove it.';
  if (isGrowth) refuse(reading, entry, 'window', `${aggregation} takes no window: it compares an hour`, null, hint);
  else if (!metric.hasWindow)
    refuse(reading, entry, 'window', `${name} takes no window: it is as it is now`, null, hint);
}

function checkBaseline(entry: ConditionEntry, isGrowth: boolean, reading: Reading): void {
  const { metric, aggregation } = entry.values;
  if (!entry.places.has('least_baseline') || isGrowth || metric === 'idle') return;
  const found = `${aggregation} of ${metric} compares with no hour before`;
  refuse(reading, entry, 'least_baseline', found, null, 'Only growth and idle take it: remove it.');
}

function filtersOf(entry: ConditionEntry, metric: AlertMetric, reading: Reading): ConditionFilters {
  const { metric: name, values } = { metric: entry.values.metric, values: entry.values };
  const filters: Partial<Record<FilterName, string>> = {};
  for (const filter of Object.keys(FILTERS) as FilterName[]) {
    const otherwise = metric.filters[filter];
    if (otherwise !== undefined) {
      filters[filter] = values[filter] ?? otherwise;
    } else if (entry.places.has(filter)) {
      const takes = Object.keys(metric.filters);
      const own = takes.length === 0 ? 'Remove it' : `Did you mean ${listed(takes)}, which ${name} takes`;
      const narrows = `${filter} narrows ${listed(metricsWith(filter))}.`;
      refuse(
        reading,
        entry,
        filter,
        `${name} takes no ${filter}`,
        null,
        `${own}${takes.length === 0 ? ':' : '?'} ${narrows}`,
      );
    }
  }
  return filters;
}

function metricsWith(filter: FilterName): AlertMetricName[] {
  const names = Object.keys(ALERT_METRICS) as AlertMetricName[];
  return names.filter((name) => alertMetric(name).filters[filter] !== undefined);
}

/** Which of `thresholds` and `threshold` is written. */
function checkForm(entry: ConditionEntry, match: 'any' | 'all' | null, reading: Reading): void {
  const [many, one] = [entry.places.has('thresholds'), entry.places.has('threshold')];
  if (one && match === 'any') {
    const hint = 'Write thresholds with a level, such as {warning: 100}, or match: all in the template.';
    refuse(reading, entry, 'threshold', 'found with match: any, where a condition has levels of its own', null, hint);
  } else if (one && many) {
    refuse(reading, entry, 'threshold', 'set beside thresholds', null, 'Remove one of the two.');
  } else if (!one && !many) {
    const allowed = 'a threshold for each level that it can reach, such as {warning: 100, error: 200}';
    refuse(reading, entry, 'thresholds', 'missing', allowed);
  }
}

function thresholdsOf(entry: ConditionEntry, unit: Unit, reading: Reading): Condition['thresholds'] | null {
  const { metric, threshold, thresholds } = entry.values;
  const ofUnit = { metric, unit };
  if (thresholds === null) {
    if (threshold === null) return null;
    return readQuantity(threshold, ofUnit, pathOf(entry, 'threshold'), reading.problems) ?? null;
  }
  const read = readByLevel(thresholds, ofUnit, pathOf(entry, 'thresholds'), reading);
  if (!isRefused(reading, entry, 'comparison')) checkOrder(entry, thresholds, read, unit, reading);
  return read;
}

/** Those of the values that are good, lowest level first. */
export function readByLevel(
  written: ByLevel,
  of: { metric: AlertMetricName; unit: Unit },
  key: string,
  { problems }: Reading,
): Map<AlertLevel, number> {
  const read = new Map<AlertLevel, number>();
  for (const level of ALERT_LEVELS) {
    const at = written.get(level);
    const value = at && readQuantity(at.tree, of, `${key}.${level}`, problems);
    if (value !== undefined) read.set(level, value);
  }
  return read;
}

/** Which way a value goes when it gets worse; null where there is no way. */
export function direction(comparison: Comparison): 'up' | 'down' | null {
  if (comparison === '>' || comparison === '>=') return 'up';
  return comparison === '<' || comparison === '<=' ? 'down' : null;
}

/** A higher level that is reached before a lower one would hide it. */
function checkOrder(
  entry: ConditionEntry,
  written: ByLevel,
  read: ReadonlyMap<AlertLevel, number>,
  unit: Unit,
  reading: Reading,
): void {
  const { comparison } = entry.values;
  const way = direction(comparison);
  if (way === null && read.size > 1) {
    const found = `found ${read.size} levels with ${comparison}`;
    refuse(reading, entry, 'thresholds', found, 'one level, because a value cannot be worse or better than equal');
    return;
  }
  const levels = [...read.keys()];
  for (const [index, level] of levels.entries()) {
    const lower = levels[index - 1];
    if (lower === undefined || way === null) continue;
    const [value, below] = [read.get(level)!, read.get(lower)!];
    if (way === 'up' ? value > below : value < below) continue;
    const found = `${writtenQuantity(value, unit)} is not ${way === 'up' ? 'above' : 'below'} ${lower}`;
    const where = `${writtenQuantity(below, unit)} on line ${lineOf(written.get(lower)!.place)}`;
    const hint = `With ${comparison}, thresholds ${way === 'up' ? 'rise' : 'fall'} with the level.`;
    const key = `${pathOf(entry, 'thresholds')}.${level}`;
    reading.problems.add(written.get(level)!.place, key, `${found} (${where})`, null, hint);
  }
}

function lineOf({ line }: Place): string {
  return String(line ?? '?');
}
