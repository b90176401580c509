// What holds for every dashboard: each failure names the dashboard and the panel.
import { readdirSync, readFileSync } from 'node:fs';
import type { Dashboard, Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { parser as logqlParser } from '@grafana/lezer-logql';
import { parser as promqlParser } from '@prometheus-io/lezer-promql';
import { describe, expect, it } from 'vitest';
import { BUILT, dashboardFile, dashboardOf } from './dashboards.js';
import { DASHBOARDS, type DashboardUid, linkVariables } from './frame/dashboard-list.js';

const FILES = new URL('../', import.meta.url);

/**
 * Panels that may break a rule of the linter, and why.
 * Key: `<rule> <dashboard> <panel>`.
 */
const EXCEPTIONS: Readonly<Record<string, string>> = {};

interface Target {
  refId?: string;
  expr?: string;
  datasource?: { type?: string; uid?: string };
}

interface Subject {
  readonly uid: DashboardUid;
  readonly panel: Panel;
  readonly name: string;
}

const dashboards = BUILT.map((uid) => ({ uid, board: dashboardOf(uid) }));
const subjects: readonly Subject[] = dashboards.flatMap(({ uid, board }) =>
  panelsOf(board).map((panel) => ({ uid, panel, name: `${uid}: ${panel.title}` })),
);

function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === 'row';
}

function panelsOf(board: Dashboard): Panel[] {
  return (board.panels ?? []).filter((panel): panel is Panel => !isRow(panel));
}

function targetsOf(panel: Panel): Target[] {
  return (panel.targets ?? []) as Target[];
}

function variablesOf(board: Dashboard): string[] {
  return (board.templating.list ?? []).map(({ name }) => name);
}

/** Names of the panels that a rule is broken by, but for the exceptions. */
function broken(rule: string, isBroken: (subject: Subject) => boolean): string[] {
  return subjects
    .filter(isBroken)
    .map(({ name }) => name)
    .filter((name) => EXCEPTIONS[`${rule} ${name}`] === undefined);
}

/** A link that the data brings: to a runbook, to Alertmanager. */
const OF_DATA = `\${__value.raw}`;

/** Every URL of a dashboard, with what it is of. */
function urlsOf({ uid, board }: { uid: DashboardUid; board: Dashboard }): { name: string; url: string }[] {
  return panelsOf(board)
    .flatMap((panel) =>
      [...JSON.stringify(panel).matchAll(/"url":"([^"]+)"/g)].map(([, url]) => ({
        name: `${uid}: ${panel.title}`,
        url: url as string,
      })),
    )
    .filter(({ url }) => url !== OF_DATA);
}

/** As Grafana would, with values that need escaping. */
function filledIn(expr: string): string {
  return expr
    .replaceAll('$__range_s', '10800')
    .replaceAll(/\$__(range|rate_interval|interval|auto)\b/g, '3h')
    .replaceAll('$resolution', 'rate2m')
    .replaceAll('$bar', '1d')
    .replaceAll('$every', '60')
    .replaceAll('$currency', 'USD')
    .replaceAll('$slow_from', '10000')
    .replaceAll(/\$\{?(workspace|model|apikey|inference_type)(:\w+)?\}?/g, '(qwen3\\\\.5|gpt-4o)')
    .replaceAll(/\$\{?([a-z_]+)(:\w+)?\}?/g, '$1');
}

function mistakesIn(tree: ReturnType<typeof promqlParser.parse>): string[] {
  const mistakes: string[] = [];
  tree.iterate({
    enter: (node) => {
      if (node.type.isError) mistakes.push(`at ${node.from}`);
    },
  });
  return mistakes;
}

