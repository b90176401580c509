import { BarAlignment, GraphDrawStyle } from '@grafana/grafana-foundation-sdk/common';
import { type TimeSeriesOptions, timeSeries } from './time-series.js';

export interface BarsOptions extends TimeSeriesOptions {
  /** The least time that a bar stands for: `1d`, `1h`. */
  readonly step?: string;
}

/** The same as `timeSeries`, as bars that lie on each other: how much there was in each step. */
export function bars({ step, ...options }: BarsOptions) {
  const panel = timeSeries({ stacked: true, ...options })
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(75)
    .lineWidth(0)
    // A bar begins where its time begins.
    .barAlignment(BarAlignment.After);
  return step === undefined ? panel : panel.interval(step);
}
