import { findProgram } from './find-program.mjs';

/**
 * Loki's program: the one that LOKI_BINARY names, else `loki` on PATH.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} its absolute path; undefined when there is none
 * @throws {import('./project.mjs').Problem} when LOKI_BINARY names something else
 */
export function findLoki(env = process.env) {
  return findProgram({ title: 'Loki', variable: 'LOKI_BINARY', names: ['loki'] }, env);
}
