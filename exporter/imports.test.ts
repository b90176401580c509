import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { expect, test } from 'vitest';

/**
 * Which folder may import from which. Data moves one way, so
 * nothing on the way in knows of what reads, and the parts can be taken away one by one. `version.ts` holds one
 * constant and is open to all.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  // The domain: pure.
  call: [],
  // The redactor says which detectors there are, and whether a pattern is good.
  config: ['call', 'redaction'],
  // Stores bytes and knows nothing of calls.
  spool: [],
  http: ['config'],
  redaction: ['call'],
  doors: ['call', 'config', 'http', 'redaction', 'spool'],
  projections: ['call', 'spool'],
  // Listens to everybody, and turns what it hears into metrics and log lines.
  telemetry: ['config', 'doors', 'projections', 'spool'],
  readers: ['call', 'config', 'http', 'projections', 'telemetry'],
  // A compiler; knows nothing of the running service. It names the series that the recording rules make, of what calls are.
  alerts: ['call', 'config', 'recording'],
  // Another: from the catalogue of metrics to the rules that record them.
  recording: ['projections'],
  // A client of the service: knows what its answers look like.
  replay: ['call', 'config', 'doors', 'http'],
  // These put the house together.
  'app.ts': ['call', 'config', 'doors', 'http', 'projections', 'readers', 'redaction', 'spool', 'telemetry'],
  cli: ['alerts', 'app.ts', 'config', 'projections', 'readers', 'replay', 'spool', 'telemetry'],
  'main.ts': ['cli', 'config'],
  'version.ts': [],
};

const EXPORTER = import.meta.dirname;
/** Also `export … from`, `import(…)` and types: one that only the compiler sees is knowledge all the same. */
const IMPORT = /(?:^|[\s;])(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g;

interface Import {
  /** Relative to exporter/. */
  file: string;
  from: string;
  to: string;
}

function partOf(path: string): string {
  return path.split(sep)[0]!;
}

/** Every import of one of our own files by another part, tests and their data left aside. */
function importsBetweenParts(): Import[] {
  const found: Import[] = [];
  for (const file of readdirSync(EXPORTER, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.split(sep).includes('testdata')) continue;
    for (const path of importsOf(readFileSync(join(EXPORTER, file), 'utf8'))) {
      if (!path.startsWith('.')) continue;
      const target = normalize(join(dirname(file), path)).replace(/\.js$/, '.ts');
      if (partOf(target) !== partOf(file)) found.push({ file, from: partOf(file), to: partOf(target) });
    }
  }
  return found;
}

function importsOf(source: string): string[] {
  return [...source.matchAll(IMPORT)].map(([, from, bare]) => (from ?? bare)!);
}

const imports = importsBetweenParts();

test('every form of import is seen', () => {
  const source = `import a from './a.js';
import { b,
  type B } from "./b.js";
import type { C } from './c.js';
export * from './d.js';
export type { E } from './e.js';
import './f.js';
const g = await import('./g.js');
let h: import('./h.js').H;
import { readFileSync } from 'node:fs';`;
  expect(importsOf(source)).toEqual([
    ...['./a.js', './b.js', './c.js', './d.js', './e.js', './f.js', './g.js', './h.js'],
    'node:fs',
  ]);
  expect(imports.length).toBeGreaterThan(50);
});

test('every part of the house is in the picture', () => {
  const parts = readdirSync(EXPORTER).filter((name) => !name.endsWith('.test.ts'));
  expect(parts.filter((part) => MAY_IMPORT[part] === undefined)).toEqual([]);
});

test('nothing imports what the picture does not allow', () => {
  const offending = imports.filter(({ from, to }) => to !== 'version.ts' && !MAY_IMPORT[from]?.includes(to));
  expect(offending.map(({ file, to }) => `${file} imports from ${to}`)).toEqual([]);
});

test('the domain is pure: no I/O', () => {
  const impure: string[] = [];
  for (const name of readdirSync(join(EXPORTER, 'call'))) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
    for (const path of importsOf(readFileSync(join(EXPORTER, 'call', name), 'utf8'))) {
      if (!path.startsWith('.') && path !== 'node:crypto') impure.push(`call/${name} imports ${path}`);
    }
  }
  expect(impure).toEqual([]);
});

test('no cycles between parts', () => {
  const cycles: string[] = [];
  const visit = (part: string, path: readonly string[]): void => {
    if (path.includes(part)) {
      cycles.push([...path.slice(path.indexOf(part)), part].join(' → '));
      return;
    }
    const next = new Set(imports.filter(({ from }) => from === part).map(({ to }) => to));
    for (const to of next) visit(to, [...path, part]);
  };
  for (const part of Object.keys(MAY_IMPORT)) visit(part, []);
  expect([...new Set(cycles)]).toEqual([]);
});
