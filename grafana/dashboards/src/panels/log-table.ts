import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { TableCellHeight, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink, ThresholdsConfig, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { groundOf } from '../frame/colours.js';
import { logLines, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

/** A column of a table of log entries: of a label, of metadata, or of what was taken out of the line. */
export interface LogColumn {
  readonly title: string;
  readonly of: string;
  readonly isNumber?: boolean;
  /** Its mappings say words, not colours. */
  readonly isPlain?: boolean;
  readonly unit?: string;
  readonly width?: number;
  readonly thresholds?: ThresholdsConfig;
  readonly mappings?: readonly ValueMapping[];
  readonly links?: readonly Builder<DashboardLink>[];
}

export interface LogTableOptions extends Omit<PanelFrame, 'unit'> {
  readonly expr: string;
  readonly most: number;
  readonly columns: readonly LogColumn[];
  /** Title of a column, largest values first; else newest first. */
  readonly sortedBy?: string;
  readonly nothing: string;
}

/** The name of the time of an entry, as Loki's data source has it. */
const TIME = 'Time';

/** Log entries as rows, the time first. */
export function logTable({ expr, most, columns, sortedBy = TIME, nothing, ...frame }: LogTableOptions): PanelBuilder {
  const names = [TIME, ...columns.map(({ of }) => of)];
  const numbers = columns.filter(({ isNumber = false }) => isNumber);
  const panel = framed(new PanelBuilder(), { ...frame, unit: 'short' })
    .targets(targets([logLines(expr, most)]))
    .cellHeight(TableCellHeight.Sm)
    .showHeader(true)
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortedBy).desc(true)])
    .noValue(nothing)
    .transformations([
      { id: 'extractFields', options: { source: 'labels', format: 'auto', keepTime: false, replace: false } },
      { id: 'filterFieldsByName', options: { include: { names } } },
      {
        id: 'convertFieldType',
        options: {
          fields: {},
          conversions: numbers.map(({ of }) => ({ targetField: of, destinationType: 'number' })),
        },
      },
      {
        id: 'organize',
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
          renameByName: Object.fromEntries(columns.map(({ of, title }) => [of, title])),
        },
      },
    ])
    .overrideByName(TIME, [{ id: 'custom.width', value: 185 }]);
  for (const column of columns) panel.overrideByName(column.title, propertiesOf(column));
  return panel;
}

function propertiesOf({ isNumber = false, isPlain = false, unit, width, thresholds, mappings, links }: LogColumn) {
  const isColoured = !isPlain && (thresholds !== undefined || mappings !== undefined);
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(thresholds === undefined ? [] : [{ id: 'thresholds', value: groundOf(thresholds) }]),
    ...(thresholds === undefined ? [] : [{ id: 'color', value: { mode: 'thresholds' } }]),
    ...(mappings === undefined ? [] : [{ id: 'mappings', value: mappings }]),
    ...(isColoured ? [{ id: 'custom.cellOptions', value: { type: 'color-background', mode: 'basic' } }] : []),
    ...(links === undefined ? [] : [{ id: 'links', value: links.map((link) => link.build()) }]),
    { id: 'noValue', value: '–' },
    { id: 'filterable', value: false },
    { id: 'custom.align', value: isNumber ? 'right' : 'left' },
  ];
}
