import { parse } from 'yaml';

/** What a server said, for people. */
export interface Said {
  readonly isGood: boolean;
  readonly says: string;
}

export type ServerName = 'Prometheus' | 'Alertmanager';

/** Prometheus reads all its rules and opens nothing anew: seconds, but not tens of them. */
const TIMEOUT_MS = 60_000;

const MOST_SHOWN = 2000;

/** Has a server read its configuration again. Never throws for what the server does. */
export async function reload(server: ServerName, url: string): Promise<Said> {
  const asked = await ask(url, '/-/reload', 'POST');
  if (typeof asked === 'string')
    return bad(`${server} does not answer at ${url}: ${asked}. It takes the files when it starts.`);
  const { status, body } = asked;
  if (status === 200) return { isGood: true, says: `${server} at ${url}: reloaded` };
  // Alertmanager always reloads.
  if (status === 403 && server === 'Prometheus') {
    return bad(
      `${server} at ${url} does not reload over HTTP: start it with --web.enable-lifecycle, or send its process SIGHUP.`,
    );
  }
  if (status === 500)
    return bad(`${server} at ${url} refuses its configuration, and goes on with the old one: ${short(body)}`);
  return bad(`${server} at ${url} answered ${status}: ${short(body)}`);
}

interface ApiRule {
  name: string;
  health: string;
  lastError?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

interface WrittenRule {
  alert?: string;
  record?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/**
 * Whether Prometheus has the rules of a file, as they are in it and without an error. Those that it has not evaluated since it read
 * them are good so far.
 *
 * @param rulesText the compiled rules
 */
export async function verifyRules(url: string, rulesText: string): Promise<Said> {
  const asked = await askJson<{ data: { groups: { name: string; rules: ApiRule[] }[] } }>(url, '/api/v1/rules');
  if (typeof asked === 'string') return bad(`Prometheus at ${url} does not say which rules it has: ${asked}`);
  const wanted = (parse(rulesText) as { groups: { name: string; rules: WrittenRule[] }[] }).groups;
  const problems: string[] = [];
  let rules = 0;
  let waiting = 0;
  for (const { name, rules: written } of wanted) {
    const loaded = asked.data.groups.find((group) => group.name === name)?.rules ?? null;
    if (loaded === null) {
      problems.push(`group ${name} is not there`);
      continue;
    }
    if (!isSame(written, loaded)) problems.push(`group ${name} is another than the one in the file`);
    rules += loaded.length;
    for (const { name: rule, health, lastError } of loaded) {
      if (health === 'unknown') waiting += 1;
      else if (health !== 'ok') problems.push(`${rule}: ${lastError || health}`);
    }
  }
  if (problems.length > 0) {
    const where = problems.some((problem) => problem.startsWith('group '))
      ? ' Does it read this file? See rule_files in its configuration.'
      : '';
    return bad(`Prometheus at ${url} does not have the rules as they should be.${where}${listOf(problems)}`);
  }
  const evaluated = waiting === 0 ? '' : `, ${waiting} of them not evaluated yet`;
  return { isGood: true, says: `Prometheus has all ${rules} rules, none with an error${evaluated}` };
}

/** By what is passed on as it is written: Prometheus shows expressions in its own form. */
function isSame(written: readonly WrittenRule[], loaded: readonly ApiRule[]): boolean {
  const key = (name: string, { labels = {}, annotations = {} }: WrittenRule | ApiRule) =>
    JSON.stringify([name, Object.entries(labels).toSorted(), Object.entries(annotations).toSorted()]);
  const have = loaded.map((rule) => key(rule.name, rule));
  const want = written.map((rule) => key(rule.alert ?? rule.record ?? '', rule));
  return want.length === have.length && want.every((rule, index) => rule === have[index]);
}

/**
 * Whether Alertmanager has the receivers of a configuration: one that reads another file has others.
 *
 * @param configText the compiled configuration
 */
export async function verifyReceivers(url: string, configTexts: readonly string[]): Promise<Said> {
  const asked = await askJson<{ name: string }[]>(url, '/api/v2/receivers');
  if (typeof asked === 'string') return bad(`Alertmanager at ${url} does not say which receivers it has: ${asked}`);
  const have = asked.map(({ name }) => name).toSorted();
  const isOurs = configTexts.some((text) => {
    const { receivers } = parse(text) as { receivers: { name: string }[] };
    return JSON.stringify(receivers.map(({ name }) => name).toSorted()) === JSON.stringify(have);
  });
  if (isOurs) return { isGood: true, says: `Alertmanager has all ${have.length} receivers` };
  return bad(
    `Alertmanager at ${url} has other receivers than the file. Does it read this file? See --config.file of its command line.${listOf(have)}`,
  );
}

async function ask(
  url: string,
  path: string,
  method: 'GET' | 'POST',
): Promise<{ status: number; body: string } | string> {
  try {
    // Not followed: a proxy that wants a login first would answer 200 for its page.
    const response = await fetch(`${url.replace(/\/+$/, '')}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: (await response.text()).trim() };
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error && cause.message !== '' ? cause.message : message;
  }
}

async function askJson<T>(url: string, path: string): Promise<T | string> {
  const asked = await ask(url, path, 'GET');
  if (typeof asked === 'string') return asked;
  if (asked.status !== 200) return `it answered ${asked.status}`;
  try {
    return JSON.parse(asked.body) as T;
  } catch {
    return 'it answered something else than JSON';
  }
}

function listOf(lines: readonly string[]): string {
  const shown = lines.slice(0, 20);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  return shown.map((line) => `\n    ${line}`).join('');
}

/** Of a page of HTML the beginning says enough. */
function short(body: string): string {
  return body.length > MOST_SHOWN ? `${body.slice(0, MOST_SHOWN)}…` : body;
}

function bad(says: string): Said {
  return { isGood: false, says };
}
