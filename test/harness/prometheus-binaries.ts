import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Binaries, Program } from '../../scripts/prometheus.mjs';
import { PROJECT_ROOT } from './project-root.js';

const { findBinaries } = (await import(
  pathToFileURL(join(PROJECT_ROOT, 'scripts/prometheus.mjs')).href
)) as typeof import('../../scripts/prometheus.mjs');

const binaries: Binaries = findBinaries();

/**
 * Whether these programs are there; for `describe.runIf(hasPrograms('prometheus'))`, which reports the cases as skipped
 * when they are not.
 */
export function hasPrograms(...programs: readonly Program[]): boolean {
  return programs.every((program) => binaries.paths[program] !== undefined);
}

/**
 * The absolute path of a program.
 *
 * @throws with what to do about it, when it is not there
 */
export function programPath(program: Program): string {
  const path = binaries.paths[program];
  if (path === undefined) throw new Error(`${program}: ${binaries.reason}. To fix it: ${binaries.fix}`);
  return path;
}
