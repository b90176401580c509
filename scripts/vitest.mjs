import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { run } from './child.mjs';
import { inProject, ROOT } from './project.mjs';

/**
 * Runs one vitest project, showing what it shows, and counts its tests from its JSON report.
 *
 * @param {'unit' | 'e2e'} project
 * @param {readonly string[]} args file filters and options
 * @returns {Promise<import('./test.mjs').Outcome>}
 */
export async function runVitest(project, args) {
  const folder = mkdtempSync(join(tmpdir(), 'model-observation-vitest-'));
  const report = join(folder, 'report.json');
  try {
    const { code } = await run(
      inProject('node_modules', '.bin', 'vitest'),
      [
        'run',
        '--project',
        project,
        // Filters are for both projects together; whether any test matched at all is for the caller to say.
        '--passWithNoTests',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${report}`,
        ...args,
      ],
      { cwd: ROOT, inherit: true },
    );
    const outcome = count(readReport(report), code);
    // Tests left out by name were left out on purpose.
    const byName = args.some((arg) => /^(-t|--testNamePattern)/.test(arg));
    return byName ? { ...outcome, notRun: [] } : outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @typedef {{ status: string, fullName: string, ancestorTitles?: string[] }} Case */

/**
 * @typedef {object} Report
 * @property {{ name: string, status: string, assertionResults: Case[] }[]} testResults
 */

/**
 * @param {string} path
 * @returns {Report | null}
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** By the titles of what runs against such a server only: what is missing where it is not there. */
const REAL_SERVERS = {
  'real Loki': 'no Loki here. To fix it: put its program on PATH, or name it in LOKI_BINARY',
  'real Grafana':
    'no Grafana here. To fix it: put its program on PATH, or name it in GRAFANA_BINARY and its home in GRAFANA_HOME',
};

/** @param {number} count */
function cases(count) {
  return `${count} ${count === 1 ? 'case' : 'cases'}`;
}

/**
 * @param {Report | null} report
 * @param {number} code vitest's exit code
 * @returns {import('./test.mjs').Outcome}
 */
function count(report, code) {
  const outcome = { passed: 0, failed: 0, skipped: 0, /** @type {string[]} */ notRun: [] };
  for (const { name, status, assertionResults } of report?.testResults ?? []) {
    const left = assertionResults.filter((test) => test.status !== 'passed' && test.status !== 'failed');
    const skipped = left.length;
    outcome.passed += assertionResults.filter((test) => test.status === 'passed').length;
    outcome.skipped += skipped;
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    // A file that cannot even be loaded fails without a failed test in it.
    outcome.failed += status === 'failed' ? Math.max(failed, 1) : failed;
    let others = skipped;
    for (const [server, why] of Object.entries(REAL_SERVERS)) {
      const without = left.filter((test) => test.ancestorTitles?.[0]?.startsWith(server)).length;
      if (without > 0) outcome.notRun.push(`${server}, ${cases(without)} (${relative(ROOT, name)}) — ${why}`);
      others -= without;
    }
    if (others > 0) outcome.notRun.push(`${relative(ROOT, name)}, ${cases(others)} skipped`);
  }
  // It died, or an error came outside of any test.
  if (code !== 0 && outcome.failed === 0) outcome.failed = 1;
  return outcome;
}
