import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { TableCellHeight, TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink, ThresholdsConfig, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { groundOf } from '../frame/colours.js';
import { refId, rows, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

/** A column of a table: of a label, or of the value of an expression. */
export interface Column {
  readonly title: string;
  /** The label whose value it shows, or an expression that has one value for each row. */
  readonly of: { readonly label: string } | { readonly expr: string };
  readonly unit?: string;
  readonly decimals?: number;
  readonly width?: number;
  readonly thresholds?: ThresholdsConfig;
  /** On a ground of the colour of its value. Yellow words could not be read on white. */
  readonly coloured?: boolean;
  readonly mappings?: readonly ValueMapping[];
  readonly links?: readonly Builder<DashboardLink>[];
}

export interface TableOptions extends Omit<PanelFrame, 'unit'> {
  readonly unit?: string;
  readonly columns: readonly Column[];
  /** Titles of columns, largest values first. */
  readonly sortedBy: readonly string[];
  readonly nothing?: string;
}

/**
 * A table with one row for each set of labels, which all its expressions have in common: rows that agree in them become one.
 * Labels that no column shows are left out.
 */
export function table({
  columns,
  sortedBy,
  nothing = 'No calls',
  unit = 'short',
  ...frame
}: TableOptions): PanelBuilder {
  const values = columns.flatMap((column) => ('expr' in column.of ? [{ ...column, expr: column.of.expr }] : []));
  const nameOf = (column: Column): string => {
    if ('label' in column.of) return column.of.label;
    const index = values.findIndex(({ title }) => title === column.title);
    return values.length === 1 ? 'Value' : `Value #${refId(index)}`;
  };
  const names = columns.map(nameOf);
  const panel = framed(new PanelBuilder(), { ...frame, unit })
    .targets(targets(values.map(({ expr }) => rows(expr))))
    .cellHeight(TableCellHeight.Sm)
    .showHeader(true)
    .sortBy(sortedBy.map((title) => new TableSortByFieldStateBuilder().displayName(title).desc(true)))
    .noValue(nothing)
    .transformations([
      ...(values.length > 1 ? [{ id: 'merge', options: {} }] : []),
      { id: 'filterFieldsByName', options: { include: { names } } },
      {
        id: 'organize',
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
          renameByName: Object.fromEntries(columns.map((column) => [nameOf(column), column.title])),
        },
      },
    ]);
  for (const column of columns) panel.overrideByName(column.title, propertiesOf(column));
  return panel;
}

function propertiesOf(column: Column) {
  const { unit, decimals, width, thresholds, coloured, mappings, links } = column;
  const cell = { type: 'color-background', mode: 'basic' };
  return [
    ...(unit === undefined ? [] : [{ id: 'unit', value: unit }]),
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(thresholds === undefined ? [] : [{ id: 'thresholds', value: groundOf(thresholds) }]),
    ...(thresholds === undefined ? [] : [{ id: 'color', value: { mode: 'thresholds' } }]),
    ...(coloured !== true ? [] : [{ id: 'custom.cellOptions', value: cell }]),
    ...(mappings === undefined ? [] : [{ id: 'mappings', value: mappings }]),
    ...(links === undefined ? [] : [{ id: 'links', value: links.map((link) => link.build()) }]),
    { id: 'noValue', value: '–' },
    // Without it Grafana lays buttons for filters over the labels, and over the links in them.
    ...('label' in column.of ? [{ id: 'filterable', value: false }] : []),
    // Numbers to the right, words to the left.
    {
      id: 'custom.align',
      value: coloured === true && thresholds === undefined ? 'center' : 'label' in column.of ? 'left' : 'right',
    },
  ];
}
