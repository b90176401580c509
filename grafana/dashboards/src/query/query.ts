import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder as LokiQueryBuilder } from '@grafana/grafana-foundation-sdk/loki';
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { LOKI, PROMETHEUS } from '../frame/datasources.js';

/** One query of a panel, without the letter that Grafana knows it by: the panel gives it, A first. */
export interface Query {
  readonly language: 'promql' | 'logql';
  readonly expr: string;
  /** `{{model}}` is the label of that name. */
  readonly legend: string;
  /**
   * `series`: a point for each step. `instant`: one value, at the end of the range. `rows`: the same, as rows of a table with a
   * column for each label. `buckets`: for heat maps. `lines`: log lines.
   */
  readonly shape: 'series' | 'instant' | 'rows' | 'buckets' | 'lines';
  /** The least time between two points; a variable may stand for it. */
  readonly step?: string;
  /** Of log lines: the newest so many, and no more. */
  readonly most?: number;
}

/** PromQL, one line for each series. */
export function series(expr: string, legend: string): Query {
  return { language: 'promql', expr, legend, shape: 'series' };
}

/** PromQL, one value for each series, at the end of the range. */
export function instant(expr: string, legend: string): Query {
  return { language: 'promql', expr, legend, shape: 'instant' };
}

/** PromQL, one row for each series. */
export function rows(expr: string): Query {
  return { language: 'promql', expr, legend: '', shape: 'rows' };
}

/** PromQL, `sum by (le)` of buckets. */
export function buckets(expr: string): Query {
  return { language: 'promql', expr, legend: '{{le}}', shape: 'buckets' };
}

/** LogQL that gives lines: the newest `most`, or as many as the data source allows. */
export function logLines(expr: string, most?: number): Query {
  return { language: 'logql', expr, legend: '', shape: 'lines', ...(most !== undefined && { most }) };
}

/** LogQL that gives one number for each series, of the whole range. */
export function logInstant(expr: string, legend = ''): Query {
  return { language: 'logql', expr, legend, shape: 'instant' };
}

/** LogQL that gives numbers, one line for each series. */
export function logSeries(expr: string, legend: string): Query {
  return { language: 'logql', expr, legend, shape: 'series' };
}

/** The letter of the query at an index: A, B, … */
export function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

/** The queries of a panel as Grafana has them. */
export function targets(queries: readonly Query[]): Builder<Dataquery>[] {
  return queries.map((query, index) =>
    (query.language === 'logql' ? lokiTarget : prometheusTarget)(query, refId(index)),
  );
}

function prometheusTarget({ expr, legend, shape, step }: Query, id: string): Builder<Dataquery> {
  const builder = new DataqueryBuilder()
    .refId(id)
    .datasource(PROMETHEUS)
    .expr(expr)
    .editorMode(QueryEditorMode.Code)
    .legendFormat(legend);
  if (step !== undefined) builder.interval(step);
  if (shape === 'rows') return builder.instant().format(PromQueryFormat.Table);
  if (shape === 'instant') return builder.instant().format(PromQueryFormat.TimeSeries);
  return builder.range().format(shape === 'buckets' ? PromQueryFormat.Heatmap : PromQueryFormat.TimeSeries);
}

function lokiTarget({ expr, legend, shape, most }: Query, id: string): Builder<Dataquery> {
  const builder = new LokiQueryBuilder()
    .refId(id)
    .datasource(LOKI)
    .expr(expr)
    .legendFormat(legend)
    .queryType(shape === 'instant' || shape === 'rows' ? 'instant' : 'range');
  return most === undefined ? builder : builder.maxLines(most);
}
