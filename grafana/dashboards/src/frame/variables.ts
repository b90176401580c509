import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableHide,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { recordedSeries } from '../../../../exporter/recording/recorded-series.js';
import { AROUND, aroundQuery, FIRST_AROUND } from '../query/around.js';
import { BAR, barQuery, FIRST_BAR } from '../query/by-bar.js';
import { FILTERS, type FilterName } from '../query/filters.js';
import { regexOf } from '../query/hidden-variable.js';
import { SERIES, seriesQuery } from '../query/keys.js';
import { MINUTES, MINUTES_ONLY, PEAKS, peaksQuery } from '../query/peaks.js';
import { RESOLUTION, resolutionFor, resolutionQuery } from '../query/resolution.js';
import { gauge } from '../query/series.js';
import { EVERY, TOTALS, totalsOf, totalsQuery } from '../query/totals.js';
import { DATASOURCE_UIDS, PROMETHEUS } from './datasources.js';

type Variable = Builder<VariableModel>;

/** Which Prometheus. In the menu of controls: few have more than one. */
export function prometheusVariable(): Variable {
  return datasourceVariable('datasource', 'prometheus', 'Prometheus', DATASOURCE_UIDS.prometheus);
}

/** Which Loki, for dashboards that read logs. */
export function lokiVariable(): Variable {
  return datasourceVariable('loki', 'loki', 'Loki', DATASOURCE_UIDS.loki);
}

/** Workspace, model, API key and inference type: several of each, all by default; and which series that takes. */
export function filterVariables(): Variable[] {
  const filters = FILTERS.map(({ variable, label, title }) => {
    const where = `label_values(${FILTER_SOURCES[variable]}, ${label})`;
    return new QueryVariableBuilder(variable)
      .label(title)
      .datasource(PROMETHEUS)
      .query(where)
      .definition(where)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .sort(VariableSort.NaturalAsc)
      .multi(true)
      .includeAll(true)
      .allValue('.*')
      .current({ text: 'All', value: '$__all' });
  });
  return [...filters, seriesVariable()];
}

/** With or without keys; follows the API keys that are chosen. */
function seriesVariable(): Variable {
  return hiddenVariable(SERIES, seriesQuery(), 'workspace_model');
}

/** Which series are drawn and which are added up; follow the range of the dashboard. */
export function resolutionVariables(): Variable[] {
  return [
    hiddenVariable(RESOLUTION, resolutionQuery(), resolutionFor(0)),
    ...([TOTALS, EVERY] as const).map((name) => hiddenVariable(name, totalsQuery(), totalsOf('minute')[name])),
    aroundVariable(),
  ];
}

/** How much time a link from a point shows; follows the range of the dashboard. */
export function aroundVariable(): Variable {
  return hiddenVariable(AROUND, aroundQuery(), FIRST_AROUND);
}

/** How much time a bar stands for; follows the range of the dashboard. */
export function barVariable(): Variable {
  return hiddenVariable(BAR, barQuery(), FIRST_BAR);
}

/** Where peaks are read from; follow the range of the dashboard and what is chosen. */
export function peaksVariables(): Variable[] {
  return ([PEAKS, MINUTES] as const).map((name) => hiddenVariable(name, peaksQuery(), MINUTES_ONLY[name]));
}

/**
 * One that Prometheus fills in. Asked again whenever the range changes, and never kept in the URL: a link with another range gets what
 * that range needs.
 */
function hiddenVariable(name: string, query: string, first: string): Variable {
  const builder = new QueryVariableBuilder(name)
    .datasource(PROMETHEUS)
    .query(query)
    .definition(query)
    .regex(regexOf(name))
    .hide(VariableHide.HideVariable)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled)
    .current({ text: first, value: first });
  return { build: () => ({ ...builder.build(), skipUrlSync: true }) };
}

/** One currency: amounts in several can't be added. */
export function currencyVariable(): Variable {
  const query = `label_values(${recordedSeries('model_cost', 'minute')}{workspace_id=~"$workspace", model=~"$model"}, currency)`;
  return new QueryVariableBuilder('currency')
    .label('Currency')
    .datasource(PROMETHEUS)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}

/** Each after those that it depends on, all of series that are few. */
const CALLS = `${recordedSeries('model_calls', 'minute')}{workspace_id=~"$workspace", model=~"$model"}`;
const FILTER_SOURCES: Readonly<Record<FilterName, string>> = {
  workspace: 'model_workspace_info',
  model: gauge('model_last_call_timestamp_seconds').replace(', model=~"$model"', ''),
  apikey: CALLS,
  inference_type: CALLS,
};

function datasourceVariable(name: string, type: string, label: string, uid: string): Variable {
  return new DatasourceVariableBuilder(name)
    .label(label)
    .type(type)
    .hide(VariableHide.InControlsMenu)
    .current({ text: label, value: uid });
}
