import { type DashboardFile, type PanelOfFile, panelsOf } from './dashboard-file.js';

/**
 * Links of panels that lead nowhere, or lose range or variables, in words.
 *
 * @param labelsOf the labels that the answers to a panel's queries have; undefined where they were not asked
 */
export function brokenLinks(
  dashboard: DashboardFile,
  all: readonly DashboardFile[],
  labelsOf: (panel: PanelOfFile) => ReadonlySet<string> | undefined = () => undefined,
): string[] {
  return panelsOf(dashboard).flatMap((panel) =>
    urlsIn(panel).flatMap((url) =>
      mistakesIn(url, dashboard, all, labelsOf(panel)).map(
        (mistake) => `${dashboard.title}: ${panel.title}: ${mistake}, in ${url}`,
      ),
    ),
  );
}

/** The links to dashboards in a panel. */
function urlsIn(panel: PanelOfFile): string[] {
  const urls = [...JSON.stringify(panel).matchAll(/"url":"(\/[^"]*)"/g)].map(([, url]) => url as string);
  return [...new Set(urls)];
}

function mistakesIn(
  url: string,
  dashboard: DashboardFile,
  all: readonly DashboardFile[],
  labels: ReadonlySet<string> | undefined,
): string[] {
  const [, uid = '', query = ''] = /^\/d\/([\w-]+)\/[\w-]+\?(.*)$/.exec(url) ?? [];
  const target = all.find((candidate) => candidate.uid === uid);
  if (target === undefined) return [`no dashboard ${uid}`];
  const mistakes: string[] = [];
  const kept = namesIn(query, /\$\{([a-z]\w*):queryparam\}/g);
  const set = namesIn(query, /\bvar-(\w+)=/g);
  const read = namesIn(query, /\$\{__(?:data\.fields|field\.labels)\.(\w+):percentencode\}/g);
  const [own, others] = [variablesOf(dashboard), variablesOf(target)];
  mistakes.push(...kept.filter((name) => !own.has(name)).map((name) => `no variable ${name} here`));
  mistakes.push(...[...kept, ...set].filter((name) => !others.has(name)).map((name) => `no variable ${name} there`));
  if (!/\$\{__url_time_range\}|time=\$\{__value\.time\}/.test(query)) mistakes.push('the range is lost');
  const [, panel] = /\bviewPanel=panel-(\d+)/.exec(query) ?? [];
  if (panel !== undefined && !panelsOf(target).some(({ id }) => id === Number(panel)))
    mistakes.push(`no panel ${panel} there`);
  if (labels !== undefined)
    mistakes.push(...read.filter((name) => !labels.has(name)).map((name) => `nothing has a label ${name}`));
  return mistakes;
}

function namesIn(query: string, pattern: RegExp): string[] {
  return [...query.matchAll(pattern)].map(([, name]) => name as string);
}

function variablesOf({ templating }: DashboardFile): ReadonlySet<string> {
  return new Set(templating.list.map(({ name }) => name));
}
