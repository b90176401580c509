import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { run } from './child.mjs';
import { ensureInstalled } from './install.mjs';
import { inProject, Problem, ROOT, say } from './project.mjs';

const EXPORTER = inProject('dist', 'exporter', 'main.js');
const DEMO = inProject('dist', 'demo', 'main.js');
const BENCH = inProject('dist', 'bench', 'main.js');

/** @type {Record<string, (args: readonly string[]) => Promise<void>>} */
const TASKS = {
  start: (args) => runBuilt(EXPORTER, ['serve', ...args]),
  cli: (args) => runBuilt(EXPORTER, args),
  replay: (args) => runBuilt(EXPORTER, ['replay', ...args]),
  demo: (args) => runBuilt(DEMO, args),
  bench: (args) => runBuilt(BENCH, args),
  stack: (args) => runBuilt(inProject('scripts', 'stack.mjs'), args),
  generate: (args) => runBuilt(inProject('scripts', 'generate-reference.mjs'), args),
  build: async () => {
    if (!(await ensureBuilt())) say('dist is up to date');
  },
  lint: (args) => biome(['check', ...args]),
  format: (args) => biome(['check', '--write', ...args]),
  test: async (args) => {
    const { runTests } = await import('./test.mjs');
    process.exitCode = await runTests(args);
  },
  check: async () => {
    const { runChecks } = await import('./test.mjs');
    process.exitCode = await runChecks();
  },
};

/**
 * Installs, then runs one task; ends the process with exit code 1 and a plain sentence when that goes wrong.
 *
 * @param {string | undefined} name
 * @param {readonly string[]} args
 */
export async function runTask(name, args) {
  const task = Object.hasOwn(TASKS, name ?? '') ? TASKS[name ?? ''] : undefined;
  try {
    if (!task) throw new Problem(`No task "${name ?? ''}". There are: ${Object.keys(TASKS).join(', ')}.`);
    await ensureInstalled();
    await task(args);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    console.error(error.message);
    // Whoever reads the tests' closing line gets one, however early they ended.
    if (name === 'test' || name === 'check') console.log('0 passed, 1 failed');
    process.exitCode = 1;
  }
}

/**
 * Goes on as another program in this very process, as `exec` would: signals reach it directly and once, and its exit
 * code is npm's. A child would have to be sent every signal, and would get the terminal's Ctrl-C once more.
 *
 * @param {string} script
 * @param {readonly string[]} args
 */
async function runBuilt(script, args) {
  await ensureBuilt();
  process.argv = [process.execPath, script, ...args];
  await import(pathToFileURL(script).href);
}

/** @param {readonly string[]} args */
async function biome(args) {
  const [command, ...rest] = args;
  const paths = rest.some((arg) => !arg.startsWith('-')) ? rest : [...rest, '.'];
  const all = [command ?? 'check', ...paths];
  const { code } = await run(inProject('node_modules', '.bin', 'biome'), all, { cwd: ROOT, inherit: true });
  process.exitCode = code;
}
