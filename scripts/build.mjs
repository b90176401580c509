import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from './child.mjs';
import { withLock } from './lock.mjs';
import { explainWriteError, inProject, Problem, ROOT, say } from './project.mjs';

const DIST = inProject('dist');
/** Holds the fingerprint of the sources that dist was built from. */
const STAMP = join(DIST, '.built-from');

/**
 * Compiles the sources to dist when one has changed, and removes what deleted sources left there.
 *
 * @returns {Promise<boolean>} whether there was something to do
 * @throws {Problem} with the compiler's messages
 */
export async function ensureBuilt() {
  if (isFresh(listSources())) return false;
  return withLock(inProject('.tools', 'build.lock'), build, () => say('waiting for another build to end'));
}

async function build() {
  const sources = listSources();
  if (isFresh(sources)) return false;
  const started = Date.now();
  const fingerprint = fingerprintOf(sources);
  try {
    rmSync(STAMP, { force: true });
    // The compiler trusts its own notes on what it has written: without them it writes everything again.
    if (!hasAllOutputs(sources)) rmSync(join(DIST, '.tsbuildinfo'), { force: true });
    const { code, output } = await run(inProject('node_modules', '.bin', 'tsc'), ['-p', '.'], { cwd: ROOT });
    if (code !== 0) throw new Problem(`${output.trim()}\n\nThe sources do not compile: see above.`);
    removeStale(sources);
    writeFileSync(STAMP, fingerprint);
  } catch (error) {
    throw explainWriteError(error, DIST);
  }
  say(`built in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return true;
}

/** @param {readonly string[]} sources */
function isFresh(sources) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprintOf(sources) && hasAllOutputs(sources);
}

/**
 * The compiler's inputs by tsconfig's `include`, as paths relative to the project.
 *
 * @returns {string[]}
 */
function listSources() {
  /** @type {{ include: string[] }} */
  const { include } = JSON.parse(readFileSync(inProject('tsconfig.json'), 'utf8'));
  return include
    .flatMap((entry) => {
      if (entry.endsWith('.ts')) return existsSync(inProject(entry)) ? [entry] : [];
      return filesBelow(inProject(entry)).map((path) => relative(ROOT, path));
    })
    .filter((path) => path.endsWith('.ts') && !path.split(/[\\/]/).includes('node_modules'))
    .sort();
}

/** @param {string} folder */
function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * By content: a checkout or a copy changes times and nothing else.
 *
 * @param {readonly string[]} sources
 */
function fingerprintOf(sources) {
  const hash = createHash('sha256');
  const compiler = join('node_modules', 'typescript', 'package.json');
  for (const path of [...sources, 'tsconfig.json', compiler]) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(inProject(path)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} source */
function outputOf(source) {
  return join(DIST, source.replace(/\.ts$/, '.js'));
}

/** @param {readonly string[]} sources */
function hasAllOutputs(sources) {
  return sources.every((source) => source.endsWith('.d.ts') || existsSync(outputOf(source)));
}

/** @param {readonly string[]} sources */
function removeStale(sources) {
  const wanted = new Set(sources.map(outputOf));
  for (const path of filesBelow(DIST)) {
    if (/\.js(\.map)?$/.test(path) && !wanted.has(path.replace(/\.map$/, ''))) rmSync(path, { force: true });
  }
}