describe.each(dashboards)('$uid', ({ uid, board }) => {
  it('stands in grafana/dashboards as it is generated', () => {
    const committed = readFileSync(new URL(`${uid}.json`, FILES), 'utf8');
    expect(committed === dashboardFile(uid), `${uid}.json is out of date: run npm run generate`).toBe(true);
  });

  it('is what Grafana reads: schema, uid, title, not to be changed in the browser', () => {
    expect(board).toMatchObject({ id: null, uid, title: DASHBOARDS[uid].title, editable: false, schemaVersion: 42 });
    expect(board.description).toMatch(/\w+.*\.$/);
    expect(board.time).toEqual({ from: expect.stringMatching(/^now-/), to: 'now' });
  });

  it('has ids and letters that are unique', () => {
    const ids = (board.panels ?? []).map(({ id }) => id);
    expect(ids.every((id) => Number.isInteger(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    for (const panel of panelsOf(board)) {
      const letters = targetsOf(panel).map(({ refId }) => refId);
      expect(letters, panel.title).toEqual([...new Set(letters)]);
      expect(letters, panel.title).not.toContain(undefined);
    }
  });

  it('has panels that do not overlap, within 24 columns', () => {
    const cells = new Map<string, string>();
    const overlaps: string[] = [];
    for (const panel of board.panels ?? []) {
      const { x, y, w, h } = panel.gridPos!;
      expect(x + w, panel.title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1) {
        for (let row = y; row < y + h; row += 1) {
          const other = cells.get(`${column} ${row}`);
          if (other !== undefined) overlaps.push(`${uid}: ${panel.title} lies on ${other}`);
          cells.set(`${column} ${row}`, panel.title ?? '');
        }
      }
    }
    expect([...new Set(overlaps)]).toEqual([]);
  });

  it('shows nothing twice', () => {
    const titles = (board.panels ?? []).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
    const shown = panelsOf(board).flatMap((panel) => {
      const [first] = targetsOf(panel);
      return first?.expr === undefined ? [] : [`${panel.type} ${first.expr}`];
    });
    expect(shown.filter((expr, index) => shown.indexOf(expr) !== index)).toEqual([]);
  });

  it('uses no variable that it does not have', () => {
    const variables = new Set(variablesOf(board));
    const used = [...JSON.stringify(board).matchAll(/\$\{?([a-z]\w*)(?::\w+)?\}?/g)].map(([, name]) => name as string);
    expect([...new Set(used)].filter((name) => !variables.has(name)).map((name) => `${uid}: $${name}`)).toEqual([]);
  });

  it('accepts what links to it may set', () => {
    const variables = variablesOf(board);
    expect(linkVariables(uid).filter((name) => !variables.includes(name))).toEqual([]);
  });

  it('is filtered by variables that depend on none after them', () => {
    const seen = new Set<string>();
    for (const variable of board.templating.list ?? []) {
      const needed = [...JSON.stringify(variable.query ?? '').matchAll(/\$([a-z]\w*)/g)].map(
        ([, name]) => name as string,
      );
      expect(
        needed.filter((name) => !seen.has(name)),
        `${uid}: variable ${variable.name}`,
      ).toEqual([]);
      seen.add(variable.name);
    }
  });
});

describe('links', () => {
  const urls = dashboards.flatMap(urlsOf);

  it('are there', () => {
    expect(urls.length).toBeGreaterThan(10);
  });

  it.each(urls)('$name → $url', ({ url }) => {
    const [, target = '', query = ''] = /^\/d\/([\w-]+)\/[\w-]+\?(.*)$/.exec(url) ?? [];
    expect(Object.keys(DASHBOARDS), 'no such dashboard').toContain(target);
    const kept = [...query.matchAll(/\$\{([a-z]\w*):queryparam\}/g)].map(([, name]) => name as string);
    const set = [...query.matchAll(/\bvar-(\w+)=/g)].map(([, name]) => name as string);
    const known = ['datasource', ...variablesOf(dashboardOf(target as DashboardUid))];
    expect([...kept, ...set].filter((name) => !known.includes(name))).toEqual([]);
    expect([...kept, ...set].toSorted(), 'a variable is set twice').toEqual([...new Set([...kept, ...set])].toSorted());
    // Range and filters stay as they are.
    expect(query).toMatch(/^(\$\{__url_time_range\}|time=\$\{__value\.time\}&time\.window=\$\{around\})&/);
    expect([...kept, ...set]).toEqual(expect.arrayContaining(['datasource', 'workspace', 'model']));
  });
});

it('the link to a call shows the panel of one call', () => {
  const logs = dashboards.find(({ uid }) => uid === 'inference-logs')!;
  const [, id] = /viewPanel=panel-(\d+)/.exec(JSON.stringify(logs.board)) ?? [];
  expect(panelsOf(logs.board).find((panel) => panel.id === Number(id))?.title).toBe('Call $call_id');
});

describe('a panel', () => {
  it('has a title, a description and a unit', () => {
    expect(broken('title', ({ panel }) => !panel.title)).toEqual([]);
    expect(broken('description', ({ panel }) => !/\w{2}.*\.$/s.test(panel.description ?? ''))).toEqual([]);
    expect(
      broken('unit', ({ panel }) => panel.type !== 'text' && panel.fieldConfig?.defaults.unit === undefined),
    ).toEqual([]);
  });

  it('asks for something, of a data source that a variable chooses', () => {
    expect(broken('target', ({ panel }) => panel.type !== 'text' && targetsOf(panel).length === 0)).toEqual([]);
    const isChosen = (uid: string | undefined) => uid === '$datasource' || uid === '$loki';
    expect(
      broken('datasource', ({ panel }) => targetsOf(panel).some(({ datasource }) => !isChosen(datasource?.uid))),
    ).toEqual([]);
    expect(broken('datasource', ({ panel }) => panel.type !== 'text' && !isChosen(panel.datasource?.uid))).toEqual([]);
  });

  it('takes raw counters only under rate or increase', () => {
    const bare = /(?<!(?:rate|increase)\()\b\w+_total\{/;
    expect(broken('counter', ({ panel }) => targetsOf(panel).some(({ expr = '' }) => bare.test(expr)))).toEqual([]);
  });

  it('takes rates over $__rate_interval, in LogQL over $__auto', () => {
    const fixed = /\brate\([^[]*\[(?!\$__(?:rate_interval|auto|range)\])/;
    expect(broken('interval', ({ panel }) => targetsOf(panel).some(({ expr = '' }) => fixed.test(expr)))).toEqual([]);
  });

  it('filters by every variable whose label its series have', () => {
    // A link shall not lead to a panel that shows more than what was clicked.
    expect(
      broken('filters', ({ panel }) =>
        targetsOf(panel).some(({ expr = '' }) =>
          [
            ...expr.matchAll(
              /(?:workspace_model_apikey|\$series):\w+:\$(?:resolution|totals|minutes|peaks)\{([^}]*)\}/g,
            ),
          ].some(
            ([, matchers = '']) =>
              (matchers.match(/=~"\$(workspace|model|apikey|inference_type)"/g) ?? []).length !== 4,
          ),
        ),
      ),
    ).toEqual([]);
  });
});

describe('expressions', () => {
  const all = dashboards.flatMap(({ uid, board }) => [
    ...panelsOf(board).flatMap((panel) =>
      targetsOf(panel).map(({ refId, expr = '', datasource }) => ({
        name: `${uid}: ${panel.title} ${refId}`,
        expr,
        isLogql: datasource?.type === 'loki',
      })),
    ),
    ...(board.annotations.list ?? []).map(({ name, expr = '' }) => ({
      name: `${uid}: annotation ${name}`,
      expr,
      isLogql: false,
    })),
    ...(board.templating.list ?? []).flatMap(({ name, query }) => {
      const [, expr] = /^query_result\((.*)\)$/s.exec(String(query)) ?? [];
      return expr === undefined ? [] : [{ name: `${uid}: variable ${name}`, expr, isLogql: false }];
    }),
  ]);

  it.each(all)('$name is understood', ({ expr, isLogql }) => {
    expect(expr).not.toBe('');
    const text = filledIn(expr);
    expect(mistakesIn((isLogql ? logqlParser : promqlParser).parse(text)), text).toEqual([]);
  });

  it.each(['sum by (model (up)', 'rate(a[5m)', 'a{b=}'])('the parser sees a mistake: %s', (expr) => {
    expect(mistakesIn(promqlParser.parse(expr))).not.toEqual([]);
  });
});

it('every exception is still needed', () => {
  const names = new Set(subjects.map(({ name }) => name));
  const unknown = Object.keys(EXCEPTIONS).filter((key) => !names.has(key.slice(key.indexOf(' ') + 1)));
  expect(unknown).toEqual([]);
});

it('grafana/dashboards has no file that nobody generates', () => {
  const files = readdirSync(FILES).filter((name) => name.endsWith('.json'));
  expect(files.toSorted()).toEqual(BUILT.map((uid) => `${uid}.json`).toSorted());
});
