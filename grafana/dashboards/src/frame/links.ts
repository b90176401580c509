import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import type { LabelName } from '../../../../exporter/projections/metrics/catalogue.js';
import type { LinkLabel } from '../query/alert-series.js';
import { AROUND } from '../query/around.js';
import { FILTERS } from '../query/filters.js';
import { type DashboardUid, isFiltered, type LinkVariable } from './dashboard-list.js';

/** The value of a column in the row that was clicked, by the name of its label. */
export function ofRow(label: LabelName | LinkLabel): string {
  return `\${__data.fields.${label}:percentencode}`;
}

/** The value of a label of the series that was clicked. */
export function ofSeries(label: LabelName | LinkLabel): string {
  return `\${__field.labels.${label}:percentencode}`;
}

interface LinkOptions<Uid extends DashboardUid> {
  /** Variables that get another value than they have here; all others are kept. */
  readonly set?: Readonly<Partial<Record<LinkVariable<Uid>, string>>>;
  /** `range`: that of this dashboard. `moment`: around the one that was clicked; needs the variable `around`. */
  readonly time?: 'range' | 'moment';
  /** The id of the one panel that is shown there, over the whole page. */
  readonly panel?: number;
  /** Further variables that both dashboards have and that are kept, as of a dashboard to itself. */
  readonly keep?: readonly string[];
  readonly isNewTab?: boolean;
}

/** The path of another dashboard, with this one's range and filters. Grafana puts its own address before it. */
export function pathTo<Uid extends DashboardUid>(
  uid: Uid,
  { set, time = 'range', panel, keep = [] }: LinkOptions<Uid> = {},
): string {
  const values = new Map(Object.entries(set ?? {}) as [string, string][]);
  const kept = ['datasource', ...(isFiltered(uid) ? FILTERS.map(({ variable }) => variable) : []), ...keep];
  const query = [
    time === 'range' ? `\${__url_time_range}` : `time=\${__value.time}&time.window=\${${AROUND}}`,
    ...kept.filter((variable) => !values.has(variable)).map((variable) => `\${${variable}:queryparam}`),
    ...[...values].map(([variable, value]) => `var-${variable}=${value}`),
    ...(panel === undefined ? [] : [`viewPanel=panel-${panel}`]),
  ];
  return `/d/${uid}/${uid}?${query.join('&')}`;
}

/** A link from a value of a panel: in a tooltip, a cell, a tile. */
export function dataLink<Uid extends DashboardUid>(
  title: string,
  uid: Uid,
  options: LinkOptions<Uid> = {},
): Builder<DashboardLink> {
  // The SDK has one type for links of dashboards and of values; the further fields of the former mean nothing here.
  const link = { title, url: pathTo(uid, options), ...(options.isNewTab === true && { targetBlank: true }) };
  return { build: () => link as DashboardLink };
}
