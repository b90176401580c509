import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { TableCellHeight } from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { logInstant, refId, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

export interface LogCountsOptions extends PanelFrame {
  /** LogQL that counts by the labels below, largest first. */
  readonly expr: string;
  readonly labels: readonly { readonly of: string; readonly title: string; readonly width?: number }[];
  readonly count: string;
  readonly colour: string;
  readonly links?: readonly Builder<DashboardLink>[];
  readonly nothing: string;
}

/** How many log entries there were of each kind. */
export function logCounts({ expr, labels, count, colour, links = [], nothing, ...frame }: LogCountsOptions) {
  const value = `Value #${refId(0)}`;
  const names = [...labels.map(({ of }) => of), value];
  const panel = framed(new PanelBuilder(), frame)
    .targets(targets([logInstant(expr)]))
    .cellHeight(TableCellHeight.Sm)
    .showHeader(true)
    .noValue(nothing)
    .dataLinks([...links])
    .transformations([
      { id: 'filterFieldsByName', options: { include: { names } } },
      {
        id: 'organize',
        options: {
          excludeByName: {},
          indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
          renameByName: { ...Object.fromEntries(labels.map(({ of, title }) => [of, title])), [value]: count },
        },
      },
    ])
    .overrideByName(count, [
      { id: 'color', value: { mode: 'fixed', fixedColor: colour } },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
      { id: 'custom.width', value: 75 },
    ]);
  for (const { title, width } of labels) {
    panel.overrideByName(title, [
      ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
      // Without it Grafana lays buttons for filters over the links.
      { id: 'filterable', value: false },
    ]);
  }
  return panel;
}
