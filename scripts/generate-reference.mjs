// Writes the reference pages that are generated from the catalogues.
//
//   node scripts/generate-reference.mjs           writes them
//   node scripts/generate-reference.mjs --check   writes nothing; exits 1 naming each page that differs
//
// It reads the compiled catalogues: run `npx tsc -p .` first.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PAGES = [
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
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const check = process.argv.includes('--check');

for (const page of PAGES) {
  // A part of the house that is not there has no page.
  if (!existsSync(join(root, `${page.module}.ts`))) continue;
  const compiled = join(root, 'dist', `${page.module}.js`);
  if (!existsSync(compiled)) {
    console.error(`${compiled} is missing: run npx tsc -p . first`);
    process.exit(1);
  }
  const render = (await import(pathToFileURL(compiled).href))[page.function];
  const wanted = render();
  const target = join(root, page.path);
  const present = existsSync(target) ? readFileSync(target, 'utf8') : null;
  if (present === wanted) continue;
  if (check) {
    console.error(`${page.path} is out of date: run node scripts/generate-reference.mjs`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, wanted);
    console.log(`${page.path} written`);
  }
}
