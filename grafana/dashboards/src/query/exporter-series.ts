/*
 * The exporter's own health. It is of all workspaces and models, so the dashboard's filters do not apply; of several exporters the
 * variable `instance` chooses.
 */
import { type FAMILIES, type FamilyName, familyOf } from '../../../../exporter/projections/metrics/catalogue.js';

type Family = (typeof FAMILIES)[number];
type Counter = Extract<Family, { type: 'counter' }>['name'];
type Gauge = Extract<Family, { type: 'gauge' }>['name'];
type Histogram = Extract<Family, { type: 'histogram' }>['name'];
type LabelOf<Name extends FamilyName> = Extract<Family, { name: Name }>['labels'][number];

/** Labels and the values that they must have. */
type Where<Name extends FamilyName> = Readonly<Partial<Record<LabelOf<Name>, string>>>;

export const INSTANCE = 'instance';

/** A gauge of the exporter, or of its calls over all workspaces. */
export function exporterGauge<Name extends Gauge>(name: Name, where?: Where<Name>): string {
  return checked(name, where);
}

/** How fast a counter rises, a second. */
export function exporterRate<Name extends Counter>(name: Name, where?: Where<Name>): string {
  return `rate(${checked(name, where)}[$__rate_interval])`;
}

/** How much a counter rose over the range of the dashboard, or over a window such as `15m`. */
export function exporterIncrease<Name extends Counter>(name: Name, where?: Where<Name>, window = '$__range'): string {
  return `increase(${checked(name, where)}[${window}])`;
}

/** How fast a part of a histogram rises, a second. */
export function exporterRatePart(name: Histogram, part: 'sum' | 'count' | 'bucket'): string {
  return `rate(${foreign(`${name}_${part}`)}[$__rate_interval])`;
}

/** A percentile of a histogram, of all chosen exporters together; nothing where nothing happened. */
export function exporterQuantile(name: Histogram, q: number): string {
  return `histogram_quantile(${q}, sum by (le) (${exporterRatePart(name, 'bucket')})) >= 0`;
}

/** A metric of Node.js, of the scrape, or of a program beside the exporter that the catalogue does not know. */
export function foreign(name: string, where: Readonly<Record<string, string>> = {}): string {
  const matchers = Object.entries(where).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${[...matchers, `${INSTANCE}=~"$${INSTANCE}"`].join(', ')}}`;
}

function checked(name: FamilyName, where: Readonly<Record<string, string | undefined>> = {}): string {
  const unknown = Object.keys(where).filter((label) => !familyOf(name).labels.some((known) => known === label));
  if (unknown.length > 0) throw new Error(`${name} has no label ${unknown.join(', ')}`);
  return foreign(name, where as Readonly<Record<string, string>>);
}
