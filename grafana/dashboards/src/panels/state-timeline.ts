import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  LegendDisplayMode,
  LegendPlacement,
  TimelineValueAlignment,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { DashboardLink, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { byOrder } from '../frame/colours.js';
import { type Query, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

export interface StateTimelineOptions extends PanelFrame {
  readonly queries: readonly Query[];
  readonly mappings: readonly ValueMapping[];
  readonly links?: readonly Builder<DashboardLink>[];
  readonly nothing?: string;
}

/** A bar for each series, coloured by its value at each moment. */
export function stateTimeline({ queries, mappings, links = [], nothing, ...frame }: StateTimelineOptions) {
  return (
    framed(new PanelBuilder(), frame)
      .targets(targets(queries))
      .maxDataPoints(240)
      .mappings([...mappings])
      .colorScheme(byOrder())
      // Colours come from the mappings; by thresholds all values between two would be one bar.
      .mergeValues(true)
      .disablePagination()
      .showValue(VisibilityMode.Never)
      .alignValue(TimelineValueAlignment.Left)
      .rowHeight(0.85)
      .fillOpacity(90)
      .lineWidth(0)
      .spanNulls(5 * 60_000)
      .legend(
        new VizLegendOptionsBuilder()
          .displayMode(LegendDisplayMode.List)
          .placement(LegendPlacement.Bottom)
          .showLegend(false)
          .calcs([]),
      )
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single))
      .dataLinks([...links])
      .noValue(nothing ?? 'Nothing to show')
  );
}
