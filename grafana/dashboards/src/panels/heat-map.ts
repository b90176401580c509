import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  CellValuesBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder,
  YAxisConfigBuilder,
} from '@grafana/grafana-foundation-sdk/heatmap';
import { buckets, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

export interface HeatMapOptions extends PanelFrame {
  /** By `le`. */
  readonly expr: string;
  readonly links?: readonly Builder<DashboardLink>[];
}

/** How many calls fell into each bucket of a histogram at each moment; the unit is that of the bounds. */
export function heatMap({ expr, links = [], ...frame }: HeatMapOptions): PanelBuilder {
  return framed(new PanelBuilder(), frame)
    .targets(targets([buckets(expr)]))
    .maxDataPoints(120)
    .calculate(false)
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme('Blues')
        .steps(32)
        .exponent(0.5)
        .fill('blue'),
    )
    .yAxis(new YAxisConfigBuilder().unit(frame.unit))
    .cellValues(new CellValuesBuilder().unit('short').decimals(2))
    .cellGap(1)
    .showValue(VisibilityMode.Never)
    .showLegend()
    .dataLinks([...links])
    .noValue('No calls, or none with buckets');
}
