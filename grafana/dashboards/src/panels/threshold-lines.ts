import { GraphThresholdsStyleConfigBuilder, GraphThresholdsStyleMode } from '@grafana/grafana-foundation-sdk/common';
import type { ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { thresholdsBuilder } from '../frame/colours.js';

/** Draws a dashed line where each level begins. */
export function withThresholdLines(panel: PanelBuilder, thresholds: ThresholdsConfig): PanelBuilder {
  return panel
    .thresholds(thresholdsBuilder(thresholds))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}
