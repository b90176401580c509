import { BarAlignment, GraphDrawStyle } from '@grafana/grafana-foundation-sdk/common';
import { type TimeSeriesOptions, timeSeries } from './time-series.js';

export interface BarsOptions extends TimeSeriesOptions {
  /** The least time that a bar stands for: `1d`, `1h`. */
  readonly step?: string;
  /** Whether what is counted came before the time of its bar, as Loki counts, or after it. */
  readonly counted?: 'before' | 'after';
}

/** The same as `timeSeries`, as bars that lie on each other: how much there was in each step. */
export function bars({ step, counted = 'after', ...options }: BarsOptions) {
  const panel = timeSeries({ stacked: true, ...options })
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(75)
    .lineWidth(0)
    .barAlignment(counted === 'after' ? BarAlignment.After : BarAlignment.Before);
  return step === undefined ? panel : panel.interval(step);
}
