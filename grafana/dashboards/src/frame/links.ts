import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import type { LabelName } from '../../../../exporter/projections/metrics/catalogue.js';
import type { LinkLabel } from '../query/alert-series.js';
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
  /** `range`: that of this dashboard. `minute`: around the moment that was clicked. */
  readonly time?: 'range' | 'minute';
  /** The id of the one panel that is shown there, over the whole page. */
  readonly panel?: number;
}

/** The path of another dashboard, with this one's range and filters. Grafana puts its own address before it. */
export function pathTo<Uid extends DashboardUid>(
  uid: Uid,
  { set, time = 'range', panel }: LinkOptions<Uid> = {},
): string {
  const values = new Map(Object.entries(set ?? {}) as [string, string][]);
  const kept = ['datasource', ...(isFiltered(uid) ? FILTERS.map(({ variable }) => variable) : [])];
  const query = [
    time === 'range' ? `\${__url_time_range}` : `time=\${__value.time}&time.window=${MINUTE_WINDOW_MS}`,
    ...kept.filter((variable) => !values.has(variable)).map((variable) => `\${${variable}:queryparam}`),
    ...[...values].map(([variable, value]) => `var-${variable}=${value}`),
    ...(panel === undefined ? [] : [`viewPanel=panel-${panel}`]),
  ];
  return `/d/${uid}/${uid}?${query.join('&')}`;
}

/** Two minutes to each side: what is recorded at a moment is of the two minutes before it. */
const MINUTE_WINDOW_MS = 2 * 2 * 60_000;

/** A link from a value of a panel: in a tooltip, a cell, a tile. */
export function dataLink<Uid extends DashboardUid>(
  title: string,
  uid: Uid,
  options: LinkOptions<Uid> = {},
): Builder<DashboardLink> {
  // The SDK has one type for links of dashboards and of values; the further fields of the former mean nothing here.
  return { build: () => ({ title, url: pathTo(uid, options) }) as DashboardLink };
}
