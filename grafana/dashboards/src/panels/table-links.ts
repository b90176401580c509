import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { dataLink, ofRow } from '../frame/links.js';
import type { LinkLabel } from '../query/alert-series.js';
import type { Column } from './table.js';

const LINK_LABELS = ['link_workspace', 'link_model'] as const satisfies readonly LinkLabel[];

/** Columns that only links read: what workspace and model they choose, where `*` stands for all. Hide them by `withoutLinkColumns`. */
export const LINK_COLUMNS: readonly Column[] = LINK_LABELS.map((label) => ({ title: label, of: { label } }));

/** To the monitor of the row's model, and to its calls. */
export const LINKS_OF_ROW = [
  dataLink('Monitor', 'model-monitor', { set: { workspace: ofRow('link_workspace'), model: ofRow('link_model') } }),
  dataLink('Log', 'inference-logs', { set: { workspace: ofRow('link_workspace'), model: ofRow('link_model') } }),
];

/** Hides what only links read. */
export function withoutLinkColumns(panel: PanelBuilder): PanelBuilder {
  return LINK_LABELS.reduce(
    (hidden, label) => hidden.overrideByName(label, [{ id: 'custom.hideFrom.viz', value: true }]),
    panel,
  );
}

/** A cell without a value says nothing; only a table without rows says why. */
export function withEmptyCells(panel: PanelBuilder): PanelBuilder {
  return panel.overrideByRegexp('.*', [{ id: 'noValue', value: '–' }]);
}
