import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizTextDisplayOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { always, byThresholds, knownFrom0, NEUTRAL, thresholdsBuilder } from '../frame/colours.js';
import { type Query, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

export interface StatOptions extends PanelFrame {
  readonly queries: readonly Query[];
  readonly thresholds?: ThresholdsConfig;
  /** `tile`: on a ground of its colour, with its name. */
  readonly look?: 'value' | 'tile';
  /** What stands there when there is nothing to show. */
  readonly nothing?: string;
}

/** One number for each series, the last one; with a sparkline where the query gives a course. */
export function stat({ queries, thresholds = always(NEUTRAL), look = 'value', nothing, ...frame }: StatOptions) {
  const isTile = look === 'tile';
  return framed(new PanelBuilder(), frame)
    .targets(targets(queries))
    .thresholds(thresholdsBuilder(isTile ? knownFrom0(thresholds) : thresholds))
    .colorScheme(byThresholds())
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
    .textMode(isTile || queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Value)
    .colorMode(isTile ? BigValueColorMode.Background : BigValueColorMode.Value)
    .graphMode(isTile ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .text(new VizTextDisplayOptionsBuilder().titleSize(13).valueSize(isTile ? 18 : 28))
    .noValue(nothing ?? 'none');
}
