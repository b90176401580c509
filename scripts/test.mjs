import { existsSync, readdirSync } from 'node:fs';
import { ensureBuilt } from './build.mjs';
import { run } from './child.mjs';
import { inProject, Problem, ROOT, say } from './project.mjs';
import { ensureBinaries, findBinaries } from './prometheus.mjs';
import { runVitest } from './vitest.mjs';

/**
 * @typedef {object} Outcome
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string} [output] shown when something failed
 * @property {string[]} [notRun] what could not run, why, and what to do about it
 */

/** @typedef {{ name: string, work: () => Promise<Outcome> }} Step */

/**
 * All the project's tests, or those of vitest that the arguments choose. Ends with the plain line
 * `N passed, N failed[, N skipped]`.
 *
 * @param {readonly string[]} vitestArgs file filters and options for vitest
 * @returns {Promise<number>} the exit code
 */
export async function runTests(vitestArgs) {
  const chosen = vitestArgs.length > 0;
  const vitestSteps = [
    { name: 'unit tests', work: () => runVitest('unit', vitestArgs) },
    { name: 'end-to-end tests', work: () => runVitest('e2e', vitestArgs) },
  ];
  if (!chosen) return runSteps([...CHECKS, ...PROMETHEUS_CHECKS, ...vitestSteps]);
  say(`only vitest, with: ${vitestArgs.join(' ')}`);
  return runSteps([types, binaries, ...vitestSteps], { mustRunTests: true });
}

/**
 * What needs neither a server nor a test runner: types, lint, generated files.
 *
 * @returns {Promise<number>} the exit code
 */
export function runChecks() {
  return runSteps(CHECKS);
}

/** @type {Step} */
const types = {
  name: 'types',
  work: async () => {
    try {
      await ensureBuilt();
      return passed();
    } catch (error) {
      if (error instanceof Problem) return failed(error.message);
      throw error;
    }
  },
};

/** @type {Step[]} */
const CHECKS = [
  types,
  { name: 'lint', work: () => program(inProject('node_modules', '.bin', 'biome'), ['check', '.']) },
  {
    name: 'generated files',
    work: () => program(process.execPath, [inProject('scripts', 'generate-reference.mjs'), '--check']),
  },
];

/** Looked for once: a mirror that does not answer is waited for only once. */
let found = findBinaries();

/** @type {Step} */
const binaries = {
  name: 'prometheus programs',
  work: async () => {
    found = await ensureBinaries(say);
    const { missing, reason, fix } = found;
    if (missing.length === 0) return passed();
    return notRun(`what needs ${missing.join(', ')} — ${reason}. To fix it: ${fix}`);
  },
};

/** @type {Step[]} */
const PROMETHEUS_CHECKS = [
  binaries,
  {
    name: 'promtool check config',
    work: () => tool('promtool', ['check', 'config', 'prometheus/prometheus.yml']),
  },
  {
    // The rules that are loaded are checked with the configuration; these a user adds to it.
    name: 'promtool check aliases',
    work: async () => {
      const files = ymlFilesIn('prometheus/aliases');
      return files.length === 0 ? nothingThere() : tool('promtool', ['check', 'rules', '--lint-fatal', ...files]);
    },
  },
  {
    name: 'promtool test rules',
    work: async () => {
      const files = ymlFilesIn('prometheus/tests');
      return files.length === 0 ? nothingThere() : tool('promtool', ['test', 'rules', ...files]);
    },
  },
  {
    name: 'amtool check-config',
    work: async () => {
      return tool('amtool', ['check-config', 'alertmanager/alertmanager.yml', 'alertmanager/compose/alertmanager.yml']);
    },
  },
];

/**
 * @param {readonly Step[]} steps
 * @param {{ mustRunTests?: boolean }} [options] `mustRunTests`: filters that match no test are an error
 * @returns {Promise<number>}
 */
async function runSteps(steps, { mustRunTests = false } = {}) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  let tests = 0;
  /** @type {string[]} */
  const notRunLines = [];
  for (const { name, work } of steps) {
    const started = Date.now();
    const outcome = await work();
    const counted = outcome.passed + outcome.failed + outcome.skipped;
    if (name.endsWith('tests')) tests += counted;
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += outcome[key];
    notRunLines.push(...(outcome.notRun ?? []));
    if (counted === 0 && !name.endsWith('tests')) continue;
    console.log(`${mark(outcome)} ${name.padEnd(24)} ${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s`);
    if (outcome.failed > 0 && outcome.output) console.log(indent(outcome.output));
  }
  if (mustRunTests && tests === 0) {
    console.log('No test matches.');
    total.failed += 1;
  }

  if (notRunLines.length > 0) console.log(`\n${notRunLines.map((line) => `not run: ${line}`).join('\n')}`);
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed > 0 ? 1 : 0;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
async function program(command, args) {
  const { code, output } = await run(command, args, { cwd: ROOT });
  return code === 0 ? passed() : failed(output);
}

/**
 * @param {import('./prometheus.mjs').Program} name
 * @param {readonly string[]} args
 * @returns {Promise<Outcome>}
 */
async function tool(name, args) {
  const { paths, reason, fix } = found;
  const path = paths[name];
  return path ? program(path, args) : notRun(`${name} ${args.slice(0, 2).join(' ')} — ${reason}. To fix it: ${fix}`);
}

/** @param {string} folder */
function ymlFilesIn(folder) {
  if (!existsSync(inProject(folder))) return [];
  const names = readdirSync(inProject(folder)).filter((name) => /\.ya?ml$/.test(name));
  return names.sort().map((name) => `${folder}/${name}`);
}

/** @returns {Outcome} */
function passed() {
  return { passed: 1, failed: 0, skipped: 0 };
}

/**
 * @param {string} output
 * @returns {Outcome}
 */
function failed(output) {
  return { passed: 0, failed: 1, skipped: 0, output };
}

/**
 * @param {string} why
 * @returns {Outcome}
 */
function notRun(why) {
  return { passed: 0, failed: 0, skipped: 1, notRun: [why] };
}

/** @returns {Outcome} */
function nothingThere() {
  return { passed: 0, failed: 0, skipped: 0 };
}

/** @param {Outcome} outcome */
function mark({ passed, failed, skipped }) {
  if (failed > 0) return '✗';
  return passed === 0 && skipped > 0 ? '-' : '✓';
}

/** @param {string} text */
function indent(text) {
  return text.trimEnd().replace(/^/gm, '    ');
}
