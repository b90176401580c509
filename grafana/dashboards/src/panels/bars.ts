import { BarAlignment, GraphDrawStyle } from '@grafana/grafana-foundation-sdk/common';
import { type TimeSeriesOptions, timeSeries } from './time-series.js';

export interface BarsOptions extends TimeSeriesOptions {
  /** Whether what is counted came before the time of its bar, as Loki counts, or after it. */
  readonly counted?: 'before' | 'after';
}

/** The same as `timeSeries`, as bars that lie on each other: how much there was in each step. */
export function bars({ counted = 'after', ...options }: BarsOptions) {
  return (
    timeSeries({ stacked: true, ...options })
      .drawStyle(GraphDrawStyle.Bars)
      .fillOpacity(75)
      .lineWidth(0)
      // A gap would look like a time without calls.
      .barWidthFactor(0.95)
      .barAlignment(counted === 'after' ? BarAlignment.After : BarAlignment.Before)
  );
}
