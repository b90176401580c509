import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  GraphDrawStyle,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { byOrder, COLOURS_OF_VALUES } from '../frame/colours.js';
import { type Query, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

export interface TimeSeriesOptions extends PanelFrame {
  readonly queries: readonly Query[];
  /** Parts of a whole, one on the other. */
  readonly stacked?: boolean;
  /** Where a click on a point leads. */
  readonly links?: readonly Builder<DashboardLink>[];
  /** Colours of series by their legend; those of outcomes and failures are known. */
  readonly colours?: Readonly<Record<string, string>>;
}

/** Lines over time, from 0 on. A step that nothing was recorded for is a gap. */
export function timeSeries(options: TimeSeriesOptions): PanelBuilder {
  const { queries, stacked = false, links = [], colours = {}, ...frame } = options;
  const legend = new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs([]);
  const panel = framed(new PanelBuilder(), frame)
    .targets(targets(queries))
    .colorScheme(byOrder())
    .min(0)
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(stacked ? 1 : 2)
    .fillOpacity(stacked ? 40 : 8)
    .gradientMode(GraphGradientMode.None)
    .showPoints(VisibilityMode.Auto)
    .pointSize(4)
    // Two evaluations of the hour level: longer than that is a gap that happened.
    .spanNulls(5 * 60_000)
    .legend(legend)
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .dataLinks([...links])
    .noValue('Nothing in this range');
  // Of nothing but zeros Grafana would draw an axis up to 10,000 %.
  if (frame.unit === 'percentunit') panel.axisSoftMax(0.01);
  if (stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  const names = new Set(queries.map(({ legend: name }) => name));
  const known = Object.entries({ ...COLOURS_OF_VALUES, ...colours });
  const isByLabel = queries.some(({ legend: name }) => name.includes('{{'));
  for (const [name, fixedColor] of known) {
    if (!isByLabel && !names.has(name)) continue;
    panel.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor } }]);
  }
  return panel;
}
