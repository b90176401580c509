// Writes the reference pages, the Prometheus rules and the dashboards that are generated from the catalogues, and what config/alerts.yml
// compiles to.
//
//   npm run generate                              builds, and writes them
//   node scripts/generate-reference.mjs --check   writes nothing; exits 1 naming each file that differs
//
// By itself it reads the catalogues as they were last compiled.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { run } from './child.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');

/** @type {{ path: string, module: string, function: string, args?: readonly unknown[] }[]} */
const FILES = [
  {
    path: 'docs/reference/alerts.md',
    module: 'exporter/alerts/file/reference',
    function: 'alertsReference',
    args: [await officialTemplates()],
  },
  {
    path: 'docs/reference/configuration.md',
    module: 'exporter/config/reference',
    function: 'configurationReference',
  },
  {
    path: 'docs/reference/metrics.md',
    module: 'exporter/projections/metrics/reference',
    function: 'metricsReference',
  },
  {
    path: 'docs/reference/problems.md',
    module: 'exporter/http/reference',
    function: 'problemsReference',
  },
  {
    path: 'docs/reference/recorded-series.md',
    module: 'exporter/recording/reference',
    function: 'recordedSeriesReference',
  },
  {
    path: 'docs/reference/redaction.md',
    module: 'exporter/redaction/reference',
    function: 'redactionReference',
  },
  ...(await recordedLevels()).map((level) => ({
    path: `prometheus/rules/recording-${level}.yml`,
    module: 'exporter/recording/rule-file',
    function: 'ruleFile',
    args: [level],
  })),
  ...[
    'model-observation',
    'model-monitor',
    'inference-logs',
    'usage-and-cost',
    'capacity',
    'alerts',
    'exporter-health',
  ].map((uid) => ({
    path: `grafana/dashboards/${uid}.json`,
    module: 'grafana/dashboards/src/dashboards',
    function: 'dashboardFile',
    args: [uid],
  })),
];

for (const file of FILES) {
  const compiled = join(root, 'dist', `${file.module}.js`);
  // Of a generator that went away its last compiled form may still be there.
  if (!existsSync(join(root, `${file.module}.ts`))) throw new Error(`${file.module}.ts is missing`);
  if (!existsSync(compiled)) {
    console.error(`${compiled} is missing: run npm run generate`);
    process.exit(1);
  }
  const render = (await import(pathToFileURL(compiled).href))[file.function];
  const wanted = render(...(file.args ?? []));
  const target = join(root, file.path);
  const present = existsSync(target) ? readFileSync(target, 'utf8') : null;
  if (present === wanted) continue;
  if (check) {
    console.error(`${file.path} is out of date: run npm run generate`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, wanted);
    console.log(`${file.path} written`);
  }
}

// The rest has its own command, which says what is wrong in the file, too.
const alerts = ['alerts', 'build', ...(check ? ['--check'] : [])];
const { code, output } = await run(process.execPath, [join(root, 'dist', 'exporter', 'main.js'), ...alerts], {
  cwd: root,
});
for (const line of output.split('\n')) {
  if (check && line.includes(' is out of date')) console.error(line.replace(/: run .*/, ': run npm run generate'));
  else if (code !== 0) console.error(line);
  else if (line.endsWith(': written')) console.log(line.replace(': written', ' written'));
}
if (code !== 0) process.exitCode = 1;

async function recordedLevels() {
  const { href } = pathToFileURL(join(root, 'dist', 'exporter', 'recording', 'levels.js'));
  const { RECORDED_LEVELS } = await import(href);
  return RECORDED_LEVELS.map((/** @type {{ name: string }} */ { name }) => name);
}

async function officialTemplates() {
  const { href } = pathToFileURL(join(root, 'dist', 'exporter', 'alerts', 'templates', 'official.js'));
  return (await import(href)).OFFICIAL_TEMPLATES;
}
