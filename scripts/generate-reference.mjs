// Writes the reference pages that are generated from the catalogues.
//
//   npm run generate                              builds, and writes them
//   node scripts/generate-reference.mjs --check   writes nothing; exits 1 naming each page that differs
//
// By itself it reads the catalogues as they were last compiled.
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
  const compiled = join(root, 'dist', `${page.module}.js`);
  // Of a generator that went away its last compiled form may still be there.
  if (!existsSync(join(root, `${page.module}.ts`))) throw new Error(`${page.module}.ts is missing`);
  if (!existsSync(compiled)) {
    console.error(`${compiled} is missing: run npm run generate`);
    process.exit(1);
  }
  const render = (await import(pathToFileURL(compiled).href))[page.function];
  const wanted = render();
  const target = join(root, page.path);
  const present = existsSync(target) ? readFileSync(target, 'utf8') : null;
  if (present === wanted) continue;
  if (check) {
    console.error(`${page.path} is out of date: run npm run generate`);
    process.exitCode = 1;
  } else {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, wanted);
    console.log(`${page.path} written`);
  }
}
