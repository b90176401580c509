// What the README and the guides name is there: keys, variables, metrics, labels, commands, options, paths, files, links. And
// the other way round: what a reader has to know of stands in one of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CATALOGUE, TOKEN_KEYS } from './config/catalogue.js';
import { CONFIG_VARIABLE, variableOf } from './config/environment.js';
import { SCOPES } from './config/settings.js';
import { FAMILIES, type Family } from './projections/metrics/catalogue.js';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const GUIDES = readdirSync(join(ROOT, 'docs/guides')).map((name) => `docs/guides/${name}`);
const RUNBOOKS = readdirSync(join(ROOT, 'docs/runbooks')).map((name) => `docs/runbooks/${name}`);
const PAGES = ['README.md', 'CONTRIBUTING.md', 'docs/faq.md', ...GUIDES, ...RUNBOOKS];
const FOLDERS = ['bench', 'config', 'demo', 'docs', 'exporter', 'grafana', 'prometheus', 'scripts', 'test'];

const families = new Map<string, Family>(FAMILIES.map((family) => [family.name, family]));
const recorded = new Set(
  readdirSync(join(ROOT, 'prometheus'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yml'))
    .flatMap((name) => [...textOf(join('prometheus', name)).matchAll(/record: (\S+)/g)].map(([, record]) => record)),
);
/** What Grafana fills in, from its own environment. */
const provisioningVariables = readdirSync(join(ROOT, 'grafana/provisioning'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.yml'))
  .flatMap((name) => [...textOf(join('grafana/provisioning', name)).matchAll(/\$\{(MODEL_OBSERVATION_\w+)\}/g)])
  .map(([, variable]) => variable);
/** Each with the file that it is in. */
const commandFiles = new Map(
  [...textOf('exporter/main.ts').matchAll(/\['([a-z -]+)', async \(\) => \(await import\('\.\/(.+?)\.js'\)/g)].map(
    ([, name = '', path]) => [name, `exporter/${path}.ts`],
  ),
);
const commands = [...commandFiles.keys()];
const scripts = Object.keys((JSON.parse(textOf('package.json')) as { scripts: object }).scripts);
const routes = [...textOf('exporter/http/server.ts').matchAll(/app\.(?:get|post)\('([^']+)'/g)].map(([, path]) => path);

describe.each(PAGES)('%s', (page) => {
  const text = textOf(page);
  /** Text between backticks, in prose and tables. */
  const quoted = [...withoutBlocks(text).matchAll(/`([^`\n]+)`/g)].map(([, inside]) => inside as string);

  it('links to files and headings that are there', () => {
    for (const [, target = ''] of withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', heading] = target.split('#');
      const file = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
      expect(existsSync(join(ROOT, file)), target).toBe(true);
      if (heading !== undefined) expect(headingsOf(textOf(file)), target).toContain(heading);
    }
  });

  it('names files of the repository that are there', () => {
    for (const inside of quoted) {
      if (!FOLDERS.includes(inside.split('/')[0] ?? '') || !/^[\w.-]+(\/[\w.-]*)+$/.test(inside)) continue;
      expect(existsSync(join(ROOT, inside)), inside).toBe(true);
    }
  });

  it('names keys of the configuration that are there', () => {
    const keys = Object.keys(CATALOGUE);
    const sections = keys.flatMap((key) => key.split('.').slice(0, -1));
    for (const inside of quoted) {
      const key = /^([a-z_]+(?:\.[a-z_]+)+)(?:: .*)?$/.exec(inside)?.[1];
      if (key === undefined || !sections.includes(key.split('.')[0] ?? '') || key.endsWith('.yml')) continue;
      expect(
        keys.some((known) => known === key || known.startsWith(`${key}.`)),
        inside,
      ).toBe(true);
    }
  });

  it('names variables of the environment that are there', () => {
    const known = [CONFIG_VARIABLE, ...Object.keys(CATALOGUE).map(variableOf), ...provisioningVariables];
    for (const [name] of text.matchAll(/\bMODEL_OBSERVATION_[A-Z_]*[A-Z]\b/g)) expect(known).toContain(name);
  });

  it('names metrics that are there, with labels that they have', () => {
    for (const [name, metric = '', selector] of text.matchAll(
      /(?<![\w:./-])(model_[a-z_]+)(?![\w:(])(\{[^}\n]*\})?/g,
    )) {
      const family = familyOf(metric);
      if (family === undefined && recorded.has(metric)) continue;
      // A field of a record or a label, such as `model_name`, is no metric; those of ours have two words behind `model`.
      if (family === undefined && !/_(total|seconds|sum|count|bucket|bytes|info)$|^model_observation_/.test(metric))
        continue;
      expect(family, metric).toBeDefined();
      for (const [, label = ''] of (selector ?? '').matchAll(/([a-z_]+)(?:=|!=|=~|!~)"/g)) {
        expect([...(family?.labels ?? []), 'le', 'job', 'instance'], name).toContain(label);
      }
    }
    for (const [name] of text.matchAll(/\b[a-z_]+:[a-z_]+:rate\d[mh]\b/g)) expect(recorded).toContain(name);
  });

  it('gives commands, options and addresses that are there', () => {
    for (const [, script = ''] of text.matchAll(/\bnpm run (?:-s )?([a-z]+)/g)) expect(scripts).toContain(script);
    for (const [line, said = ''] of text.matchAll(/\bnpm run (?:-s )?cli -- ([a-z][a-z -]*[a-z]|--version)[^`\n]*/g)) {
      if (said === '--version') continue;
      const command = commands.find((known) => said === known || said.startsWith(`${known} `));
      expect(command, line).toBeDefined();
      const source = textOf(commandFiles.get(command ?? '') ?? '');
      for (const [option] of line.slice(line.indexOf(said)).matchAll(/--[a-z][a-z-]+/g))
        expect(source).toContain(option);
    }
    for (const [address, path = ''] of text.matchAll(/(?:127\.0\.0\.1|exporter):9490(\/[^\s'"`)>?]*)/g)) {
      expect(routes, address).toContain(path);
    }
  });
});

describe('what a reader has to know of', () => {
  const all = PAGES.map(textOf).join('\n');

  it('every guide is linked from the README', () => {
    for (const guide of GUIDES) expect(textOf('README.md')).toContain(`(${guide})`);
  });

  it('every command and every npm script is told', () => {
    for (const command of commands) {
      const said = command === 'serve' ? 'npm start' : command === 'replay' ? 'npm run replay' : `cli -- ${command}`;
      expect(all.includes(said), command).toBe(true);
    }
    for (const script of scripts.filter((name) => !['start', 'test', 'lint'].includes(name))) {
      expect(all).toContain(`npm run ${script}`);
    }
  });

  it('the security guide names every limit, every scope and every key of a token', () => {
    const security = textOf('docs/guides/security.md');
    const limits = Object.keys(CATALOGUE).filter((key) => key.startsWith('limits.'));
    for (const limit of limits) expect(security).toContain(`\`${limit}\``);
    for (const scope of SCOPES) expect(security).toContain(`\`${scope}\``);
    for (const key of Object.keys(TOKEN_KEYS)) expect(security).toContain(`${key}:`);
  });

  it('the operations guide says what to watch: each metric of the exporter that tells of trouble', () => {
    const operations = textOf('docs/guides/operations.md');
    const trouble = FAMILIES.map(({ name }) => name).filter((name) =>
      /^model_observation_.*(failures|rejected|overflow|set_aside_total|epoch|late|unpriced|free_bytes|lag_seconds)/.test(
        name,
      ),
    );
    expect(trouble.length).toBeGreaterThan(8);
    for (const name of trouble) expect(operations).toContain(name);
  });
});

function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** Anchors of the headings, as GitHub makes them. */
function headingsOf(markdown: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** The family that a name belongs to, be it one of the lines of a histogram. */
function familyOf(metric: string): Family | undefined {
  const known = families.get(metric);
  if (known !== undefined) return known;
  const histogram = families.get(metric.replace(/_(bucket|sum|count)$/, ''));
  return histogram?.type === 'histogram' ? histogram : undefined;
}
