import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  RowBuilder,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DASHBOARDS, type DashboardUid } from './dashboard-list.js';
import { PROMETHEUS } from './datasources.js';

/** Panels that belong together, from left to right and top to bottom; with a heading, or as the head of the page. */
export interface Section {
  readonly heading?: string;
  readonly panels: readonly Builder<Panel>[];
}

export interface DashboardOptions {
  readonly uid: DashboardUid;
  readonly description: string;
  readonly sections: readonly Section[];
  readonly variables: readonly Builder<VariableModel>[];
  readonly annotations?: readonly Builder<AnnotationQuery>[];
  /** The range that it opens with; the last three hours where none is given. */
  readonly from?: string;
}

/** The tag that all dashboards of the product carry, and by which they link to each other. */
const TAG = 'model-observation';
const COLUMNS = 24;
/** The oldest Grafana that is supported. Panels that name none are taken for those of the oldest there ever was, and changed. */
const WRITTEN_FOR = '12.0.0';

/** A dashboard with its panels laid out, its variables, and links to all the others. */
export function dashboard(options: DashboardOptions): Dashboard {
  const { uid, description, variables, annotations = [], from = 'now-3h' } = options;
  const built = new DashboardBuilder(DASHBOARDS[uid].title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from, to: 'now' })
    .refresh('1m')
    .variables([...variables])
    .annotations([...annotations])
    .links([toOthers()])
    .build();
  return { ...built, id: null, version: 1, panels: laidOut(options.sections) };
}

/** The other dashboards by their tag, with this one's range and filters. */
function toOthers(): Builder<DashboardLink> {
  const link = new DashboardLinkBuilder('Model Observation')
    .type(DashboardLinkType.Dashboards)
    .tags([TAG])
    .asDropdown(false)
    .includeVars(true)
    .keepTime(true)
    .build();
  // The SDK hides them in a menu; they are to be seen.
  const { placement: _, ...shown } = link;
  return { build: () => shown };
}

/** Panels with ids and places. A panel that has no room in its line begins the next, below the tallest. */
function laidOut(sections: readonly Section[]): NonNullable<Dashboard['panels']> {
  const placed: NonNullable<Dashboard['panels']> = [];
  let y = 0;
  let id = 0;
  for (const { heading, panels } of sections) {
    if (heading !== undefined) {
      id += 1;
      placed.push(new RowBuilder(heading).id(id).gridPos({ x: 0, y, w: COLUMNS, h: 1 }).build());
      y += 1;
    }
    let x = 0;
    let tallest = 0;
    for (const builder of panels) {
      const panel = builder.build();
      const { w, h } = panel.gridPos!;
      if (x + w > COLUMNS) {
        y += tallest;
        [x, tallest] = [0, 0];
      }
      id += 1;
      const datasource = panel.type === 'text' ? {} : { datasource: panel.datasource ?? datasourceOf(panel) };
      placed.push({ ...panel, ...datasource, id, pluginVersion: WRITTEN_FOR, gridPos: { x, y, w, h } });
      x += w;
      tallest = Math.max(tallest, h);
    }
    y += tallest;
  }
  return placed;
}

/** That of its first query: panels have their queries from one data source. */
function datasourceOf(panel: Panel) {
  const [first] = (panel.targets ?? []) as { datasource?: NonNullable<Panel['datasource']> }[];
  return first?.datasource ?? PROMETHEUS;
}
