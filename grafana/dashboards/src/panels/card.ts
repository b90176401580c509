import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
  VizTextDisplayOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type { ThresholdsConfig } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { always, byThresholds, NEUTRAL, thresholdsBuilder } from '../frame/colours.js';
import { less, more } from '../query/expressions.js';
import { instant, series, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

export interface CardOptions extends PanelFrame {
  /** The number of the card, of the whole range. */
  readonly now: string;
  /** The same of the period before. */
  readonly before: string;
  /** How it went, for the sparkline. */
  readonly trend: string;
  /** Which change against the period before is bad news: the other is good. With `neither` both are neutral. */
  readonly bad: 'more' | 'less' | 'neither';
  /** Neutral where none are given. */
  readonly thresholds?: ThresholdsConfig;
}

/** A number of the whole range, its course, and how it differs from the period before. */
export function card(options: CardOptions): PanelBuilder {
  const { now, before, trend, bad } = options;
  const [worse, better] = ['orange', 'green'];
  const colours = { more: NEUTRAL, less: NEUTRAL };
  if (bad === 'more') Object.assign(colours, { more: worse, less: better });
  if (bad === 'less') Object.assign(colours, { more: better, less: worse });
  return framed(new PanelBuilder(), options)
    .targets(
      targets([
        instant(now, 'in this range'),
        series(trend, 'course'),
        instant(more(now, before), '▲'),
        instant(less(now, before), '▼'),
      ]),
    )
    .maxDataPoints(60)
    .thresholds(thresholdsBuilder(options.thresholds ?? always(NEUTRAL)))
    .colorScheme(byThresholds())
    .min(0)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['max']).fields('').values(false))
    .orientation(VizOrientation.Vertical)
    .textMode(BigValueTextMode.ValueAndName)
    .wideLayout(false)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .justifyMode(BigValueJustifyMode.Auto)
    .noValue('none')
    .text(new VizTextDisplayOptionsBuilder().titleSize(12).valueSize(24))
    .overrideByQuery('B', CURVE_ALONE)
    .overrideByQuery('C', changeProperties(colours.more))
    .overrideByQuery('D', changeProperties(colours.less));
}

/** Of the course only the curve is shown: a number of its own beside it would be taken for that of the card. */
const CURVE_ALONE = [
  { id: 'displayName', value: ' ' },
  // Drawn against its own largest value, and not against the number of the whole range.
  { id: 'fieldMinMax', value: true },
  { id: 'mappings', value: [{ type: 'range', options: { from: null, to: null, result: { text: ' ', index: 0 } } }] },
];

function changeProperties(color: string) {
  return [
    { id: 'unit', value: 'percentunit' },
    { id: 'decimals', value: 0 },
    { id: 'thresholds', value: always(color) },
  ];
}
