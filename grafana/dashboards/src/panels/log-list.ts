import { LogsDedupStrategy, LogsSortOrder } from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { logLines, targets } from '../query/query.js';
import { framed, type PanelFrame } from './panel-frame.js';

export interface LogListOptions extends Omit<PanelFrame, 'unit'> {
  readonly expr: string;
  /** The newest so many. */
  readonly most: number;
  /** Whether JSON is shown over several lines. */
  readonly isPretty?: boolean;
  readonly nothing: string;
}

/** Log lines, newest first; each opens to its labels, metadata and fields. */
export function logList({ expr, most, isPretty = false, nothing, ...frame }: LogListOptions): PanelBuilder {
  return framed(new PanelBuilder(), { ...frame, unit: 'none' })
    .targets(targets([logLines(expr, most)]))
    .showTime(true)
    .showLabels(false)
    .showCommonLabels(false)
    .showLogContextToggle(false)
    .wrapLogMessage(isPretty)
    .prettifyLogMessage(isPretty)
    .enableLogDetails(true)
    .enableInfiniteScrolling(!isPretty)
    .sortOrder(LogsSortOrder.Descending)
    .dedupStrategy(LogsDedupStrategy.None)
    .noValue(nothing);
}
