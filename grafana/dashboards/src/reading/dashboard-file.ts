import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A dashboard as it stands in `grafana/dashboards`, as far as it is read here. */
export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly time: { readonly from: string; readonly to: string };
  readonly templating: { readonly list: readonly VariableOfFile[] };
  readonly annotations?: { readonly list?: readonly AnnotationOfFile[] };
  readonly panels: readonly PanelOfFile[];
}

export interface VariableOfFile {
  readonly name: string;
  readonly type: string;
  readonly datasource?: { readonly type?: string };
  readonly query?: string;
  readonly regex?: string;
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
  readonly current?: { readonly value?: string | readonly string[] };
}

export interface AnnotationOfFile {
  readonly name: string;
  readonly expr?: string;
}

export interface PanelOfFile {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly maxDataPoints?: number;
  /** The least interval between two points, such as `1m`. */
  readonly interval?: string;
  readonly targets?: readonly TargetOfFile[];
}

export interface TargetOfFile {
  readonly refId: string;
  readonly expr: string;
  readonly datasource?: { readonly type?: string };
  readonly instant?: boolean;
  /** The least interval between two points; a variable may stand for it. */
  readonly interval?: string;
  readonly queryType?: string;
}

/** Every dashboard of a folder, by the names of the files. */
export function dashboardFiles(folder: string): DashboardFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.toSorted().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as DashboardFile);
}

/** Its panels without the headings between them. */
export function panelsOf({ panels }: DashboardFile): readonly PanelOfFile[] {
  return panels.filter(({ type }) => type !== 'row');
}

/** Whether a query is for Loki. */
export function isLogql({ datasource }: TargetOfFile): boolean {
  return datasource?.type === 'loki';
}

/** Whether a query has one answer for the end of the range, and not one for each point. */
export function isInstant({ instant, queryType }: TargetOfFile): boolean {
  return instant === true || queryType === 'instant';
}
