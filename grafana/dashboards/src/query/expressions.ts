import type { LabelName } from '../../../../exporter/projections/metrics/catalogue.js';
import { toldApartByKey } from './keys.js';
import { addedUp, EVERY } from './totals.js';

/**
 * What a number is of: the moment at which it is drawn, the whole range of the dashboard, or as long a range before that.
 */
export type Span = 'moment' | 'range' | 'range before';

type Label = LabelName | 'le' | 'rule' | 'level';

/** `sum by (a, b) (…)`; of everything together where no label is named. */
export function sum(expression: string, by: readonly Label[] = []): string {
  return aggregate('sum', expression, by);
}

/** `max by (a, b) (…)`. */
export function max(expression: string, by: readonly Label[] = []): string {
  return aggregate('max', expression, by);
}

/** `count by (a, b) (…)`. */
export function count(expression: string, by: readonly Label[] = []): string {
  return aggregate('count', expression, by);
}

/**
 * A recorded rate over a span, for ratios: at a moment a rate, over a range the sum of the recorded rates. Both sides of a
 * ratio take the same span.
 */
export function over(series: string, span: Span): string {
  if (span === 'moment') return series;
  return `sum_over_time(${addedUp(series)}[$__range]${span === 'range' ? '' : ' offset $__range'})`;
}

/** How much of something there was: a recorded rate, summed, times the seconds between its evaluations. */
export function total(series: string, by: readonly Label[] = [], span: Exclude<Span, 'moment'> = 'range'): string {
  return `${sum(over(series, span), by)} * $${EVERY}`;
}

/** The `limit` series of a panel that had most in its whole range: those of each moment would be others all the time. */
export function withMost(limit: number, drawn: string, series: string, by: readonly Label[]): string {
  const inAll = sum(`sum_over_time(${addedUp(series)}[$__range] @ end())`, by);
  return `${drawn} and on (${by.join(', ')}) topk(${limit}, ${inAll})`;
}

/** To whole numbers: totals come from rates and are a little off them. */
export function rounded(expression: string): string {
  return `round(${expression})`;
}

/** A recorded rate, in units a minute. */
export function perMinute(series: string, by: readonly Label[] = []): string {
  return `${sum(series, by)} * 60`;
}

/** One by the other, and nothing where the divisor is 0: a share of no calls is no share. */
export function ratio(dividend: string, divisor: string): string {
  return `${dividend} / (${divisor} > 0)`;
}

/** By how much a number is above that of the period before: 0.1 is a tenth more. Nothing when it is not. */
export function more(now: string, before: string): string {
  return `(${now}) / ((${before}) > 0) - 1 >= 0`;
}

/** By how much it is below. */
export function less(now: string, before: string): string {
  return `1 - (${now}) / ((${before}) > 0) > 0`;
}

function aggregate(operator: string, expression: string, by: readonly Label[]): string {
  if (by.includes('apikey_id')) expression = toldApartByKey(expression);
  return by.length === 0 ? `${operator}(${expression})` : `${operator} by (${by.join(', ')}) (${expression})`;
}
