import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { Problem } from './project.mjs';

/**
 * Loki's program: the one that LOKI_BINARY names, else `loki` on PATH.
 *
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {string | undefined} its absolute path; undefined when there is none
 * @throws {Problem} when LOKI_BINARY names something else
 */
export function findLoki(env = process.env) {
  const named = env.LOKI_BINARY;
  if (named) {
    if (isProgram(named)) return resolve(named);
    throw new Problem(`LOKI_BINARY names ${named}, which is no program. Name Loki's, or take the variable away.`);
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = folders.map((folder) => join(folder, 'loki')).find(isProgram);
  return found === undefined ? undefined : resolve(found);
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
